/** Outcomes, events and offsets, written in one producer transaction: what is open, what is finished, and its commit. */
package org.postroad.deliverer.commit;
