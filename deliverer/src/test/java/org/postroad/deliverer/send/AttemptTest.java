package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.client.CollectorRegistry;
import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpClient;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.TlsUpgrade;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.schemas.TlsPolicy;
import org.postroad.testkit.ManualClock;

/** How far an attempt comes, by itself: nobody carries it. */
class AttemptTest implements Attempt.Events, SmtpConnection.Owner {
    private final Attempt attempt = new Attempt(
            Deliveries.to(Deliveries.smarthost(25), "a@example.test").open(0),
            (reference, chunk, loop, receiver) -> {},
            this);
    private final SmtpConnection connection = new SmtpConnection(
            Endpoint.of("mx.test", InetAddress.getLoopbackAddress(), 25, TlsPolicy.NONE),
            new SmtpClient(
                    "mail.sender.test",
                    TlsUpgrade.create(),
                    new ManualClock(),
                    new SendMetrics(new CollectorRegistry())),
            this,
            attempt);

    @Test
    void whatEndsWhileItIsSentMustNotBeSentFurther() {
        Transaction transaction = send();
        assertThat(transaction.isTakenBack()).isFalse();
        assertThat(attempt.state().connection()).isSameAs(connection);
        attempt.end();
        assertThat(transaction.isTakenBack()).isTrue();
        assertThat(attempt.state().connection()).isNull();
    }

    @Test
    void whatHasEndedStaysSo() {
        send();
        attempt.end();
        attempt.disconnected();
        assertThat(attempt.isEnded()).isTrue();
        assertThatThrownBy(attempt::end).isInstanceOf(AssertionError.class).hasMessageContaining("a second end");
    }

    @Test
    void whatLeavesIsWantedNoMoreAndNotEnded() {
        assertThat(attempt.isWanted()).isTrue();
        attempt.leave();
        assertThat(attempt.isWanted()).isFalse();
        assertThat(attempt.isEnded()).isFalse();
    }

    private Transaction send() {
        attempt.connected(connection);
        return Objects.requireNonNull(attempt.sendOn(connection, 0));
    }

    @Override
    public SmtpConnection.Owner owner() {
        return this;
    }

    @Override
    public void opened(Attempt one, SmtpConnection on) {}

    @Override
    public void notOpened(Attempt one, SmtpConnection on, Breakdown why) {}

    @Override
    public void dotDue(Attempt one, SmtpConnection on) {}

    @Override
    public void promoted(Attempt one) {}

    @Override
    public void ended(Attempt one, SmtpConnection on, Transaction transaction) {}

    @Override
    public void idle(SmtpConnection on) {}

    @Override
    public void closed(SmtpConnection on) {}
}
