package io.flashdns.management.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server and who one is there, under a name: an entry of the configuration. Keys that this
 * version does not know are kept.
 *
 * @param values by key, in the order of the file
 */
record Context(Map<String, String> values) {
  static final String SERVER = "server";
  static final String CA = "ca";
  static final String CERTIFICATE = "cert";
  static final String KEY = "key";
  static final String TOKEN = "token";
  static final String TOKEN_FILE = "token-file";
  static final String ISSUER = "issuer";
  static final String CLIENT_ID = "client-id";
  static final String ACCESS_TOKEN = "access-token";
  static final String ACCESS_EXPIRES = "access-expires";
  static final String REFRESH_TOKEN = "refresh-token";

  Context() {
    this(Map.of());
  }

  Context {
    values = new LinkedHashMap<>(values);
  }

  @Nullable String get(String key) {
    return values.get(key);
  }

  /** With another value; null takes it away. */
  Context with(String key, @Nullable String value) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    if (value == null) {
      changed.remove(key);
    } else {
      changed.put(key, value);
    }
    return new Context(changed);
  }

  /** Without any credentials. */
  Context withoutCredentials() {
    return with(TOKEN, null)
        .with(TOKEN_FILE, null)
        .with(ISSUER, null)
        .with(CLIENT_ID, null)
        .with(ACCESS_TOKEN, null)
        .with(ACCESS_EXPIRES, null)
        .with(REFRESH_TOKEN, null);
  }

  /** How one is known there, in a few words. */
  String credentials() {
    if (get(ISSUER) != null) {
      return "issuer " + get(ISSUER);
    }
    if (get(TOKEN) != null) {
      return "token";
    }
    if (get(TOKEN_FILE) != null) {
      return "token of " + get(TOKEN_FILE);
    }
    return get(CERTIFICATE) != null ? "certificate" : "none";
  }
}
