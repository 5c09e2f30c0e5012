package io.flashdns.management.server;

/** A plugin will not do; the message is one sentence that says where, why, and what to do. */
final class PluginRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final String sentence;

  PluginRefusedException(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  PluginRefusedException(String sentence, Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
  }

  /** The sentence, never null. */
  String sentence() {
    return sentence;
  }
}
