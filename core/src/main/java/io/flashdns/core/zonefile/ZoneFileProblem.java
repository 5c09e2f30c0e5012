package io.flashdns.core.zonefile;

import io.flashdns.core.zone.ZoneProblem;
import java.nio.file.Path;

/**
 * Something wrong in a zone file, and where.
 *
 * @param severity whether the zone can be served in spite of it
 * @param file the file that was read, an included one where the problem stands there
 * @param line line of the file, counted from 1; 0 where the file as a whole is meant
 * @param text the line as it stands in the file, made printable and cut to about 120 characters;
 *     empty for line 0
 * @param reason one sentence: what is wrong and what to do
 */
public record ZoneFileProblem(
    ZoneProblem.Severity severity, Path file, int line, String text, String reason) {

  /** {@code FILE:LINE: error: reason: text}, the form that editors and build tools understand. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder().append(file);
    if (line > 0) {
      out.append(':').append(line);
    }
    out.append(
        switch (severity) {
          case ERROR -> ": error: ";
          case WARNING -> ": warning: ";
        });
    out.append(reason);
    if (!text.isEmpty()) {
      out.append(": ").append(text);
    }
    return out.toString();
  }
}
