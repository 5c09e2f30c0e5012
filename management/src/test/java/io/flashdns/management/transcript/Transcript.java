package io.flashdns.management.transcript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a README says that one types and sees.
 *
 * @param steps in their order
 */
record Transcript(List<Step> steps) {
  private static final Pattern BLOCK =
      Pattern.compile("<!-- transcript -->\n```console\n(.*?)```\n", Pattern.DOTALL);

  /**
   * @param command what is typed, lines that go on behind {@code "> "} included
   * @param output the lines that come
   */
  record Step(String command, List<String> output) {}

  /** Reads the one of a file. */
  static Transcript read(Path readme) throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(readme));
    if (!block.find()) {
      throw new IllegalArgumentException(readme + " has no transcript");
    }
    List<Step> steps = new ArrayList<>();
    for (String line : block.group(1).lines().toList()) {
      if (line.startsWith("$ ")) {
        steps.add(new Step(line.substring(2), new ArrayList<>()));
      } else if (line.startsWith("> ")) {
        Step last = steps.removeLast();
        steps.add(new Step(last.command() + "\n" + line.substring(2), last.output()));
      } else {
        steps.getLast().output().add(line);
      }
    }
    return new Transcript(List.copyOf(steps));
  }
}
