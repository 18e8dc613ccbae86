/** What a request that posts mail by HTTP says, and how its mail is composed; knows neither connections nor Kafka. */
@org.jspecify.annotations.NullMarked
package org.postroad.ingress.http;
