package io.flashdns.plugins.cookies;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;

/**
 * Checks the server cookie of a query and puts one into the reply.
 *
 * <pre>
 *  0                                8        9         12          16               24
 * +--------------------------------+---------+----------+-----------+----------------+
 * |         client cookie          | version | reserved | timestamp |      hash      |
 * +--------------------------------+---------+----------+-----------+----------------+
 * </pre>
 *
 * The hash is that of all before it and the client's address, under a secret (RFC 9018 §4). The
 * timestamp counts seconds modulo 2^32 and is compared as a serial number (§4.3, RFC 1982).
 *
 * <p>Owned by one worker. Without the option: one look at the query. Allocates nothing.
 */
final class CookieGate implements Gate {
  /** Members of the family of counters. */
  private static final int CLIENT_ONLY = 0;

  private static final int VALID = 1;
  private static final int INVALID = 2;
  private static final int MALFORMED = 3;

  /** BADCOOKIE (RFC 7873 §8). */
  private static final int BADCOOKIE = 23;

  private static final int CLIENT_BYTES = 8;
  private static final int MIN_BOTH_BYTES = 16;
  private static final int MAX_BOTH_BYTES = 40;
  private static final int COOKIE_BYTES = 24;

  private static final int VERSION = 8;
  private static final int TIMESTAMP = 12;
  private static final int HASH = 16;

  /** Version 1 and three reserved octets, as one number. */
  private static final int VERSION_1 = 0x0100_0000;

  /** RFC 9018 §4.3: older ones are of no use, and so are those from further ahead. */
  private static final int MAX_AGE_SECONDS = 3_600;

  private static final int MAX_AHEAD_SECONDS = 300;

  /** RFC 9018 §4.3: an older one is renewed. */
  private static final int RENEW_SECONDS = 1_800;

  private static final int IPV4_COOKIE_WORDS = 3;
  private static final int IPV6_COOKIE_WORDS = 5;
  private static final int IPV4_HASHED_BYTES = HASH + 4;
  private static final int IPV6_HASHED_BYTES = HASH + 16;
  private static final int IPV4_MAPPED = 0xffff;

  private final CookiesPlugin plugin;
  private final boolean badcookie;
  private final Counts counts;
  private final int queries;

  /** What is hashed: client cookie, the rest before the hash, the address, the last word. */
  private final long[] words = new long[IPV6_COOKIE_WORDS];

  private final byte[] cookie = new byte[COOKIE_BYTES];

  CookieGate(CookiesPlugin plugin, boolean badcookie, Counts counts, int queries) {
    this.plugin = plugin;
    this.badcookie = badcookie;
    this.counts = counts;
    this.queries = queries;
  }

  @Override
  public Verdict admit(Query query, Response response) {
    int option = query.optionOffset(EdnsOption.COOKIE);
    return option < 0 ? Verdict.CONTINUE : admit(query, response, option);
  }

  private Verdict admit(Query query, Response response, int option) {
    int length = query.optionLength(option);
    if (length != CLIENT_BYTES && (length < MIN_BOTH_BYTES || length > MAX_BOTH_BYTES)) {
      counts.increment(queries + MALFORMED);
      response.rcode(Rcode.FORMERR);
      return Verdict.RESPOND;
    }
    Secrets secrets = plugin.secrets();
    int count = putAddress(query);
    byte[] message = query.message();
    words[0] = Long.reverseBytes(Wire.s64(message, option));
    if (length == COOKIE_BYTES) {
      int age = age(query, Wire.s32(message, option + TIMESTAMP));
      if (message[option + VERSION] == 1 && age <= MAX_AGE_SECONDS && age >= -MAX_AHEAD_SECONDS) {
        words[1] = Long.reverseBytes(Wire.s64(message, option + VERSION));
        long hash = Long.reverseBytes(Wire.s64(message, option + HASH));
        int signer = secrets.signerOf(hash, words, count);
        if (signer != Secrets.NOBODY) {
          counts.increment(queries + VALID);
          query.proveSource();
          if (signer == 0
              && age <= RENEW_SECONDS
              && Wire.s32(message, option + VERSION) == VERSION_1) {
            response.addOption(EdnsOption.COOKIE, message, option, COOKIE_BYTES);
          } else {
            addFresh(query, response, option, secrets, count);
          }
          return Verdict.CONTINUE;
        }
      }
    }
    counts.increment(queries + (length == CLIENT_BYTES ? CLIENT_ONLY : INVALID));
    addFresh(query, response, option, secrets, count);
    if (badcookie && !query.isSourceProven()) {
      response.rcode(BADCOOKIE);
      return Verdict.RESPOND;
    }
    return Verdict.CONTINUE;
  }

  private static int age(Query query, int timestamp) {
    return (int) query.epochSeconds() - timestamp;
  }

  /** Puts the client's address behind the first two words. Returns the number of all words. */
  private int putAddress(Query query) {
    long hi = query.sourceHi();
    long lo = query.sourceLo();
    if (hi == 0 && lo >>> 32 == IPV4_MAPPED) {
      long address = Integer.reverseBytes((int) lo) & 0xffff_ffffL;
      words[2] = SipHash.lastWord(address, IPV4_HASHED_BYTES);
      return IPV4_COOKIE_WORDS;
    }
    words[2] = Long.reverseBytes(hi);
    words[3] = Long.reverseBytes(lo);
    words[4] = SipHash.lastWord(0, IPV6_HASHED_BYTES);
    return IPV6_COOKIE_WORDS;
  }

  /** Makes a cookie for the client whose own part and address are in the words. */
  private void addFresh(Query query, Response response, int option, Secrets secrets, int count) {
    Wire.put64(cookie, 0, Wire.s64(query.message(), option));
    Wire.put32(cookie, VERSION, VERSION_1);
    Wire.put32(cookie, TIMESTAMP, (int) query.epochSeconds());
    words[1] = Long.reverseBytes(Wire.s64(cookie, VERSION));
    Wire.put64(cookie, HASH, Long.reverseBytes(secrets.sign(words, count)));
    response.addOption(EdnsOption.COOKIE, cookie, 0, COOKIE_BYTES);
  }
}
