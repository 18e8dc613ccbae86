/** Who logs in: the users file, SASL (RFC 4422) as SMTP carries it (RFC 4954), and checks of passwords that hold up no event loop. */
@org.jspecify.annotations.NullMarked
package org.postroad.ingress.auth;
