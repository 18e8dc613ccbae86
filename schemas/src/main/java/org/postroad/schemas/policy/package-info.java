/** What operators change while nodes run: policies on the control topic, the one reader that each role follows it by, and their language. */
@org.jspecify.annotations.NullMarked
package org.postroad.schemas.policy;
