package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;

class MovedTest {
    private final Moved moved = new Moved(new Fingerprint(4_711));

    @Test
    void whatDidNotMoveIsMetWhereverItIs() {
        Envelope still = Mails.envelope("Q1", "a", "b");
        assertThat(moved.meet(still)).isEqualTo(2);
        assertThat(moved.meet(still)).isEqualTo(2);
        assertThat(moved.keep(still)).isNull();
        assertThat(moved.untold(still)).isEqualTo(2);
    }

    @Test
    void eachOfTheMovedIsMetOnce() {
        moved.add(Mails.envelope("Q1", "a"));
        Envelope both = Mails.envelope("Q1", "a", "b");
        assertThat(moved.meet(both)).isEqualTo(2);
        assertThat(moved.meet(both)).isEqualTo(1);
        assertThat(moved.meet(event(Event.Kind.DELIVERED, "Q1", "a", "b"))).isEqualTo(1);
    }

    @Test
    void anotherMessageOrGenerationIsAnother() {
        moved.add(Mails.envelope("Q1", "a"));
        assertThat(moved.meet(Mails.envelope("Q1", "a"))).isEqualTo(1);
        Envelope replayed = Mails.envelope("Q1", "a");
        replayed.put("generation", 1);
        assertThat(moved.meet(replayed)).isEqualTo(1);
        assertThat(moved.meet(replayed)).isEqualTo(1);
        assertThat(moved.meet(Mails.envelope("Q2", "a"))).isEqualTo(1);
        assertThat(moved.meet(Mails.envelope("Q1", "A"))).isEqualTo(1);
    }

    @Test
    void whatWasCreatedCountsOnceItIsMet() {
        moved.add(event(Event.Kind.ACCEPTED, "Q1", "a", "b"));
        moved.add(event(Event.Kind.GENERATED, "Q2", "s"));
        moved.add(event(Event.Kind.REPLAYED, "Q3", "r"));
        assertThat(moved.born(Event.Kind.ACCEPTED)).isZero();
        moved.meet(Mails.envelope("Q1", "b"));
        moved.meet(event(Event.Kind.DELIVERED, "Q2", "s"));
        assertThat(moved.born(Event.Kind.ACCEPTED)).isEqualTo(1);
        assertThat(moved.born(Event.Kind.GENERATED)).isEqualTo(1);
        assertThat(moved.born(Event.Kind.REPLAYED)).isZero();
        assertThat(moved.born(Event.Kind.DELIVERED)).isZero();
    }

    @Test
    void mailOfInboundCountsAsAcceptedUnlessItsEventIsThere() {
        Envelope mail = Mails.envelope("Q1", "a", "b");
        moved.add(mail);
        assertThat(moved.untold(mail)).isEqualTo(2);
        moved.add(event(Event.Kind.ACCEPTED, "Q1", "a"));
        assertThat(moved.untold(mail)).isEqualTo(1);
        moved.meet(mail);
        assertThat(moved.untold(mail)).isZero();
        assertThat(moved.born(Event.Kind.ACCEPTED)).isEqualTo(1);
    }

    @Test
    void keepsTheRecipientsOfAMovedShareForLater() {
        moved.add(Mails.envelope("Q1", "a"));
        Envelope share = Mails.envelope("Q1", "a", "b");
        long[] kept = Objects.requireNonNull(moved.keep(share));
        assertThat(moved.meet(Mails.envelope("Q1", "a"))).isEqualTo(1);
        assertThat(moved.meet(kept)).isEqualTo(1);
    }

    @Test
    void saysWhenMoreMoveThanItCanTellApart() {
        for (int i = 0; i <= Moved.MOST; i++) {
            assertThat(moved.isTooMany()).isFalse();
            moved.add(Mails.envelope("Q" + i, "a"));
        }
        moved.add(Mails.envelope("ANOTHER", "a"));
        assertThat(moved.isTooMany()).isTrue();
    }

    private static StoredEvent event(Event.Kind kind, String queueId, String... addresses) {
        byte[] json = Event.of(kind, 1, Mails.envelope(queueId, addresses), Mails.recipients(addresses))
                .toJson();
        return Objects.requireNonNull(StoredEvent.parse(new String(json, UTF_8).getBytes(UTF_8)));
    }
}
