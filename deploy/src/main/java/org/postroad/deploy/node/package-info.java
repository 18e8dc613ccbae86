/** The life of a process: which roles run in it, what it tells about itself, how it ends. */
package org.postroad.deploy.node;
