/**
 * Where zones and their history are kept: the contract of a store, and the rules of a change that
 * are the same in every store.
 *
 * <p><b>One line of revisions.</b> A store has one growing number, its revision. A {@link
 * io.flashdns.core.store.ChangeSet change set} is atomic: all of it becomes visible at one new
 * revision, or none of it does. What was acknowledged is on stable storage. These are the semantics
 * of etcd, so that one contract fits a store in a local file and a cluster.
 *
 * <p><b>Content is RRsets.</b> Within a zone the unit of change, of guards and of history is the
 * RRset (RFC 2181 §5): owner, type, TTL, data. A {@link io.flashdns.core.store.RRset} is immutable
 * and its data stands in canonical order, so that two of them are equal exactly when they say the
 * same.
 *
 * <p><b>Everything arrives as an event.</b> Who serves zones follows {@link
 * io.flashdns.core.store.ZoneStore#watch} from the revision that it has: its own writes, those of
 * others, and what happened while it was away look alike.
 *
 * <p><b>What is decided with a change is written with it.</b> A change set may bring a {@link
 * io.flashdns.core.store.Decision}, which runs where nothing can change under it, and writes {@link
 * io.flashdns.core.store.Document documents}, entries of the {@linkplain
 * io.flashdns.core.store.JournalEntry journal} and the answer of a request id in the same
 * transaction. What documents say is unknown to the store.
 *
 * <p>Names of organisations, projects and views are text here; what they are called on the path of
 * a query is decided where zones are served.
 */
@NullMarked
package io.flashdns.core.store;

import org.jspecify.annotations.NullMarked;
