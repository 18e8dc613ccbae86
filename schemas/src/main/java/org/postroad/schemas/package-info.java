/** The shared language of the nodes: what travels between them, by which topic, and in which words. */
package org.postroad.schemas;
