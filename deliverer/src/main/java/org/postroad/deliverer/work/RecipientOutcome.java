package org.postroad.deliverer.work;

import org.postroad.schemas.Recipient;

/** One recipient with its fate. */
public record RecipientOutcome(Recipient recipient, Outcome outcome) {}
