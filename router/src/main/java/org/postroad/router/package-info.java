/**
 * Where each recipient's mail goes, and the bounces of mail that can go nowhere. It reads forward: {@link
 * org.postroad.router.Split}, {@link org.postroad.router.RoutePlan}, {@link org.postroad.router.Routing}, {@link
 * org.postroad.router.RouteProcessor}.
 */
package org.postroad.router;
