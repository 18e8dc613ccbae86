/** The command line: each command says what it did in lines for people, or in JSON, and ends with a code for scripts. */
package org.postroad.deploy.command;
