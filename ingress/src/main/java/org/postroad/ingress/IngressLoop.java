package org.postroad.ingress;

import io.netty.channel.EventLoop;

/** All that one event loop serves. */
record IngressLoop(SessionLoop smtp, HttpLoop http) {
    EventLoop loop() {
        return smtp.loop();
    }

    /** Whether new messages are taken on. */
    boolean isWell() {
        return smtp.isWell();
    }

    /** Ends everything, what holds a message after its answer. */
    void close() {
        smtp.close();
        http.close();
    }
}
