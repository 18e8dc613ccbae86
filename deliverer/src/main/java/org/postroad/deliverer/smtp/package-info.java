/** The dialog with one exchanger: parsing, the state of the session and its I/O, each apart; nothing here judges. */
package org.postroad.deliverer.smtp;
