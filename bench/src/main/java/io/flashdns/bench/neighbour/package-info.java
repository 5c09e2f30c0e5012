/**
 * Does a flood on one tenant's zones hurt another tenant? {@link
 * io.flashdns.bench.neighbour.NoisyNeighbour} is the program.
 *
 * <p>A server with two workers runs in this process, on a free port of the loopback interface: the
 * tenancy plugin, the zone plugin, two tenants with a zone each. Tenant B is asked steadily, on a
 * timetable that waits for nobody (an open loop: a slow server gets no rest). Tenant A has a budget
 * and is asked not at all, as often as its budget allows, or ten times as often, in turns.
 */
@NullMarked
package io.flashdns.bench.neighbour;

import org.jspecify.annotations.NullMarked;
