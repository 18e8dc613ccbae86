/** Mail that waits for its next attempt: when it leaves its tier, and what is called back early. */
package org.postroad.deliverer.retry;
