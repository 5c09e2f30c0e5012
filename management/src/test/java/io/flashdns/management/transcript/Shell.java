package io.flashdns.management.transcript;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A shell in which one command is typed after the other. Used by one thread. */
final class Shell implements AutoCloseable {
  private static final String END = "--- end of the command ---";

  private final Process process;
  private final Writer typed;
  private final BufferedReader shown;

  Shell(Path folder, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "--norc").directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("FLASHDNS_"));
    builder.environment().putAll(environment);
    process = builder.start();
    typed = process.outputWriter(UTF_8);
    shown = process.inputReader(UTF_8);
  }

  /** Types a command, and returns the lines that it showed. */
  List<String> type(String command) throws IOException {
    typed.write(command + "\nprintf '\\n" + END + "\\n'\n");
    typed.flush();
    List<String> lines = new ArrayList<>();
    for (String line = shown.readLine(); !END.equals(line); line = shown.readLine()) {
      if (line == null) {
        throw new IOException("the shell ended after " + command + ": " + lines);
      }
      lines.add(line);
    }
    if (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast(); // what stands before the end is on a line of its own
    }
    return lines;
  }

  /** Ends it, and all that it started. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
