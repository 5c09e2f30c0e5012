package io.flashdns.bench.compare;

import io.flashdns.bench.load.Queries;

/**
 * A list of questions and how replies to it are checked.
 *
 * @param goodRcodes a bit for each rcode that is right, where the list does not say what must come
 *     back; 0 for any
 */
record Asked(Queries queries, int goodRcodes) {}
