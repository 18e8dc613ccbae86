/** Compares mail servers side by side on one machine; run by {@code deploy/bench/run}. */
package org.postroad.bench;
