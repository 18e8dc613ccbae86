/** Mail that waits: when it leaves its tier, what is called back early, and what operators want done with it. */
package org.postroad.deliverer.retry;
