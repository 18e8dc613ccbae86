/** What passes between the poller and the event loops: immutable values, and the interfaces they cross by. */
package org.postroad.deliverer.work;
