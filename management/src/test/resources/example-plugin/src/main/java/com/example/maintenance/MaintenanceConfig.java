package com.example.maintenance;

import com.google.common.net.InetAddresses;
import io.flashdns.core.dns.DomainName;
import java.time.Duration;
import java.util.List;

/**
 * The keys of the plugin.
 *
 * @param names of the services that are being worked on; 0 to 100
 * @param addresses where the page is, IPv4 and IPv6; 1 to 16
 * @param ttl how long resolvers may keep these answers; 0 s to 1 h
 * @param notice the text of TXT records; 1 to 255 octets of ASCII
 */
public record MaintenanceConfig(
    List<String> names, List<String> addresses, Duration ttl, String notice) {

  /** The messages are shown to the operator, with file and line; keys are named as components. */
  public MaintenanceConfig {
    if (names.size() > 100) {
      throw new IllegalArgumentException("names must hold 0 to 100 names, not " + names.size());
    }
    for (String name : names) {
      DomainName.parse(name); // says itself what is wrong
    }
    if (addresses.isEmpty() || addresses.size() > 16) {
      throw new IllegalArgumentException(
          "addresses must hold 1 to 16 addresses, not " + addresses.size());
    }
    for (String address : addresses) {
      if (!InetAddresses.isInetAddress(address)) {
        throw new IllegalArgumentException("addresses must not hold '" + address + "'");
      }
    }
    if (ttl.isNegative() || ttl.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("ttl must be 0s to 1h, not " + ttl.toSeconds() + "s");
    }
    if (!notice.matches("\\p{ASCII}{1,255}")) {
      throw new IllegalArgumentException("notice must have 1 to 255 characters of ASCII");
    }
  }

  /** The values of keys that are absent. */
  public static MaintenanceConfig defaults() {
    return new MaintenanceConfig(
        List.of(), List.of("192.0.2.1"), Duration.ofSeconds(30), "we are back soon");
  }
}
