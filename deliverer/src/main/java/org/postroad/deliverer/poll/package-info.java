/** From the outbound topic to the event loops and back: what is open, what is finished, and its commit. */
package org.postroad.deliverer.poll;
