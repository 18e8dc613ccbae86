package org.postroad.deliverer.smtp;

import io.netty.util.concurrent.Ticker;

/**
 * What all connections of one event loop have in common.
 *
 * @param ehlo the name we greet by
 * @param ticker the loop's
 * @param measures hear how long each step of each dialog took
 */
public record SmtpClient(String ehlo, TlsUpgrade tls, Ticker ticker, StepTime.Measures measures) {}
