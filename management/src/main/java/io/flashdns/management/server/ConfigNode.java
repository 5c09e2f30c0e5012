package io.flashdns.management.server;

import java.util.List;

/**
 * A configuration file as a neutral tree: whatever the file's syntax, the binder sees these three,
 * each with its place.
 */
sealed interface ConfigNode {
  /** Where the node begins. */
  Position at();

  /**
   * A place in the file.
   *
   * @param line from 1
   * @param column from 1
   */
  record Position(int line, int column) {
    /** The beginning of the file: the place of what is not there. */
    static final Position START = new Position(1, 1);
  }

  /**
   * A single value.
   *
   * @param text as written, without quotes
   * @param quoted true when it stood in quotes, hence is text whatever it looks like
   */
  record Scalar(String text, boolean quoted, Position at) implements ConfigNode {
    /** True for a key without a value, {@code ~} and {@code null}. */
    boolean isEmpty() {
      return !quoted && (text.isEmpty() || text.equals("~") || text.equals("null"));
    }
  }

  /** An ordered list of values. */
  record Items(List<ConfigNode> items, Position at) implements ConfigNode {}

  /** Keys with values, in the order of the file, no key twice. */
  record Section(List<Entry> entries, Position at) implements ConfigNode {}

  /** One key of a section. */
  record Entry(String key, ConfigNode value, Position at) {}
}
