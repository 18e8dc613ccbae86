package org.postroad.ingress;

/** What all sessions of one listener share on one event loop. */
record SessionParts(
        IngressConfig config,
        ListenerMetrics metrics,
        Certificates certificates,
        CommandParser parser,
        Intake intake,
        Logins logins,
        Sessions<SessionHandler> sessions,
        ProtocolLog protocolLog) {

    /** @param progress hears what goes on without the client */
    SmtpSession session(Admission client, Progress progress) {
        return new SmtpSession(config, metrics, client, intake, logins, sessions.counts(), progress);
    }
}
