package io.flashdns.management.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a command goes and what it shows there: options first, then the environment, then the
 * context.
 *
 * <p>What a context holds is for the context's server: where another server is named, without a
 * context beside it, the context in use plays no part, so that its token does not go astray. When
 * nothing at all is said, the server of this machine is asked with the token that its first start
 * left in the data folder, if the user may read that.
 *
 * @param endpoint where to
 * @param contextName the context that was used; null for none
 * @param token what is shown; null for none
 */
record Destination(Endpoint endpoint, @Nullable String contextName, @Nullable String token) {
  /** Variable with the server. */
  static final String SERVER = "FLASHDNS_SERVER";

  /** Variable with a token. */
  static final String TOKEN = "FLASHDNS_TOKEN";

  /** Variable with the path of a file with a token. */
  static final String TOKEN_FILE = "FLASHDNS_TOKEN_FILE";

  private static final String ADMIN_TOKEN = "admin-token";

  /** The key, and its value without quotes and comment. */
  private static final Pattern DATA =
      Pattern.compile("^data\\s*:\\s+[\"']?([^\"'#\\s][^\"'#]*?)[\"']?\\s*(?:#.*)?$");

  static Destination of(Console console, ConnectionOptions options) throws ClientException {
    String server = options.server != null ? options.server : console.variable(SERVER);
    boolean contextNamed = options.context != null || console.variable("FLASHDNS_CONTEXT") != null;
    String name = null;
    Context context = new Context();
    if (server == null || contextNamed) {
      ClientConfig config = ClientConfig.read(console);
      name = config.chosen(console, options.context);
      if (name != null) {
        context = config.require(name);
      }
    }
    if (server == null) {
      server = context.get(Context.SERVER);
    }
    Endpoint endpoint =
        Endpoint.parse(
            server == null ? Endpoint.DEFAULT : server,
            path(options.ca, context.get(Context.CA)),
            path(options.certificate, context.get(Context.CERTIFICATE)),
            path(options.key, context.get(Context.KEY)));
    return new Destination(endpoint, name, token(console, options, name, context, endpoint));
  }

  /** What a context alone says. */
  static Destination ofContext(Console console, ClientConfig config, String name)
      throws ClientException {
    Context context = config.require(name);
    String server = context.get(Context.SERVER);
    Endpoint endpoint =
        Endpoint.parse(
            server == null ? Endpoint.DEFAULT : server,
            path(null, context.get(Context.CA)),
            path(null, context.get(Context.CERTIFICATE)),
            path(null, context.get(Context.KEY)));
    return new Destination(endpoint, name, ofContext(console, name, context));
  }

  private static @Nullable String ofContext(Console console, String name, Context context)
      throws ClientException {
    String token = context.get(Context.TOKEN);
    if (token != null) {
      return token;
    }
    String file = context.get(Context.TOKEN_FILE);
    if (file != null) {
      return ofFile(Path.of(file));
    }
    return context.get(Context.ISSUER) == null
        ? null
        : DeviceLogin.accessToken(console, name, context);
  }

  private static @Nullable String token(
      Console console,
      ConnectionOptions options,
      @Nullable String name,
      Context context,
      Endpoint endpoint)
      throws ClientException {
    if (options.tokenFile != null) {
      return ofFile(options.tokenFile);
    }
    String token = console.variable(TOKEN);
    if (token != null) {
      return token.strip();
    }
    String file = console.variable(TOKEN_FILE);
    if (file != null) {
      return ofFile(Path.of(file));
    }
    token = name == null ? null : ofContext(console, name, context);
    if (token != null) {
      return token;
    }
    return endpoint.certificate() == null && Endpoint.isLoopback(endpoint.host())
        ? ofDistribution(console)
        : null;
  }

  private static String ofFile(Path file) throws ClientException {
    String token = LocalFiles.read(file).strip();
    if (token.isEmpty() || token.indexOf('\n') >= 0) {
      throw ClientException.failed(file + " must hold a token and nothing else");
    }
    return token;
  }

  /** Null where there is none, or this user may not read it. */
  private static @Nullable String ofDistribution(Console console) {
    Path home = console.home();
    if (home == null) {
      return null;
    }
    try {
      return Files.readString(dataFolder(home).resolve(ADMIN_TOKEN)).strip();
    } catch (IOException | InvalidPathException _) {
      return null;
    }
  }

  /**
   * The data folder of a server that was started without options: {@code data} of the
   * distribution's configuration, else the one of the distribution. That key is a line of its own
   * in every configuration that the server takes, but for one written as a flow mapping; so the
   * file need not be parsed for each command.
   */
  private static Path dataFolder(Path home) {
    Path conf = home.resolve("conf");
    try (Stream<String> lines = Files.lines(conf.resolve("flashdns.yaml"))) {
      for (String line : (Iterable<String>) lines::iterator) {
        Matcher data = DATA.matcher(line);
        if (data.find()) {
          return conf.resolve(data.group(1));
        }
      }
    } catch (IOException | UncheckedIOException _) {
      // Not there, or not to be read: then the default holds.
    }
    return home.resolve("data");
  }

  private static @Nullable Path path(@Nullable Path option, @Nullable String configured) {
    return option != null || configured == null ? option : Path.of(configured);
  }
}
