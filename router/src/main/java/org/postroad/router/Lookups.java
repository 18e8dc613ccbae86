package org.postroad.router;

import java.util.concurrent.CompletionStage;

/** Asks for a domain's mail exchangers; the answer may come on any thread. */
interface Lookups {
    CompletionStage<MxAnswer> exchangersOf(String domain);
}
