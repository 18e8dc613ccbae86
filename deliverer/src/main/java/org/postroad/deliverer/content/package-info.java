/** The octets of messages that travel outside their envelopes: read from the content topic, a few chunks ahead. */
package org.postroad.deliverer.content;
