/** A road with both ends: clients that send, exchangers that accept, greylist and refuse. */
package org.postroad.deploy.demo;
