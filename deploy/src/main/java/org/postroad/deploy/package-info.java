/** The runnable distribution. */
package org.postroad.deploy;
