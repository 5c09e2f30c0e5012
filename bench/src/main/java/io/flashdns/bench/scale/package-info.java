/**
 * Many zones, and many changes: {@link io.flashdns.bench.scale.WriteZones} writes a folder of zone
 * files, {@link io.flashdns.bench.scale.AskZones} asks a server for random names of them and knows
 * what must come back, {@link io.flashdns.bench.scale.ChangeLatency} measures how soon a change is
 * seen by who asks, and what changes do to those who ask for something else, {@link
 * io.flashdns.bench.scale.ApiLoad} calls the API of a server from outside.
 */
@NullMarked
package io.flashdns.bench.scale;

import org.jspecify.annotations.NullMarked;
