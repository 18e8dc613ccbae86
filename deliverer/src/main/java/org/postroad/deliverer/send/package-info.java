/** Destinations: what waits for each, whose turn is next, which connection it goes on, and each delivery's attempt. */
package org.postroad.deliverer.send;
