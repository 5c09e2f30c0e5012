package io.flashdns.plugins.rotate;

/**
 * Configuration of the rotate plugin.
 *
 * @param mode which address comes first: {@code round-robin} or {@code random}; default {@code
 *     round-robin}
 */
public record RotatePluginConfig(Mode mode) {
  /** Which address comes first. */
  public enum Mode {
    /** The one after that which came first the last time. */
    ROUND_ROBIN,
    /** Any, by lot. */
    RANDOM
  }

  /** Round robin. */
  public static RotatePluginConfig defaults() {
    return new RotatePluginConfig(Mode.ROUND_ROBIN);
  }
}
