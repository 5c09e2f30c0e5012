package io.flashdns.management.transcript;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The distribution as it would be packaged, from what stands in the source tree and on the class
 * path of the tests: they run before anything is packaged.
 */
final class Tarball {
  /** Its name, and with the ending taken away that of the folder in it. */
  static final String NAME = "flashdns-0.1.0.tar.gz";

  private Tarball() {}

  /** Makes it in a folder. */
  static void make(Path dist, Path folder) throws IOException, InterruptedException {
    Path work = Files.createDirectories(folder.resolve("packaging"));
    Path home = work.resolve(NAME.replace(".tar.gz", ""));
    copy(dist, home);
    Files.createDirectories(home.resolve("lib"));
    int count = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path source = Path.of(entry).toAbsolutePath();
      if (Files.isDirectory(source)) {
        if (!source.endsWith("test-classes")) {
          jar(source, home.resolve("lib/classes-" + ++count + ".jar"));
        }
      } else if (Files.exists(source)) {
        Files.createSymbolicLink(home.resolve("lib").resolve(source.getFileName()), source);
      }
    }
    run(work, List.of("tar", "chzf", folder.resolve(NAME).toString(), "" + home.getFileName()));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void jar(Path classes, Path jar) {
    ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
    int status =
        tool.run(
            System.out,
            System.err,
            "--create",
            "--no-compress",
            "--file=" + jar,
            "-C",
            classes.toString(),
            ".");
    if (status != 0) {
      throw new IllegalStateException("jar ended with " + status);
    }
  }

  private static void run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    int status =
        new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(command + " ended with " + status);
    }
  }
}
