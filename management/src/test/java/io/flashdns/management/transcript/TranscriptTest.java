package io.flashdns.management.transcript;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new user with the tarball and the README: types the transcript line by line and sees what it
 * says. Ports that are taken here are replaced by free ones. What differs from day to day is
 * compared by its form; revisions by the place where they stand.
 */
class TranscriptTest {
  private static final Path MODULE =
      Files.isDirectory(Path.of("src/main/dist")) ? Path.of("") : Path.of("management");
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private static final Pattern HISTORY = Pattern.compile("^ +(\\d+)  \\d{4}-\\d\\d-\\d\\dT.*");
  private static final Pattern REVISION = Pattern.compile("(rollback \\S+ )(\\d+)");

  @TempDir private Path folder;

  @Test
  void newUserHasAZoneThatAnswersInTwoMinutes() throws Exception {
    Transcript transcript =
        Transcript.read(MODULE.resolve("../README.md").toAbsolutePath().normalize());
    assertThat(transcript.steps()).hasSizeGreaterThan(15);
    Tarball.make(MODULE.resolve("src/main/dist").toAbsolutePath(), folder);
    Map<String, String> ports = ports();
    Map<String, String> revisions = new LinkedHashMap<>();
    List<String> answering = new ArrayList<>();
    long startNanos = System.nanoTime();
    try (Shell shell = new Shell(folder, environment(ports))) {
      for (Transcript.Step step : transcript.steps()) {
        List<String> shown = shell.type(replaced(step.command(), ports, revisions));
        assertThat(forms(shown, ports))
            .as("$ %s%nshowed%n%s", step.command(), String.join("\n", shown))
            .isEqualTo(forms(step.output(), Map.of()));
        learn(step.output(), shown, revisions);
        if (step.command().startsWith("dig ") && !shown.isEmpty()) {
          answering.add(seconds(startNanos));
        }
      }
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - startNanos);
    System.out.printf(
        "transcript of the README: a zone answered after %s s, all of it took %s s%n",
        answering.getFirst(), seconds(startNanos));

    assertThat(answering).as("times at which dig was answered").hasSizeGreaterThan(2);
    assertThat(taken).isLessThan(LONGEST);
  }

  private Map<String, String> environment(Map<String, String> ports) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("FLASHDNS_JAVA_HOME", System.getProperty("java.home"));
    environment.put("HOME", folder.toString());
    environment.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
    if (!ports.get("8053").equals("8053")) {
      environment.put("FLASHDNS_SERVER", "127.0.0.1:" + ports.get("8053"));
    }
    return environment;
  }

  /** The ports of the transcript, each with the one that stands for it here. */
  private static Map<String, String> ports() throws IOException {
    Map<String, String> ports = new LinkedHashMap<>();
    for (String port : List.of("5353", "8053", "8054", "9533")) {
      ports.put(port, isFree(Integer.parseInt(port)) ? port : free());
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static String free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return String.valueOf(socket.getLocalPort());
    }
  }

  /** What is typed here: as it stands, unless ports are taken or revisions came out otherwise. */
  private static String replaced(
      String command, Map<String, String> ports, Map<String, String> revisions) {
    String typed = command;
    if (!ports.entrySet().stream().allMatch(port -> port.getKey().equals(port.getValue()))) {
      typed =
          typed.replace(
              "flashdns serve",
              "flashdns serve --listen 127.0.0.1:%s --api 127.0.0.1:%s --api-json 127.0.0.1:%s --operations 127.0.0.1:%s"
                  .formatted(ports.values().toArray()));
      typed = typed.replace("-p 5353", "-p " + ports.get("5353"));
      typed = typed.replace("127.0.0.1:8054", "127.0.0.1:" + ports.get("8054"));
    }
    Matcher revision = REVISION.matcher(typed);
    return revision.replaceAll(
        found -> found.group(1) + revisions.getOrDefault(found.group(2), found.group(2)));
  }

  /** Notes which revision here is which in the README. */
  private static void learn(
      List<String> expected, List<String> shown, Map<String, String> revisions) {
    for (int i = 0; i < expected.size(); i++) {
      Matcher theirs = HISTORY.matcher(expected.get(i));
      Matcher ours = HISTORY.matcher(shown.get(i));
      if (theirs.matches() && ours.matches()) {
        revisions.put(theirs.group(1), ours.group(1));
      }
    }
  }

  /** Lines without what differs from day to day. */
  private static List<String> forms(List<String> lines, Map<String, String> ports) {
    return lines.stream()
        .map(
            line -> {
              String form = line;
              for (Map.Entry<String, String> port : ports.entrySet()) {
                form = form.replace("127.0.0.1:" + port.getValue(), "127.0.0.1:" + port.getKey());
              }
              return form.replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "TIME")
                  .replaceAll("token:[a-z0-9]{22}", "TOKEN")
                  .replaceAll("127\\.0\\.0\\.1:\\d{4,5} +(?=[A-Z])", "FROM ")
                  .replaceAll("FROM +(?=CALL)", "FROM ")
                  .replaceAll("revision \\d+", "revision N")
                  .replaceAll("\"revision\":\"\\d+\"", "REVISION")
                  .replaceAll("\"etag\":\"[^\"]+\"", "ETAG")
                  .replaceAll("^ +\\d+  TIME", "N TIME");
            })
        .toList();
  }

  private static String seconds(long startNanos) {
    return "%.1f".formatted((System.nanoTime() - startNanos) / 1e9);
  }
}
