package io.flashdns.bench.compare;

import io.flashdns.bench.load.Expected;
import io.flashdns.bench.load.Queries;
import io.flashdns.bench.load.Workload;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Zones signed by BIND's tools with ECDSA P-256 (RFC 6605), one key each, and what is asked of them
 * with the DO bit. All servers get the same files.
 */
final class SignedZones {
  private static final int QUESTIONS = 200_000;
  private static final long SEED = 11;
  private static final int PROGRESS = 10;

  /** How a zone proves that a name is not there. */
  enum Denial {
    /** RFC 4034. */
    NSEC,
    /** RFC 5155, with no salt and no further iterations (RFC 9276). */
    NSEC3
  }

  /** What is asked. */
  enum Kind {
    HIT("hit"),
    NXDOMAIN("NXDOMAIN"),
    REFERRAL("referral");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  private SignedZones() {}

  /** One sentence that says which program is not there; null when all are. */
  static @Nullable String missing() {
    return Contender.find("dnssec-signzone") == null || Contender.find("dnssec-keygen") == null
        ? "signed zones are left out: dnssec-keygen or dnssec-signzone is not there, install the"
            + " Debian package bind9-utils"
        : null;
  }

  /** The zones of a workload, signed where they are not there. */
  static ZoneFolder of(Path folder, Workload workload, Denial denial, Progress progress)
      throws CompareException, InterruptedException {
    String key = "%dx%d".formatted(workload.zones(), workload.names());
    Path plain = folder.resolve("zones-" + key).resolve("zones");
    Path home =
        folder.resolve("signed-" + denial.name().toLowerCase(java.util.Locale.ROOT) + "-" + key);
    Path signed = home.resolve("zones");
    Path complete = home.resolve("complete");
    if (!Files.exists(complete)) {
      ZoneSet.write(plain, workload, progress);
      try {
        Path keys = Files.createDirectories(home.resolve("keys"));
        Files.createDirectories(signed);
        for (int i = 0; i < workload.zones(); i++) {
          if (i % PROGRESS == 0) {
            progress.begin(
                "signing with %s: zone %,d of %,d".formatted(denial, i, workload.zones()), 0);
          }
          sign(Workload.apex(i), plain, signed, keys, denial);
        }
        Files.writeString(complete, "");
      } catch (IOException e) {
        throw new CompareException(
            "cannot write signed zones to " + home + ": " + e.getMessage(), e);
      }
    }
    return ZoneFolder.of(signed, denial);
  }

  private static void sign(String apex, Path plain, Path signed, Path keys, Denial denial)
      throws CompareException, InterruptedException {
    String file = apex + ZoneFolder.SUFFIX;
    if (Files.exists(signed.resolve(file))) {
      return;
    }
    Programs.run(
        "making a key",
        keys,
        List.of("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", ".", apex));
    // One key for all records, no verification afterwards, signatures that outlast the folder.
    List<String> command =
        new ArrayList<>(
            List.of(
                "dnssec-signzone",
                "-q",
                "-S",
                "-z",
                "-P",
                "-K",
                ".",
                "-d",
                ".",
                "-e",
                "+157680000"));
    command.addAll(denial == Denial.NSEC3 ? List.of("-3", "-", "-H", "0") : List.of());
    command.addAll(
        List.of("-o", apex, "-f", signed.resolve(file).toString(), plain.resolve(file).toString()));
    Programs.run("signing " + apex, keys, command);
  }

  /** Questions of a kind with what must come back; an answer has its signature beside it. */
  static Queries queries(Workload workload, Kind kind) {
    SplittableRandom dice = new SplittableRandom(SEED);
    Queries.Builder queries = Queries.builder();
    List<Expected> expected = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      String apex = Workload.apex(dice.nextInt(workload.zones()));
      String label =
          switch (kind) {
            case HIT -> "h" + dice.nextInt(workload.names());
            case NXDOMAIN -> "x" + Long.toHexString(dice.nextLong() >>> 16);
            case REFERRAL -> "b" + Long.toHexString(dice.nextLong() >>> 44) + ".sub";
          };
      queries.add(DomainName.parse(label + "." + apex), RecordType.A);
      expected.add(
          Expected.parse(
              switch (kind) {
                case HIT -> "NOERROR 2";
                case NXDOMAIN -> "NXDOMAIN 0";
                case REFERRAL -> "NOERROR 0";
              }));
    }
    return queries.build().expecting(expected.toArray(Expected[]::new));
  }
}
