package io.flashdns.transport;

import java.io.IOException;

/** A call of the C library that failed. */
final class SystemCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  private SystemCallException(String call, int errno) {
    super(call + " failed with errno " + errno);
    this.errno = errno;
  }

  /** {@code result} when it is none of {@link Libc}'s negative error numbers. */
  static int check(String call, int result) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, -result);
    }
    return result;
  }

  int errno() {
    return errno;
  }
}
