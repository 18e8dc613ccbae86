package org.postroad.ingress;

import io.prometheus.client.Counter;
import java.util.function.BooleanSupplier;
import org.postroad.ingress.idempotency.LoopRequests;

/** What all connections of one HTTP listener share on one event loop. */
record HttpParts(
        IngressConfig config,
        ListenerMetrics metrics,
        Counter requests,
        Certificates certificates,
        Intake intake,
        Logins logins,
        Composing composing,
        LoopRequests keys,
        Sessions<HttpConnection> connections,
        BooleanSupplier isClosing) {}
