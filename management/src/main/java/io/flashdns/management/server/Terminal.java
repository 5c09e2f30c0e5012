package io.flashdns.management.server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Where plain lines go: what was asked for to {@code out}, what is wrong to {@code err}. Safe for
 * all threads.
 */
final class Terminal {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean errIsTerminal;

  Terminal(PrintStream out, PrintStream err, boolean errIsTerminal) {
    this.out = out;
    this.err = err;
    this.errIsTerminal = errIsTerminal;
  }

  /** The streams of the process. */
  static Terminal ofProcess() {
    return new Terminal(System.out, System.err, isTerminal(2));
  }

  /** For what was asked for. */
  PrintStream out() {
    return out;
  }

  /** For what is wrong. */
  PrintStream err() {
    return err;
  }

  /** Prints lines that were asked for. */
  void print(Collection<String> lines) {
    for (String line : lines) {
      out.println(line);
    }
    out.flush();
  }

  /** Prints problems where they do not mix with what was asked for. */
  void problems(List<Problem> problems) {
    for (Problem problem : problems) {
      err.println(problem.format());
    }
    err.flush();
  }

  /** Says why a command does not go on. */
  void failure(String sentence) {
    err.println("flashdns: " + sentence);
    err.flush();
  }

  /**
   * Says that not all of what was asked for could be written, if so: a full disk, most of all. A
   * pipe whose reader has read enough is told nothing.
   *
   * @return whether something is missing
   */
  boolean hasLost() {
    boolean lost = out.checkError();
    if (lost && !isPipe(1)) {
      failure(
          "standard output could not be written to its end: what is there is not all of it; make"
              + " room where it goes, or name another place");
    }
    return lost;
  }

  /** True when a person may be looking at {@code err}. */
  boolean errIsTerminal() {
    return errIsTerminal;
  }

  /** One line of progress; on a terminal it stays on the same line until {@link #endProgress}. */
  void progress(String line) {
    if (errIsTerminal) {
      err.print("\r" + line + "\u001b[K");
    } else {
      err.println(line);
    }
    err.flush();
  }

  /** Clears the line of progress. */
  void endProgress() {
    if (errIsTerminal) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }

  private static boolean isPipe(int descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
          .toString()
          .startsWith("pipe:");
    } catch (IOException _) {
      return false;
    }
  }

  /** Java tells of standard input and output together only; Linux tells of each. */
  private static boolean isTerminal(int descriptor) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
      return target.startsWith("/dev/pts")
          || target.getFileName().toString().startsWith("tty")
          || target.endsWith("console");
    } catch (IOException _) {
      return false;
    }
  }
}
