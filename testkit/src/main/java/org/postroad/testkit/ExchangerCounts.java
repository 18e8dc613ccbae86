package org.postroad.testkit;

/** What an exchanger has counted since it started; mails are those whose final dot got 250. */
public record ExchangerCounts(
        long connections, long openConnections, long maxOpenConnections, long mails, long recipients, long octets) {

    ExchangerCounts opened() {
        return new ExchangerCounts(
                connections + 1,
                openConnections + 1,
                Math.max(maxOpenConnections, openConnections + 1),
                mails,
                recipients,
                octets);
    }

    ExchangerCounts closed() {
        return new ExchangerCounts(connections, openConnections - 1, maxOpenConnections, mails, recipients, octets);
    }

    ExchangerCounts took(int moreRecipients, long moreOctets) {
        return new ExchangerCounts(
                connections,
                openConnections,
                maxOpenConnections,
                mails + 1,
                recipients + moreRecipients,
                octets + moreOctets);
    }
}
