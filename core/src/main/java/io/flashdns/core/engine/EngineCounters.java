package io.flashdns.core.engine;

import java.util.List;

/**
 * Counts since the engine was made, summed over its workers.
 *
 * @param udpQueries messages that came over UDP
 * @param tcpQueries messages that came over TCP
 * @param replies replies that were handed to the transport
 * @param dropped messages that got no reply, too short ones and responses (QR) among them
 * @param malformed messages that were answered with FORMERR
 * @param truncated replies with TC
 * @param faults exceptions that hooks threw
 * @param byRcode replies by response code; the index is the code
 */
public record EngineCounters(
    long udpQueries,
    long tcpQueries,
    long replies,
    long dropped,
    long malformed,
    long truncated,
    long faults,
    List<Long> byRcode) {}
