package io.flashdns.management.client;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command takes that changes something. */
final class ChangeOptions {
  @Option(
      names = "--dry-run",
      description = "Change nothing: show what would be different, or why it is refused.")
  boolean dryRun;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask. Needed where there is no terminal to ask on.")
  boolean yes;

  @Option(
      names = "--wait",
      description = "Return when every node serves the change, or with status 6 after --wait-time.")
  boolean wait;

  @Option(
      names = "--wait-time",
      paramLabel = "TIME",
      converter = TimeText.class,
      description = "Longest wait of --wait, up to 5m. Default: 30s.")
  Duration waitTime = Duration.ofSeconds(30);

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = {
        "Marks the change: the same id again within 24 hours changes nothing more. Default: a new"
            + " one, kept through retries."
      })
  @Nullable String requestId;

  /** The id of this change: always the same one. */
  String requestId() {
    String id = requestId;
    if (id == null) {
      id = UUID.randomUUID().toString();
      requestId = id;
    }
    return id;
  }

  /** The id of one of several changes of a command. */
  String requestId(int index) {
    return index == 0 ? requestId() : requestId() + "-" + index;
  }
}
