package io.flashdns.core.zonefile;

/**
 * What is left of the octets and the {@code $GENERATE} steps that one zone may use, over all of its
 * files. Not thread-safe.
 */
final class Budget {
  private final long maxBytes;
  private final int maxSteps;
  private long bytes;
  private long steps;

  Budget(ZoneFileLimits limits) {
    this.maxBytes = limits.maxFileBytes();
    this.maxSteps = limits.maxGenerateSteps();
  }

  /**
   * Takes octets that were read or generated.
   *
   * @throws ReadingStopped when there are not as many left
   */
  void charge(int octets) throws ReadingStopped {
    bytes += octets;
    if (bytes > maxBytes) {
      throw new ReadingStopped(
          "the zone has more than "
              + maxBytes
              + " octets of text with all that it includes and generates: split the zone or raise the limit");
    }
  }

  /** Takes steps of {@code $GENERATE} if there are as many left. */
  boolean takeSteps(long wanted) {
    if (wanted > maxSteps - steps) {
      return false;
    }
    steps += wanted;
    return true;
  }

  int maxSteps() {
    return maxSteps;
  }
}
