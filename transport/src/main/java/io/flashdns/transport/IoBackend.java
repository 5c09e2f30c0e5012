package io.flashdns.transport;

import java.util.Locale;

/**
 * How packets and connections reach the event loops. README.md of this module compares the ways.
 */
public enum IoBackend {
  /**
   * The fastest that works on this machine: {@link #FFM}, else {@link #EPOLL}, else {@link #NIO}.
   */
  AUTO("auto"),
  /**
   * UDP by recvmmsg and sendmmsg, called from Java without JNI; TCP by epoll. Linux, x86_64 and
   * aarch64.
   */
  FFM("ffm"),
  /** UDP and TCP by Netty's epoll channels. Linux. */
  EPOLL("epoll"),
  /**
   * UDP and TCP by Netty's io_uring channels. Linux 5.14 and newer, where io_uring is not switched
   * off.
   */
  IO_URING("io_uring"),
  /** UDP and TCP by the JDK's selectors: works everywhere, and is the slowest. */
  NIO("nio");

  private final String text;

  IoBackend(String text) {
    this.text = text;
  }

  /**
   * The backend that {@code text} names, in any case.
   *
   * @throws IllegalArgumentException with the list of names, when there is no such backend
   */
  public static IoBackend parse(String text) {
    String wanted = text.toLowerCase(Locale.ROOT);
    for (IoBackend backend : values()) {
      if (backend.text.equals(wanted)) {
        return backend;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no I/O backend: use auto, ffm, epoll, io_uring or nio");
  }

  /** The name as a user writes it. */
  public String text() {
    return text;
  }
}
