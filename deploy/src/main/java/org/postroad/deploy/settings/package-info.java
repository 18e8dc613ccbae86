/** How a configuration is declared and read: one declaration of a key gives its reading, its checks and its documentation. */
package org.postroad.deploy.settings;
