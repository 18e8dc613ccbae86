/** A delivery that this node has to finish, and its end: what the poller and the event loops hand each other. */
package org.postroad.deliverer.delivery;
