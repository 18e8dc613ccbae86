/** SMTP in, Kafka out: a session's commands become an envelope that is durable before the client hears 250. */
package org.postroad.ingress;
