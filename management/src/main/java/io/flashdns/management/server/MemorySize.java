package io.flashdns.management.server;

/**
 * A number of octets, written with a unit: {@code 256MiB}.
 *
 * @param bytes 0 or more
 */
record MemorySize(long bytes) {
  /**
   * Reads what {@link ConfigText#bytes} understands.
   *
   * @throws IllegalArgumentException with the reason
   */
  static MemorySize parse(String text) {
    return new MemorySize(ConfigText.bytes(text));
  }

  @Override
  public String toString() {
    return ConfigText.print(bytes);
  }
}
