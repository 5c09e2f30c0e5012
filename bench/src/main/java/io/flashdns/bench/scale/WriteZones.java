package io.flashdns.bench.scale;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes zone files of ten records each and a list of random questions with what must come back.
 *
 * <p>Arguments: {@code OUT ZONES [FILES_PER_FOLDER [QUERIES]]}. With 0 files per folder, as
 * without, all lie in {@code OUT/zones}; else in {@code OUT/zones/oI/pJ}, so many in each folder: a
 * tree of organisations and projects, for {@code zones.tenants}. {@code OUT/hit.q} and {@code
 * OUT/all.q} hold a name and a type in each line, as dnsperf reads them; {@code OUT/all.expected}
 * has for the same lines rcode, number of answers and the address of the last as a number.
 */
public final class WriteZones {
  private static final int QUERIES = 1_000_000;
  private static final int FOLDERS_PER_FOLDER = 100;

  private WriteZones() {}

  /** Writes them. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2) {
      System.err.println("usage: WriteZones OUT ZONES [FILES_PER_FOLDER [QUERIES]]");
      System.exit(2);
    }
    Path out = Path.of(arguments[0]);
    int zones = Integer.parseInt(arguments[1]);
    int perFolder = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
    int queries = arguments.length > 3 ? Integer.parseInt(arguments[3]) : QUERIES;
    writeZones(out.resolve("zones"), zones, perFolder);
    writeQueries(out, zones, queries);
    System.out.printf("%,d zones, %,d queries in %s%n", zones, queries, out);
  }

  static void writeZones(Path folder, int zones, int perFolder) throws IOException {
    if (zones < 1 || zones > ManyZones.MAX_ZONES) {
      throw new IllegalArgumentException("1 to " + ManyZones.MAX_ZONES + " zones, not " + zones);
    }
    Path into = Files.createDirectories(folder);
    for (int i = 0; i < zones; i++) {
      if (perFolder > 0 && i % perFolder == 0) {
        int number = i / perFolder;
        into =
            Files.createDirectories(
                folder
                    .resolve("o" + number / FOLDERS_PER_FOLDER)
                    .resolve("p" + number % FOLDERS_PER_FOLDER));
      }
      Files.writeString(into.resolve(ManyZones.apex(i) + ".zone"), ManyZones.zoneFile(i));
    }
  }

  private static void writeQueries(Path out, int zones, int queries) throws IOException {
    SplittableRandom dice = new SplittableRandom(7);
    try (BufferedWriter hits = Files.newBufferedWriter(out.resolve("hit.q"));
        BufferedWriter all = Files.newBufferedWriter(out.resolve("all.q"));
        BufferedWriter expected = Files.newBufferedWriter(out.resolve("all.expected"))) {
      for (int i = 0; i < queries; i++) {
        hits.write("www." + ManyZones.apex(dice.nextInt(zones)) + " A\n");
        ManyZones.Question question = ManyZones.question(dice, zones);
        all.write(question.line() + "\n");
        expected.write(
            question.rcode()
                + " "
                + question.answers()
                + " "
                + Integer.toUnsignedString(question.address())
                + "\n");
      }
    }
  }
}
