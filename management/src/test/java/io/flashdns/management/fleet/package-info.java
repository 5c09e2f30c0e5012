/**
 * A whole fleet on one machine: three members of etcd and three servers, each in a network
 * namespace of its own behind one bridge, so that any of them can be killed, stopped, cut off from
 * any other, or made to lose packets. It needs root, etcd, iproute2 and nftables; without them the
 * tests are skipped, and with {@code -Dflashdns.require.peers} they fail without the programs.
 *
 * <p>While faults come and go, {@link io.flashdns.management.fleet.Probe} asks every server a
 * hundred times a second for records that it has, {@link io.flashdns.management.fleet.Writers} make
 * changes through whatever server they like and keep a ledger of what was acknowledged, and {@link
 * io.flashdns.management.fleet.Digests} says when all are equal again.
 *
 * <pre>
 * mvn -pl management -am test -Dtest=FaultTest                  # each kind of fault once
 * mvn -pl management -am test -Dtest=FaultTest -Dcampaign -Dfleet.results=FILE -Dfleet.seed=N
 * mvn -pl management -am test -Dtest=VisibleEverywhereTest
 * </pre>
 *
 * <p>A thread can change its namespace, and what it opens and starts from then on is in there. So
 * probes, writers and the starting of processes are threads of the test, and no agents are needed.
 */
@NullMarked
package io.flashdns.management.fleet;

import org.jspecify.annotations.NullMarked;
