package io.flashdns.differential;

import io.flashdns.differential.ZoneSource.Signing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Signs zones with BIND's tools. One key, made for the test, serves all zones: its file is written
 * anew under each apex.
 */
final class ZoneSigner {
  private static final int SECONDS = 60;

  private final Path folder;
  private final String publicKey;
  private final String privateKey;

  /** Makes the key in {@code folder}, which also takes the files of each zone's keys. */
  ZoneSigner(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    run(
        List.of(
            "dnssec-keygen",
            "-q",
            "-a",
            "ECDSAP256SHA256",
            "-f",
            "KSK",
            "-K",
            folder.toString(),
            "key.invalid"));
    this.publicKey =
        read(".key")
            .lines()
            .filter(line -> line.startsWith("key.invalid."))
            .findFirst()
            .orElseThrow();
    this.privateKey = read(".private");
  }

  /** Replaces the zone file by its signed form. */
  void sign(ZoneSource zone, Path file, String number) throws IOException {
    String key = "K" + number;
    String dnskey = publicKey.replace("key.invalid.", zone.apex()) + "\n";
    Files.writeString(folder.resolve(key + ".key"), dnskey);
    Files.writeString(file, dnskey.replace(" IN ", " 3600 IN "), StandardOpenOption.APPEND);
    Files.writeString(folder.resolve(key + ".private"), privateKey);
    List<String> command =
        new ArrayList<>(
            List.of(
                "dnssec-signzone",
                "-q",
                "-P",
                "-z",
                "-n",
                "1",
                "-O",
                "full",
                "-d",
                folder.toString()));
    switch (zone.signing()) {
      case NSEC3 -> command.addAll(List.of("-3", "-", "-H", "0"));
      case NSEC3_OPT_OUT -> command.addAll(List.of("-3", "-", "-H", "0", "-A"));
      case NSEC, UNSIGNED -> {}
    }
    Path signed = folder.resolve(key + ".signed");
    command.addAll(
        List.of(
            "-o",
            zone.apex(),
            "-f",
            signed.toString(),
            file.toString(),
            folder.resolve(key).toString()));
    run(command);
    Files.move(signed, file, StandardCopyOption.REPLACE_EXISTING);
  }

  static boolean isFor(ZoneSource zone) {
    return zone.signing() != Signing.UNSIGNED;
  }

  private String read(String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return Files.readString(
          files.filter(file -> file.toString().endsWith(ending)).findFirst().orElseThrow());
    }
  }

  private void run(List<String> command) throws IOException {
    Path log = folder.resolve("sign.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " has not ended after " + SECONDS + " seconds");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while signing", e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(command + " failed: " + Files.readString(log));
    }
  }
}
