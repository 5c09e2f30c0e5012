/**
 * {@code flashdns bench compare}: this server beside others and beside the floor, in one run.
 *
 * <p><b>What runs.</b> Each {@link io.flashdns.bench.compare.Contender} is started by {@link
 * io.flashdns.bench.compare.ServerProcess} on the first processor that this process may use, in a
 * folder of its own, with one worker: builds of this server by their launcher, {@link
 * io.flashdns.bench.compare.Peer}s with as little configuration as serves the zones, and the {@link
 * io.flashdns.bench.compare.Floor}, a C program that sends back what it receives. The load
 * generator of {@link io.flashdns.bench.load} is this process; all its threads are on the other
 * processors.
 *
 * <p><b>In turn.</b> {@link io.flashdns.bench.compare.SteadyParts} have all servers up and ask one
 * after the other, round after round, so that whatever else the machine does meets all of them.
 * {@link io.flashdns.bench.compare.StartParts} have one up at a time. Processor time is that of the
 * whole process tree, from {@code /proc}, in hundredths of a second: a round should take a second
 * or more.
 *
 * <p><b>What is said.</b> Every round is kept ({@link io.flashdns.bench.compare.Round}) and goes
 * into the JSON. A figure is the median of its rounds with the least and the most ({@link
 * io.flashdns.bench.compare.Spread}), a ratio that of two medians of one run; {@link
 * io.flashdns.bench.compare.Statement} says where a peer is better. Replies are held against what
 * they must be, those of the floor are not; a wrong one makes the status 1. What was not sent in
 * time, lost or truncated is counted.
 *
 * <p><b>A part of its own</b> is a constant of {@link io.flashdns.bench.compare.Part} with its
 * figures, a method of one of the two classes, and a line in {@link
 * io.flashdns.bench.compare.CompareCommand}; tables and plots follow from the figures. A server is
 * a constant of {@code Peer}.
 *
 * <p><b>Ending.</b> Ctrl-C interrupts the run; what there is is written, and no server is left
 * behind. SIGKILL of this process leaves them, as it must.
 */
@NullMarked
package io.flashdns.bench.compare;

import org.jspecify.annotations.NullMarked;
