package io.flashdns.management.identity;

import io.flashdns.core.plugin.Network;
import io.flashdns.proto.v1.AuthenticationMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recognises API tokens. Each is looked up each time: one that was revoked is gone at once. Safe
 * for all threads.
 */
final class ApiTokens {
  private static final long IPV4_LO = 0xffff_0000_0000L;

  private final TokenLookup tokens;
  private final InstantSource clock;
  private final Refusals refusals;

  ApiTokens(TokenLookup tokens, InstantSource clock, Refusals refusals) {
    this.tokens = tokens;
    this.clock = clock;
    this.refusals = refusals;
  }

  /**
   * Whose secret it is. What is wrong with a token that is not taken is not told, for that would
   * tell a thief that it is worth trying from elsewhere.
   */
  Principal authenticate(String secret, InetSocketAddress source) throws UnauthenticatedException {
    if (!TokenSecrets.isPlausible(secret)) {
      throw refusals.refuse(
          Refusal.API_TOKEN, "the API token is mistyped or cut short: copy all of it again");
    }
    KnownToken token = tokens.byHash(TokenSecrets.hash(secret), source);
    if (token == null
        || !clock.instant().isBefore(token.expires())
        || !isIn(token.sourceNetworks(), source.getAddress())) {
      throw refusals.refuse(
          Refusal.API_TOKEN,
          "the API token is not valid here: it is unknown or has ended, or it may not be used from"
              + " this address; make a new one, or call from where it may be used");
    }
    tokens.accepted(token);
    return new Principal(
        "token:" + token.id(),
        AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN,
        token.displayName(),
        List.of(),
        List.of(token.grant()),
        token.expires());
  }

  /** True when an address lies in one of the networks, or when there are none. */
  static boolean isIn(List<String> networks, @Nullable InetAddress address) {
    if (networks.isEmpty()) {
      return true;
    }
    if (address == null) {
      return false;
    }
    byte[] octets = address.getAddress();
    boolean ipv4 = octets.length == 4;
    long hi = ipv4 ? 0 : number(octets, 0, 8);
    long lo = ipv4 ? IPV4_LO | number(octets, 0, 4) : number(octets, 8, 8);
    for (String text : networks) {
      Network network = network(text);
      if (network != null && network.contains(hi, lo)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Network network(String text) {
    try {
      return Network.parse(text);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static long number(byte[] octets, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = (number << 8) | (octets[i] & 0xff);
    }
    return number;
  }
}
