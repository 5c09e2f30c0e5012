package io.flashdns.management.server;

import io.flashdns.management.identity.Authenticators;
import io.flashdns.management.identity.ServerTls;
import io.flashdns.management.identity.TlsConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that the doors of the API need: certificates, keys, authorities. They are looked at
 * with the configuration, before anything is opened: a server that answers queries is not ended for
 * a certificate, and one that restarts does not begin to answer first.
 */
final class ApiFiles {
  private ApiFiles() {}

  /**
   * What is wrong with them.
   *
   * @param from the file of the configuration; null for none
   */
  static List<Problem> problems(ServerConfig config, @Nullable Path from) {
    if (!config.api().enabled()) {
      return List.of();
    }
    List<Problem> problems = new ArrayList<>();
    try {
      if (config.api().tls().isPresent()) {
        TlsConfig tls = config.api().tls().get();
        for (String doubt : ServerTls.check(tls)) {
          problems.add(problem(false, from, "api.tls: " + doubt));
        }
      }
    } catch (IOException e) {
      problems.add(problem(true, from, "api.tls: " + e.getMessage()));
    }
    try {
      Authenticators.check(config.issuers());
    } catch (IOException e) {
      problems.add(problem(true, from, "issuers: " + e.getMessage()));
    }
    return problems;
  }

  static Problem problem(boolean isError, @Nullable Path from, String reason) {
    if (from == null) {
      return isError ? Problem.error(reason) : Problem.warning(reason);
    }
    return isError ? Problem.error(from, reason) : Problem.warning(from, reason);
  }
}
