package io.flashdns.transport;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Collections;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The socket calls of the C library, without JNI. A call returns what C returns, but {@code -errno}
 * in the place of -1. The numbers are those of Linux on x86_64 and aarch64, which agree.
 *
 * <p><b>Thread</b>: any; each caller brings its own segment of {@link #ERRNO_BYTES} for the error
 * number. <b>Cost</b>: about 10 ns over the system call itself, with the error number read; no
 * allocation once compiled.
 */
final class Libc {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;

  static final int SOL_SOCKET = 1;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_REUSEPORT = 15;
  static final int SO_ATTACH_FILTER = 26;
  static final int SO_DETACH_FILTER = 27;
  static final int SO_SNDBUFFORCE = 32;
  static final int SO_RCVBUFFORCE = 33;
  static final int SO_MEMINFO = 55;

  static final int IPPROTO_IP = 0;
  static final int IP_PKTINFO = 8;
  static final int IP_MTU_DISCOVER = 10;

  static final int IPPROTO_TCP = 6;
  static final int TCP_NOTSENT_LOWAT = 25;

  static final int IPPROTO_IPV6 = 41;
  static final int IPV6_MTU_DISCOVER = 23;
  static final int IPV6_V6ONLY = 26;
  static final int IPV6_RECVPKTINFO = 49;

  static final int SOL_UDP = 17;
  static final int UDP_SEGMENT = 103;

  /**
   * Sets the don't-fragment bit, for fragments of replies could be spoofed (RFC 9715), and believes
   * no ICMP about the path's MTU: a forged one cannot silence us. The kernel also need not pick an
   * IP identification.
   */
  static final int PMTUDISC_PROBE = 3;

  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;

  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EMFILE = 24;
  static final int ENFILE = 23;
  static final int EAFNOSUPPORT = 97;
  static final int EADDRINUSE = 98;
  static final int EADDRNOTAVAIL = 99;
  static final int ECONNREFUSED = 111;

  static final long ERRNO_BYTES = Linker.Option.captureStateLayout().byteSize();

  private static final Linker LINKER = Linker.nativeLinker();

  // Numbers and pointers are both given as 64 bits: on x86_64 and aarch64 each of these arguments
  // has a register of its own, of which C reads the half that it wants. So there are four forms of
  // calls, and not eight; each form is code that is made when the server starts, for 10 ms of
  // processor time. Besides, a segment as argument would cost a lock of its arena in every call.
  private static final MethodHandle SOCKET = function("socket", 3);
  private static final MethodHandle BIND = function("bind", 3);
  private static final MethodHandle CONNECT = function("connect", 3);
  private static final MethodHandle CLOSE = function("close", 1);
  private static final MethodHandle GETSOCKNAME = function("getsockname", 3);
  private static final MethodHandle SETSOCKOPT = function("setsockopt", 5);
  private static final MethodHandle GETSOCKOPT = function("getsockopt", 5);
  private static final MethodHandle RECVMMSG = function("recvmmsg", 5);
  private static final MethodHandle SENDMMSG = function("sendmmsg", 4);
  private static final MethodHandle SETPRIORITY = function("setpriority", 3);

  private Libc() {}

  @SuppressWarnings("restricted") // The point of this class; the launcher enables native access.
  private static MethodHandle function(String name, int arguments) {
    MemorySegment symbol =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
    return LINKER.downcallHandle(
        symbol,
        FunctionDescriptor.of(
            JAVA_INT, Collections.nCopies(arguments, JAVA_LONG).toArray(MemoryLayout[]::new)),
        Linker.Option.captureCallState("errno"));
  }

  /** Why these calls cannot be used here, or null when they can. */
  static @Nullable String unavailable() {
    String system = System.getProperty("os.name", "");
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!system.equals("Linux")) {
      return "needs Linux, this is " + system;
    }
    if (!machine.equals("amd64") && !machine.equals("x86_64") && !machine.equals("aarch64")) {
      return "needs x86_64 or aarch64, this is " + machine;
    }
    return Probe.REASON;
  }

  /** One try of the real calls: a sandbox may forbid what the library offers. */
  private static final class Probe {
    static final @Nullable String REASON = reason();

    private static @Nullable String reason() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment errno = arena.allocate(ERRNO_BYTES, Long.BYTES);
        int fd = socket(errno, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
          return "socket() fails with errno " + -fd;
        }
        int received = recvmmsg(errno, fd, arena.allocate(64, 8).address(), 1);
        int sent = sendmmsg(errno, fd, 0, 0);
        close(errno, fd);
        if (received != -EAGAIN || sent != 0) {
          return "recvmmsg() answers " + received + " and sendmmsg() " + sent;
        }
        return null;
      } catch (IllegalCallerException _) {
        return "native access is off: start Java with --enable-native-access=ALL-UNNAMED";
      } catch (RuntimeException | LinkageError e) {
        return "the C library cannot be called: " + e;
      }
    }
  }

  static int socket(MemorySegment errno, int family, int type) {
    try {
      return result(errno, (int) SOCKET.invokeExact(errno, (long) family, (long) type, 0L));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int bind(MemorySegment errno, int fd, MemorySegment address) {
    try {
      return result(
          errno, (int) BIND.invokeExact(errno, (long) fd, address.address(), address.byteSize()));
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      Reference.reachabilityFence(address);
    }
  }

  static int connect(MemorySegment errno, int fd, MemorySegment address) {
    try {
      return result(
          errno,
          (int) CONNECT.invokeExact(errno, (long) fd, address.address(), address.byteSize()));
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      Reference.reachabilityFence(address);
    }
  }

  static int close(MemorySegment errno, int fd) {
    try {
      return result(errno, (int) CLOSE.invokeExact(errno, (long) fd));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Writes the bound address into {@code address}. */
  static int getsockname(MemorySegment errno, int fd, MemorySegment address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
      return result(
          errno,
          (int) GETSOCKNAME.invokeExact(errno, (long) fd, address.address(), length.address()));
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      Reference.reachabilityFence(address);
    }
  }

  static int setsockopt(MemorySegment errno, int fd, int level, int option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      return setsockopt(errno, fd, level, option, arena.allocateFrom(JAVA_INT, value));
    }
  }

  static int setsockopt(MemorySegment errno, int fd, int level, int option, MemorySegment value) {
    try {
      return result(
          errno,
          (int)
              SETSOCKOPT.invokeExact(
                  errno,
                  (long) fd,
                  (long) level,
                  (long) option,
                  value.address(),
                  value.byteSize()));
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      Reference.reachabilityFence(value);
    }
  }

  /** The option's value; options that can be negative are not read here. */
  static int getsockopt(MemorySegment errno, int fd, int level, int option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocateFrom(JAVA_INT, 0);
      MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      int result = getsockopt(errno, fd, level, option, number.address(), length.address());
      return result < 0 ? result : number.get(JAVA_INT, 0);
    }
  }

  /**
   * Reads an option of any form.
   *
   * @param value where it is put
   * @param length where its length stands: the room before, what there is of it after the call
   */
  static int getsockopt(
      MemorySegment errno, int fd, int level, int option, long value, long length) {
    try {
      return result(
          errno,
          (int)
              GETSOCKOPT.invokeExact(errno, (long) fd, (long) level, (long) option, value, length));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Reads up to {@code count} datagrams without waiting; how many came. */
  static int recvmmsg(MemorySegment errno, int fd, long vector, int count) {
    try {
      return result(
          errno,
          (int)
              RECVMMSG.invokeExact(
                  errno, (long) fd, vector, (long) count, (long) MSG_DONTWAIT, 0L));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Sends up to {@code count} datagrams without waiting; how many went. */
  static int sendmmsg(MemorySegment errno, int fd, long vector, int count) {
    try {
      return result(
          errno,
          (int)
              SENDMMSG.invokeExact(
                  errno, (long) fd, vector, (long) count, (long) (MSG_DONTWAIT | MSG_NOSIGNAL)));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Sets the nice value of a thread; a higher one is always allowed.
   *
   * @param thread its number in the system, 0 for the calling one
   */
  static int setpriority(MemorySegment errno, long thread, int nice) {
    try {
      // PRIO_PROCESS: on Linux that is a thread alone.
      return result(errno, (int) SETPRIORITY.invokeExact(errno, 0L, thread, (long) nice));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int result(MemorySegment errno, int returned) {
    return returned < 0 ? -errno.get(JAVA_INT, 0) : returned;
  }

  /** Calls of C throw nothing; what comes is an error of the virtual machine. */
  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}
