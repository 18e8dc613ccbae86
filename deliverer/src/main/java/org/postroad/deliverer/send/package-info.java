/** Destinations: what waits for each, how many connections it gets, each delivery's attempt, and the judgement of it. */
package org.postroad.deliverer.send;
