/**
 * Programs that are asked about each message before it is accepted: by HTTP, or as milters. Sessions know of it an {@code Inspection} for
 * each message; everything here is confined to the event loop of its session.
 */
@org.jspecify.annotations.NullMarked
package org.postroad.ingress.hook;
