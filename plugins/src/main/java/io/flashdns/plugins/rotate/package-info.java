/**
 * The rotate plugin: turns the addresses of an answer round, so that clients that take the first
 * one are spread over all. It takes part in the shape phase; see this folder's README.md.
 */
@NullMarked
package io.flashdns.plugins.rotate;

import org.jspecify.annotations.NullMarked;
