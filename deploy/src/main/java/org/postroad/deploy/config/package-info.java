/** One YAML file, overridden by the environment, turned into what each role is told. */
package org.postroad.deploy.config;
