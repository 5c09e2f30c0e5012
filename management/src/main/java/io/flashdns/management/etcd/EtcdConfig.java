package io.flashdns.management.etcd;

import io.flashdns.management.identity.ClientFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

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
  private static final int MAX_PREFIX_CHARS = 100;
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
        throw new IllegalArgumentException("give both of certificate and key, or none");
      }
    }
  }

  public EtcdConfig {
    endpoints = List.copyOf(endpoints);
    Set<String> members = new HashSet<>();
    for (String endpoint : endpoints) {
      checkEndpoint(endpoint);
      if (!members.add(endpoint.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "the endpoint " + endpoint + " is named twice: name each member of etcd once");
      }
    }
    if (prefix.length() > MAX_PREFIX_CHARS || !prefix.matches("/([A-Za-z0-9._-]+/)*")) {
      throw new IllegalArgumentException(
          "prefix must be / or words between /, of at most 100 letters, digits and . _ -, such as"
              + " /dns/, not "
              + prefix);
    }
    if (user.isPresent() && user.get().isBlank()) {
      throw new IllegalArgumentException("user must not be empty: name one, or remove the key");
    }
    if (user.isPresent() != passwordFile.isPresent()) {
      throw new IllegalArgumentException("give both of user and passwordFile, or none");
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
    if (endpoint.indexOf('@') >= 0) {
      // Not repeated: it may hold a password.
      throw new IllegalArgumentException(
          "an endpoint of etcd is HOST:PORT alone: user and password stand in the configuration, as"
              + " etcd.user and etcd.password-file");
    }
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
    if (!isHost(endpoint)) {
      throw new IllegalArgumentException(
          "'"
              + endpoint.substring(0, colon)
              + "' is neither an address nor a name of a host: write HOST:PORT, such as"
              + " 10.0.0.1:2379");
    }
  }

  /** Whether the library can make a connection of it. */
  private static boolean isHost(String endpoint) {
    try {
      return new URI("http://" + endpoint).getHost() != null;
    } catch (URISyntaxException _) {
      return false;
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

  /**
   * Reads the files that are named as whoever connects would, and nothing more.
   *
   * @return what can be used and should not be, a sentence each with the key and a remedy
   * @throws IOException when one cannot be used, with the key and a remedy
   */
  public List<String> checkFiles() throws IOException {
    List<String> doubts = new ArrayList<>();
    if (passwordFile.isPresent()) {
      try {
        var _ = ClientFiles.password(passwordFile.get());
      } catch (IOException e) {
        throw new IOException("etcd.password-file: " + e.getMessage(), e);
      }
      for (String doubt : ClientFiles.checkPassword(passwordFile.get())) {
        doubts.add("etcd.password-file: " + doubt);
      }
    }
    if (tls.isPresent()) {
      EtcdTls files = tls.get();
      try {
        for (String doubt :
            ClientFiles.checkTls(
                files.authorities(),
                files.certificate().orElse(null),
                files.key().orElse(null),
                "etcd")) {
          doubts.add("etcd.tls: " + doubt);
        }
      } catch (IOException e) {
        throw new IOException("etcd.tls: " + e.getMessage(), e);
      }
    }
    return doubts;
  }

  /** For people. */
  public String url() {
    return "etcd://" + String.join(",", endpoints) + prefix;
  }
}
