package org.postroad.deliverer.delivery;

import org.postroad.schemas.Recipient;

/** One recipient, and what became of it. */
public record RecipientOutcome(Recipient recipient, Outcome outcome) {}
