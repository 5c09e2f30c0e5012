package io.flashdns.transport;

import org.jspecify.annotations.Nullable;

/**
 * The backend that is really used, and why.
 *
 * @param io never {@link IoBackend#AUTO}
 * @param why one clause for {@link Transport#description}
 */
record BackendChoice(IoBackend io, String why) {

  /** The wanted backend, or the best one that works when any will do. */
  static BackendChoice choose(IoBackend wanted) throws TransportException {
    if (wanted != IoBackend.AUTO) {
      String reason = unavailable(wanted);
      if (reason != null) {
        throw new TransportException(
            "I/O backend "
                + wanted.text()
                + " is not available: "
                + reason
                + ". Choose another one, or auto.");
      }
      return new BackendChoice(wanted, "as configured");
    }
    StringBuilder why = new StringBuilder("auto: the fastest one that works here");
    for (IoBackend candidate : new IoBackend[] {IoBackend.FFM, IoBackend.EPOLL}) {
      String reason = unavailable(candidate);
      if (reason == null) {
        return new BackendChoice(candidate, why.toString());
      }
      why.append("; not ").append(candidate.text()).append(": ").append(reason);
    }
    return new BackendChoice(IoBackend.NIO, why.toString());
  }

  /** Why a backend cannot be used here, or null when it can. */
  static @Nullable String unavailable(IoBackend io) {
    return switch (io) {
      case AUTO, NIO -> null;
      case EPOLL -> LoopKind.EPOLL.unavailable();
      case IO_URING -> LoopKind.IO_URING.unavailable();
      case FFM -> {
        String epoll = LoopKind.EPOLL.unavailable();
        yield epoll == null ? Libc.unavailable() : "needs Netty's epoll: " + epoll;
      }
    };
  }

  LoopKind loops() {
    return switch (io) {
      case FFM, EPOLL, AUTO -> LoopKind.EPOLL;
      case IO_URING -> LoopKind.IO_URING;
      case NIO -> LoopKind.NIO;
    };
  }
}
