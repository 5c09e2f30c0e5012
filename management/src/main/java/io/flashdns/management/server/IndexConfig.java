package io.flashdns.management.server;

import java.util.Optional;

/**
 * The record index: which zones have their images in memory.
 *
 * @param memory octets of images in memory, 16 MiB to 1 TiB; absent means half of the heap's limit
 */
record IndexConfig(Optional<MemorySize> memory) {
  private static final long MIN_BYTES = 16L << 20;
  private static final long MAX_BYTES = 1L << 40;

  IndexConfig {
    memory.ifPresent(
        size -> {
          if (size.bytes() < MIN_BYTES || size.bytes() > MAX_BYTES) {
            throw new IllegalArgumentException(
                "memory must be 16MiB to 1024GiB, not " + ConfigText.print(size.bytes()));
          }
        });
  }

  static IndexConfig defaults() {
    return new IndexConfig(Optional.empty());
  }

  /** The octets that are meant. */
  long memoryBytes() {
    return memory.map(MemorySize::bytes).orElseGet(() -> Runtime.getRuntime().maxMemory() / 2);
  }
}
