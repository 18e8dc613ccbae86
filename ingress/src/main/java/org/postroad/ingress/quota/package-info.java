/**
 * How much anybody may send: rates, which each node keeps by itself, and quotas, which are exact over all nodes because the order of one
 * log decides them.
 */
@org.jspecify.annotations.NullMarked
package org.postroad.ingress.quota;
