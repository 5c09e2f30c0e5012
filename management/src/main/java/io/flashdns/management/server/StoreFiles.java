package io.flashdns.management.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files by which this node comes to a store that many share: certificates, keys, a password.
 * Looked at with the configuration, as those of the API are in {@link ApiFiles}.
 */
final class StoreFiles {
  private StoreFiles() {}

  /**
   * What is wrong with them.
   *
   * @param from the file of the configuration; null for none
   */
  static List<Problem> problems(ServerConfig config, @Nullable Path from) {
    if (!config.etcd().isShared()) {
      return List.of();
    }
    List<Problem> problems = new ArrayList<>();
    try {
      for (String doubt : config.etcd().checkFiles()) {
        problems.add(ApiFiles.problem(false, from, doubt));
      }
    } catch (IOException e) {
      problems.add(ApiFiles.problem(true, from, String.valueOf(e.getMessage())));
    }
    return problems;
  }
}
