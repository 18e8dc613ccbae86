/** How routers and deliverers ask name servers, of which some may be wrong. */
@org.jspecify.annotations.NullMarked
package org.postroad.schemas.dns;
