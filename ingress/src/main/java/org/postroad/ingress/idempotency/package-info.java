/** Requests with a key of their own: what becomes of a repetition, on whichever node it comes; knows neither HTTP nor mail. */
@org.jspecify.annotations.NullMarked
package org.postroad.ingress.idempotency;
