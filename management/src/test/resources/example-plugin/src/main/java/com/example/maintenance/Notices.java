package com.example.maintenance;

import com.google.common.net.InetAddresses;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What is to be answered, in the form in which it is sent. Immutable: all workers share it. */
final class Notices {
  private final byte[][] names;
  private final long[] hashes;
  private final byte[][] ipv4;
  private final byte[][] ipv6;
  private final byte[][] text;
  private final int ttlSeconds;

  Notices(MaintenanceConfig config, NameHash hash) {
    names = new byte[config.names().size()][];
    hashes = new long[names.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = DomainName.parse(config.names().get(i)).folded().wire();
      NameKey key = new NameKey(hash);
      key.set(names[i], 0);
      hashes[i] = key.suffixHash(0);
    }
    byte[][] addresses =
        config.addresses().stream()
            .map(address -> InetAddresses.forString(address).getAddress())
            .toArray(byte[][]::new);
    ipv4 = Arrays.stream(addresses).filter(a -> a.length == 4).toArray(byte[][]::new);
    ipv6 = Arrays.stream(addresses).filter(a -> a.length == 16).toArray(byte[][]::new);
    byte[] notice = config.notice().getBytes(StandardCharsets.US_ASCII);
    byte[] string = new byte[notice.length + 1]; // its length, then itself (RFC 1035 3.3.14)
    string[0] = (byte) notice.length;
    System.arraycopy(notice, 0, string, 1, notice.length);
    text = new byte[][] {string};
    ttlSeconds = (int) config.ttl().toSeconds();
  }

  /** True when a name is under maintenance. Allocates nothing. */
  boolean contain(NameKey name) {
    long hash = name.suffixHash(0);
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i] == hash
          && Arrays.equals(names[i], 0, names[i].length, name.folded(), 0, name.length())) {
        return true;
      }
    }
    return false;
  }

  byte[][] ipv4() {
    return ipv4;
  }

  byte[][] ipv6() {
    return ipv6;
  }

  byte[][] text() {
    return text;
  }

  int ttlSeconds() {
    return ttlSeconds;
  }
}
