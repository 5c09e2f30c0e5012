/**
 * The querylog plugin: a line for each query, in a file. It takes part in the observe phase; see
 * this folder's README.md.
 *
 * <p>A worker's {@link io.flashdns.plugins.querylog.QueryRecorder} copies what a line needs into
 * its ring, as {@link io.flashdns.plugins.querylog.RecordLayout} says; the drain's thread makes
 * {@link io.flashdns.plugins.querylog.LineFormat lines} of it and writes them.
 */
@NullMarked
package io.flashdns.plugins.querylog;

import org.jspecify.annotations.NullMarked;
