/**
 * Zones and their history in etcd, shared by many equal nodes.
 *
 * <p><b>What etcd holds.</b> A log. Every change set, with all that it writes (zones, documents,
 * audit, the answer that its request id gets), is part of a group; a group is one key, written in
 * one transaction that also moves the key {@code head}, and only if {@code head} says that nothing
 * came between. So the nodes agree on one order, each group was decided (tenants, quotas, names,
 * versions) against exactly the state that it changes, and two nodes that race cannot both win. Now
 * and then a node writes an image of everything, and what the image contains leaves the log.
 *
 * <p><b>What a node holds.</b> A whole copy in the format of the embedded store, with the number of
 * the last group in it. Everything is read from the copy: queries, calls that read, lists, history.
 * Without etcd a node serves for ever, also after a restart; it takes no changes, and says so
 * within five seconds.
 *
 * <p><b>Following.</b> One watch wakes a node; it is not trusted. Groups have consecutive numbers,
 * so one that was lost, doubled or came too early is noticed with the next; the head is read every
 * second besides; and whatever is odd about the watch (an error, its end, silence, compaction) ends
 * it: the log is then read from the copy's own number on, and watched from there. {@code head} has
 * a digest of everything: a copy that differs is fetched anew.
 *
 * <p><b>Unknown outcomes.</b> A transaction whose reply is lost is sent again, the same octets
 * under the same condition. If the first was made, the second finds its own group in the log; if
 * not, the second excludes that it ever will be. So nothing is made twice and, while etcd answers,
 * nothing stays unknown.
 *
 * <p>etcd's roles are no wall between tenants; its user should have its prefix alone, over mutual
 * TLS.
 */
@NullMarked
package io.flashdns.management.etcd;

import org.jspecify.annotations.NullMarked;
