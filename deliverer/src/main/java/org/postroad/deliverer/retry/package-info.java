/** Mail that waits for its next attempt: when that is, by which tiers it gets there, and its release. */
package org.postroad.deliverer.retry;
