/** The other side of every wire: a scriptable mail exchanger, DNS from a zone text, a manual clock, transcripts. */
@NullMarked
package org.postroad.testkit;

import org.jspecify.annotations.NullMarked;
