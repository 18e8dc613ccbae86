/** From the outbound topic to the event loops: membership of the group, and what is taken when. */
package org.postroad.deliverer.poll;
