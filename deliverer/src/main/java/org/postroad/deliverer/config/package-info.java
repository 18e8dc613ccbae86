/** What an operator tells a deliverer, and which limits hold for each destination. */
package org.postroad.deliverer.config;
