/** What operators change while nodes run: policies on the control topic, the one reader of a role that follows it, and their language. */
@org.jspecify.annotations.NullMarked
package org.postroad.schemas.policy;
