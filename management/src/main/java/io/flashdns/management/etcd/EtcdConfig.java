package io.flashdns.management.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the store is that many nodes share.
 *
 * @param endpoints members of the etcd cluster, each HOST:PORT; none when the store is this node's
 *     own
 * @param prefix of all keys; two fleets with one etcd have two
 * @param user at etcd; empty when it asks for none. Not root: see the package
 * @param passwordFile holds the user's password in its first line
 * @param tls empty to speak without encryption, which only loopback should
 * @param nodeName what this node is called among the others; empty for the name of its host
 * @param withdrawAfter when etcd has not answered for so long the node says that it is not ready,
 *     so that whoever sends it queries can send them elsewhere; it goes on answering. Empty for
 *     never
 * @param compactHistory whether nodes have etcd forget what was overwritten more than ten minutes
 *     ago, for the whole etcd; false where something else does
 */
public record EtcdConfig(
    List<String> endpoints,
    String prefix,
    Optional<String> user,
    Optional<Path> passwordFile,
    Optional<EtcdTls> tls,
    Optional<String> nodeName,
    Optional<Duration> withdrawAfter,
    boolean compactHistory) {
  private static final Duration LEAST_WITHDRAWAL = Duration.ofSeconds(10);

  /** The prefix of who names none. */
  public static final String PREFIX = "/flashdns/";

  /**
   * Certificates of the connections to etcd, PEM files.
   *
   * @param authorities that the certificates of etcd's members are signed by
   * @param certificate of this node, for an etcd that asks for one; with {@code key}
   * @param key of it
   */
  public record EtcdTls(Path authorities, Optional<Path> certificate, Optional<Path> key) {
    public EtcdTls {
      if (certificate.isPresent() != key.isPresent()) {
        throw new IllegalArgumentException("certificate and key go together: give both or none");
      }
    }
  }

  public EtcdConfig {
    endpoints = List.copyOf(endpoints);
    for (String endpoint : endpoints) {
      checkEndpoint(endpoint);
    }
    if (!prefix.matches("/[A-Za-z0-9._/-]{0,98}/|/")) {
      throw new IllegalArgumentException(
          "prefix must begin and end with / and have at most 100 letters, digits and . _ - /, not "
              + prefix);
    }
    if (user.isPresent() != passwordFile.isPresent()) {
      throw new IllegalArgumentException("user and passwordFile go together: give both or none");
    }
    if (nodeName.isPresent() && !nodeName.get().matches("[A-Za-z0-9._-]{1,63}")) {
      throw new IllegalArgumentException(
          "nodeName must be 1 to 63 letters, digits and . _ -, not " + nodeName.get());
    }
    if (withdrawAfter.isPresent() && withdrawAfter.get().compareTo(LEAST_WITHDRAWAL) < 0) {
      throw new IllegalArgumentException("withdrawAfter must be 10s or more");
    }
  }

  private static void checkEndpoint(String endpoint) {
    int colon = endpoint.lastIndexOf(':');
    boolean isRight =
        colon > 0
            && endpoint.substring(0, colon).matches("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]")
            && endpoint.substring(colon + 1).matches("[0-9]{1,5}")
            && Integer.parseInt(endpoint.substring(colon + 1)) <= 65_535
            && Integer.parseInt(endpoint.substring(colon + 1)) > 0;
    if (!isRight) {
      throw new IllegalArgumentException(
          "'" + endpoint + "' is no endpoint of etcd: write HOST:PORT, such as 10.0.0.1:2379");
    }
  }

  /** None: the store is this node's own. */
  public static EtcdConfig defaults() {
    return new EtcdConfig(
        List.of(),
        PREFIX,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true);
  }

  /**
   * The same with what a URL says: {@code etcd://HOST:PORT,HOST:PORT/PREFIX}, or {@code embedded}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public EtcdConfig at(String url) {
    if (url.equals("embedded")) {
      return defaults();
    }
    if (!url.startsWith("etcd://")) {
      throw new IllegalArgumentException(
          "'" + url + "' is no store: write etcd://HOST:PORT,HOST:PORT/PREFIX, or embedded");
    }
    String rest = url.substring("etcd://".length());
    int slash = rest.indexOf('/');
    String hosts = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 ? prefix : rest.substring(slash);
    return new EtcdConfig(
        List.of(hosts.split(",", -1)),
        path.endsWith("/") ? path : path + "/",
        user,
        passwordFile,
        tls,
        nodeName,
        withdrawAfter,
        compactHistory);
  }

  /** Whether the store is shared. */
  public boolean isShared() {
    return !endpoints.isEmpty();
  }

  /** For people. */
  public String url() {
    return "etcd://" + String.join(",", endpoints) + prefix;
  }
}
