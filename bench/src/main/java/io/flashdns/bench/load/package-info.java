/**
 * The load generator: {@code flashdns bench load}, and {@code flashdns bench workload}, which
 * writes zones and queries for it. It asks any DNS server by UDP or TCP, and holds each reply
 * against what it must be.
 *
 * <p><b>From Java</b> a load is {@link io.flashdns.bench.load.LoadSettings}, {@link
 * io.flashdns.bench.load.Load#run} and {@link io.flashdns.bench.load.LoadResult}:
 *
 * <pre>{@code
 * Queries queries = QueryFile.read(Path.of("hit.q"));
 * LoadSettings settings = LoadSettings.of(server, queries)
 *     .withDuration(Duration.ofSeconds(3), Duration.ofSeconds(2))
 *     .withServerPids(List.of(pid));
 * LoadResult result = new Load(settings).run(second -> {});
 * double micros = result.serverMicrosPerQuery();
 * }</pre>
 *
 * <p><b>Queries</b> come from a list in dnsperf's format ({@link
 * io.flashdns.bench.load.QueryFile}), from a {@link io.flashdns.bench.load.Workload}, or are random
 * names below a zone, a new one each time. They are whole messages in memory before the first is
 * sent; sending one is a copy and two octets of id.
 *
 * <p><b>Two loops</b> ({@link io.flashdns.bench.load.Pace}). The closed one keeps a number of
 * queries out on each socket and finds what a server can do. The open one sends on a timetable,
 * waits for nobody, and finds what clients see: latency counts from the planned moment, so that a
 * server, or a generator, that stops for a second has a second of bad latencies and not one bad
 * reply. What could not be sent in time is the backlog, and at the end {@code notSent}.
 *
 * <p><b>A thread</b> has its own sockets, memory, counters and histogram, and shares nothing on the
 * way of a query. By UDP it goes round its sockets with {@code recvmmsg} and {@code sendmmsg}
 * ({@link io.flashdns.transport.QuerySocket}); nothing is allocated. With nothing to do it rests
 * for 20 microseconds, or an eighth of the time for which it has had nothing to do, and the kernel
 * adds some 50: latencies are measured with that error, with {@code spin} without it.
 *
 * <p><b>Each query is answered or lost</b>: {@code sent = received + lost}, the warm-up left out. A
 * reply belongs to a query by socket and id; a second one is a duplicate, one after the timeout is
 * late, any other is a stray, and none of these is received. A reply is wrong when it is no
 * response, does not repeat the question, or has another rcode, number of answers or first address
 * than expected; it counts as received all the same.
 *
 * <p><b>Processor time</b> of the generator is that of its process from the end of the warm-up to
 * the end of sending. The just-in-time compiler is in it, and needs two to three seconds of a
 * processor before it is out of it: warm up as long where that figure matters.
 */
@NullMarked
package io.flashdns.bench.load;

import org.jspecify.annotations.NullMarked;
