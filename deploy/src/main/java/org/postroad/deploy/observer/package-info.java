/** The read side: an index of the events, and what it answers. */
package org.postroad.deploy.observer;
