package io.flashdns.management.client;

import java.util.List;

/** A command does not go on: one sentence with the remedy, and how the process ends. */
final class ClientException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;
  private final transient List<String> details;

  ClientException(int exitStatus, String sentence) {
    this(exitStatus, sentence, List.of());
  }

  /**
   * With more to say.
   *
   * @param details lines to follow the sentence
   */
  ClientException(int exitStatus, String sentence, List<String> details) {
    super(sentence, null, false, false);
    this.exitStatus = exitStatus;
    this.details = List.copyOf(details);
  }

  static ClientException failed(String sentence) {
    return new ClientException(ExitStatus.FAILED, sentence);
  }

  static ClientException usage(String sentence) {
    return new ClientException(ExitStatus.USAGE, sentence);
  }

  int exitStatus() {
    return exitStatus;
  }

  /** The sentence. */
  String sentence() {
    return String.valueOf(getMessage());
  }

  List<String> details() {
    return details;
  }
}
