package org.postroad.ingress;

import io.prometheus.client.Counter;

/** What all connections of one HTTP listener share on one event loop. */
record HttpParts(
        IngressConfig config,
        ListenerMetrics metrics,
        Counter requests,
        Certificates certificates,
        Intake intake,
        Logins logins,
        Composing composing,
        Sessions<HttpConnection> connections) {}
