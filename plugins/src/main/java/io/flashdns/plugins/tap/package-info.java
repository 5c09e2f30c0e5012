/**
 * What plugins use that write down each query: a way from the workers to a thread of their own that
 * never makes a worker wait.
 *
 * <p>Each worker copies the facts of a query into a {@link io.flashdns.plugins.tap.RecordRing} of
 * its own. One thread, the {@link io.flashdns.plugins.tap.RingDrain}, empties all rings and hands
 * each record to a {@link io.flashdns.plugins.tap.RecordSink}, which gives it a form and writes it.
 * When the sink is slow or fails, rings fill; what finds no room is dropped and counted by the
 * worker, and DNS goes on. So what was offered is always what was written and what was dropped or
 * lost.
 *
 * <p>{@link io.flashdns.plugins.tap.RollingFile} is a file of bounded size that makes room by
 * renaming itself.
 */
@NullMarked
package io.flashdns.plugins.tap;

import org.jspecify.annotations.NullMarked;
