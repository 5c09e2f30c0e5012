package io.flashdns.management.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** The files that the distribution ships, as they stand in the source tree. */
final class ShippedFiles {
  private static final Path MODULE =
      Files.isDirectory(Path.of("src/main/dist")) ? Path.of("") : Path.of("management");

  static final Path DIST = MODULE.resolve("src/main/dist").toAbsolutePath();
  static final Path CONFIG = DIST.resolve("conf/flashdns.yaml");
  static final Path ZONES = DIST.resolve("zones");
  static final Path README = MODULE.resolve("README.md").toAbsolutePath();

  private ShippedFiles() {}
}
