package io.flashdns.bench.load;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of queries in the format of dnsperf: a name and a type in each line, {@code www.example.
 * AAAA}; the final dot may be left out. Lines that begin with {@code ;} or {@code #} and empty ones
 * are comments. Beside it, line by line, may stand what must come back, see {@link Expected#parse}.
 */
public final class QueryFile {
  private QueryFile() {}

  /**
   * Reads a list.
   *
   * @throws LoadException when it cannot be read, a line is none of a query, or there is no query
   */
  public static Queries read(Path file) throws LoadException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads a list from a stream, to its end.
   *
   * @param name of the stream, for messages
   */
  public static Queries read(InputStream in, String name) throws LoadException, IOException {
    Queries.Builder queries = Queries.builder();
    BufferedReader lines = reader(in);
    String line;
    for (int number = 1; (line = lines.readLine()) != null; number++) {
      String text = line.strip();
      if (isComment(text)) {
        continue;
      }
      try {
        add(queries, text);
      } catch (IllegalArgumentException e) {
        throw new LoadException(place(name, number) + e.getMessage(), e);
      }
    }
    if (queries.size() == 0) {
      throw new LoadException(name + " holds no query: write a name and a type in each line");
    }
    return queries.build();
  }

  /**
   * Reads what must come back: as many lines as the list has queries.
   *
   * @throws LoadException when it cannot be read, or does not fit the list
   */
  public static Queries expecting(Queries queries, Path file) throws LoadException {
    List<Expected> expected = new ArrayList<>(queries.size());
    try (InputStream in = Files.newInputStream(file)) {
      BufferedReader lines = reader(in);
      String line;
      for (int number = 1; (line = lines.readLine()) != null; number++) {
        String text = line.strip();
        if (isComment(text)) {
          continue;
        }
        try {
          expected.add(Expected.parse(text));
        } catch (IllegalArgumentException e) {
          throw new LoadException(place(file.toString(), number) + e.getMessage(), e);
        }
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    if (expected.size() != queries.size()) {
      throw new LoadException(
          "%s has %,d lines, but there are %,d queries: it needs one for each, in the same order"
              .formatted(file, expected.size(), queries.size()));
    }
    return queries.expecting(expected.toArray(Expected[]::new));
  }

  private static void add(Queries.Builder queries, String text) {
    int end = 0;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    String type = text.substring(end).strip();
    if (type.isEmpty()) {
      throw new IllegalArgumentException(
          "'" + text + "' has no type: write a name and a type, as in 'www.example. A'");
    }
    if (type.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException(
          "'" + text + "' has more than a name and a type, as in 'www.example. A'");
    }
    queries.add(DomainName.parse(text.substring(0, end)), RecordType.parse(type));
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
  }

  private static boolean isComment(String text) {
    return text.isEmpty() || text.charAt(0) == ';' || text.charAt(0) == '#';
  }

  private static String place(String name, int line) {
    return "%s, line %d: ".formatted(name, line);
  }

  private static LoadException unreadable(Path file, IOException e) {
    return new LoadException(
        e instanceof NoSuchFileException
            ? "there is no file " + file
            : "cannot read " + file + ": " + e.getMessage(),
        e);
  }
}
