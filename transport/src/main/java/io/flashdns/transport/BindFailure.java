package io.flashdns.transport;

import io.netty.channel.unix.Errors.NativeIoException;
import java.net.InetSocketAddress;
import java.util.Locale;

/** A socket that could not be opened. */
final class BindFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final String transport;
  private final transient InetSocketAddress address;

  /**
   * @param transport UDP or TCP
   */
  BindFailure(String transport, InetSocketAddress address, Throwable cause) {
    super(cause);
    this.transport = transport;
    this.address = address;
  }

  boolean isAddressInUse() {
    return errno() == Libc.EADDRINUSE;
  }

  /** What, where and the remedy, for the operator. */
  TransportException explained() {
    Throwable cause = getCause();
    String where = transport + " " + Addresses.text(address);
    int port = address.getPort();
    String text =
        switch (errno()) {
          case Libc.EADDRINUSE ->
              "is in use. Stop the process that has it (ss -lnp 'sport = :"
                  + port
                  + "' shows it), or choose another address or port.";
          case Libc.EACCES ->
              "is not allowed: ports below 1024 need the capability CAP_NET_BIND_SERVICE (systemd:"
                  + " AmbientCapabilities=CAP_NET_BIND_SERVICE). Grant it, or choose a higher port.";
          case Libc.EADDRNOTAVAIL ->
              "is no address of this machine. Choose one that 'ip address' shows.";
          case Libc.EAFNOSUPPORT -> "needs IPv6, which this machine does not have.";
          case Libc.EMFILE, Libc.ENFILE ->
              "cannot be opened: no file descriptors are left. Raise the limit (ulimit -n).";
          default -> "cannot be opened: " + (cause == null ? "unknown" : cause.getMessage()) + ".";
        };
    return new TransportException("Cannot listen: " + where + " " + text, this);
  }

  /**
   * The error number behind the cause; of the JDK's exceptions by their text, which is that of
   * strerror.
   */
  private int errno() {
    return switch (getCause()) {
      case SystemCallException e -> e.errno();
      case NativeIoException e -> -e.expectedErr();
      case null -> 0;
      default -> {
        String text = String.valueOf(getCause().getMessage()).toLowerCase(Locale.ROOT);
        yield text.contains("address already in use")
            ? Libc.EADDRINUSE
            : text.contains("permission denied")
                ? Libc.EACCES
                : text.contains("assign requested address")
                    ? Libc.EADDRNOTAVAIL
                    : text.contains("family not supported")
                            || text.contains("protocol family unavailable")
                        ? Libc.EAFNOSUPPORT
                        : text.contains("too many open files") ? Libc.EMFILE : 0;
      }
    };
  }
}
