/** The addresses of a route: found, put in order, and what is remembered of each. */
package org.postroad.deliverer.address;
