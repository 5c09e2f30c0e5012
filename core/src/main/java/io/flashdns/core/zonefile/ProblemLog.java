package io.flashdns.core.zonefile;

import io.flashdns.core.zone.ZoneProblem;
import io.flashdns.core.zone.ZoneProblem.Severity;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with a zone file: a bounded number of problems, errors before warnings. A
 * place is a number that a record carries through the building of the zone; the text of a line is
 * read from the file again when it is reported. Not thread-safe.
 */
final class ProblemLog {
  private static final int LINE_BITS = 40;
  private static final int SHOWN_CHARS = 120;

  /** Problems seen, in multiples of those kept, after which reading on is of no use to anybody. */
  private static final int GIVE_UP_FACTOR = 100;

  private record Noted(long position, String reason) {}

  private final List<Path> files = new ArrayList<>();
  private final List<Noted> errors = new ArrayList<>();
  private final List<Noted> warnings = new ArrayList<>();
  private final int maxProblems;
  private byte @Nullable [] text;
  private long errorCount;
  private long warningCount;

  ProblemLog(int maxProblems) {
    this.maxProblems = maxProblems;
  }

  /** The index of a file, which is given one at its first call. */
  int fileIndex(Path file) {
    int index = files.indexOf(file);
    if (index < 0) {
      index = files.size();
      files.add(file);
    }
    return index;
  }

  /**
   * The index of a text in memory that is to be read as if it were a file; it must be the first
   * that is read.
   */
  int textIndex(Path shown, byte[] octets) {
    text = octets;
    return fileIndex(shown);
  }

  /** All files that have an index. */
  List<Path> files() {
    return files;
  }

  /**
   * The place of {@code line} in a file, for records and problems; line 0 is the file as a whole.
   */
  static long position(int fileIndex, int line) {
    return (long) fileIndex << LINE_BITS | line;
  }

  boolean hasErrors() {
    return errorCount > 0;
  }

  void error(long position, String reason) {
    errorCount++;
    if (errors.size() < maxProblems) {
      errors.add(new Noted(position, reason));
    }
  }

  void warning(long position, String reason) {
    warningCount++;
    if (warnings.size() < maxProblems) {
      warnings.add(new Noted(position, reason));
    }
  }

  /**
   * Notes a problem that the building of the zone found; one without a place is one of the first
   * file as a whole.
   */
  void add(ZoneProblem problem) {
    long position = problem.position() == ZoneProblem.NO_POSITION ? 0 : problem.position();
    switch (problem.severity()) {
      case ERROR -> error(position, problem.message());
      case WARNING -> warning(position, problem.message());
    }
  }

  /**
   * Ends the reading of a file that has nothing but errors.
   *
   * @throws ReadingStopped when so many were seen that more would tell nobody anything
   */
  void checkWorthwhile() throws ReadingStopped {
    if (errorCount > (long) GIVE_UP_FACTOR * maxProblems) {
      throw new ReadingStopped(
          "more than " + (errorCount - 1) + " errors: the rest of the file was not read");
    }
  }

  /**
   * All problems that are kept, in the order of files and lines, and a line that counts the others.
   */
  List<ZoneFileProblem> report() {
    List<ZoneFileProblem> report = new ArrayList<>();
    int errorsKept = errors.size();
    int warningsKept = Math.min(warnings.size(), maxProblems - errorsKept);
    record Line(Noted noted, Severity severity) {}
    List<Line> lines = new ArrayList<>();
    errors.forEach(noted -> lines.add(new Line(noted, Severity.ERROR)));
    warnings
        .subList(0, warningsKept)
        .forEach(noted -> lines.add(new Line(noted, Severity.WARNING)));
    lines.sort(Comparator.comparingLong(line -> line.noted.position));
    int at = 0;
    while (at < lines.size()) {
      int fileIndex = (int) (lines.get(at).noted.position >>> LINE_BITS);
      Path file = files.get(fileIndex);
      try (LineText lineText = new LineText(file, text)) {
        for (; at < lines.size(); at++) {
          Noted noted = lines.get(at).noted;
          if (noted.position >>> LINE_BITS != fileIndex) {
            break;
          }
          int number = (int) noted.position;
          report.add(
              new ZoneFileProblem(
                  lines.get(at).severity, file, number, lineText.line(number), noted.reason));
        }
      }
    }
    long moreErrors = errorCount - errorsKept;
    long moreWarnings = warningCount - warningsKept;
    if (moreErrors + moreWarnings > 0) {
      report.add(
          new ZoneFileProblem(
              moreErrors > 0 ? Severity.ERROR : Severity.WARNING,
              files.getFirst(),
              0,
              "",
              "not shown: " + moreErrors + " more errors and " + moreWarnings + " more warnings"));
    }
    return report;
  }

  /** Reads lines of a file in rising order. A file that cannot be read any more has empty lines. */
  private static final class LineText implements AutoCloseable {
    private final Path file;
    private final byte @Nullable [] memory;
    private InputStream in = InputStream.nullInputStream();
    private int current;
    private String text = "";

    /**
     * @param memory what stands in the file, where it is none
     */
    LineText(Path file, byte @Nullable [] memory) {
      this.file = file;
      this.memory = memory;
    }

    String line(int number) {
      try {
        if (current == 0 && number > 0) {
          in =
              memory == null
                  ? new BufferedInputStream(Files.newInputStream(file), EntryScanner.BLOCK_BYTES)
                  : new ByteArrayInputStream(memory);
        }
        while (current < number) {
          read(current + 1 == number);
          current++;
        }
      } catch (IOException _) {
        text = "";
        current = number;
      }
      return number == 0 ? "" : text;
    }

    private void read(boolean wanted) throws IOException {
      byte[] line = new byte[wanted ? SHOWN_CHARS * 4 + 8 : 0];
      int length = 0;
      for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
        if (length < line.length) {
          line[length++] = (byte) octet;
        }
      }
      if (length > 0 && line[length - 1] == '\r') {
        length--;
      }
      if (wanted) {
        text = Printable.of(line, 0, length, SHOWN_CHARS).strip();
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException _) {
        // Nothing was written: there is nothing to lose.
      }
    }
  }
}
