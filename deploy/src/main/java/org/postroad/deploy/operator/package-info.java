/** What operators ask of a cluster: all answers come from the topics, none from a node's memory. */
package org.postroad.deploy.operator;
