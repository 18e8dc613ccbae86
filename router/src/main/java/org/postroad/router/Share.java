package org.postroad.router;

import org.postroad.schemas.Envelope;

/** One domain's part of a message, at most 100 recipients. */
record Share(String domain, Envelope envelope) {}
