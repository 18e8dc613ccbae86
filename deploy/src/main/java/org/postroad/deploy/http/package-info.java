/** How a process listens for requests about itself. */
package org.postroad.deploy.http;
