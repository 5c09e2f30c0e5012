/**
 * The plugin SPI: how a query is decided, by whom, and in which order.
 *
 * <h2>The life of a query</h2>
 *
 * <p>A query passes five phases. In each the engine asks the hooks that plugins brought, in the
 * order of the configuration, until one does not say {@link
 * io.flashdns.core.plugin.Verdict#CONTINUE}:
 *
 * <ol>
 *   <li>{@link io.flashdns.core.plugin.Gate}: source, header and EDNS; no zone is known yet. May
 *       the sender ask?
 *   <li>{@link io.flashdns.core.plugin.Router}: which view. After it the engine finds the zone.
 *   <li>{@link io.flashdns.core.plugin.Answerer}: writes the answer. When nobody does, the answer
 *       is REFUSED.
 *   <li>{@link io.flashdns.core.plugin.Shaper}: may drop or truncate the reply, or add EDNS
 *       options; may not rewrite it.
 *   <li>{@link io.flashdns.core.plugin.Observer}: sees query and reply, dropped ones too; cannot
 *       change anything.
 * </ol>
 *
 * <h2>Rules for hooks</h2>
 *
 * <ul>
 *   <li><b>Thread</b>: {@link io.flashdns.core.plugin.Plugin#hooks} is called once for each worker,
 *       and the hooks it returns are called by that worker's thread alone. Plain fields, no locks.
 *   <li><b>Ownership</b>: {@link io.flashdns.core.plugin.Query} and {@link
 *       io.flashdns.core.plugin.Response} are views that the worker fills again for the next
 *       packet. Copy what must outlive the call.
 *   <li><b>Time</b>: a hook runs on the event loop. It must not block, sleep, wait for a lock or
 *       call a remote service; a watchdog names plugin and stack when it does. A look at the clock
 *       costs more than most hooks: {@link io.flashdns.core.plugin.Query#receivedNanos} is free.
 *   <li><b>Errors</b>: what a hook throws, and a null for a verdict, is counted against its plugin.
 *       In phases 1 to 3 the client gets SERVFAIL, in 4 and 5 the reply stands. After repeated
 *       faults a breaker takes the plugin out for a while ({@link
 *       io.flashdns.core.plugin.PluginFactory#failsClosed}). Nothing is logged for a single query.
 *   <li><b>Cost</b>: a hook should allocate nothing per query; {@code io.flashdns.core.embedded}
 *       measures it.
 * </ul>
 */
@NullMarked
package io.flashdns.core.plugin;

import org.jspecify.annotations.NullMarked;
