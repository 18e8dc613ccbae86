/** What becomes of each recipient: failures are judged, and when its mail is tried again. */
package org.postroad.deliverer.fate;
