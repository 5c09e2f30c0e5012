package io.flashdns.management.server;

import org.jspecify.annotations.Nullable;

/**
 * The short way into {@code flashdns serve}: arguments in their plain forms are taken without
 * picocli, which is a quarter of a start. Whatever is not plain, such as help, mistakes and files
 * of arguments, is left to {@link RootCommand}, which takes the plain ones in the same way.
 */
final class ServeArguments {
  private ServeArguments() {}

  /** An option that was understood is out of its bounds. */
  static final class OutOfBoundsException extends RuntimeException {
    @java.io.Serial private static final long serialVersionUID = 1;

    OutOfBoundsException(IllegalArgumentException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** The command, or null when picocli is to read the arguments. */
  static @Nullable ServeCommand read(String[] arguments, Terminal terminal) {
    if (arguments.length == 0 || !arguments[0].equals("serve")) {
      return null;
    }
    ServerOptions options = new ServerOptions();
    boolean strict = false;
    int next = 1;
    while (next < arguments.length) {
      String argument = arguments[next++];
      if (argument.equals("--strict") && !strict) {
        strict = true;
        continue;
      }
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      if (equals < 0 && next == arguments.length) {
        return null;
      }
      String name = equals < 0 ? argument : argument.substring(0, equals);
      String value = equals < 0 ? arguments[next++] : argument.substring(equals + 1);
      try {
        if (!isPlain(value) || !options.take(name, value)) {
          return null;
        }
      } catch (IllegalArgumentException _) {
        return null; // picocli says what is wrong with it
      }
    }
    return new ServeCommand(options, strict, terminal);
  }

  /** False when picocli might see more in it than the value of an option. */
  private static boolean isPlain(String value) {
    return !value.isEmpty()
        && value.charAt(0) != '-'
        && value.charAt(0) != '@'
        && value.chars().noneMatch(c -> "\"'\\$".indexOf(c) >= 0);
  }
}
