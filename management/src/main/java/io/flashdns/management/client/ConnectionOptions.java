package io.flashdns.management.client;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every client command takes: which server, as whom, and how to print. */
final class ConnectionOptions {
  @Option(
      names = "--context",
      paramLabel = "NAME",
      description =
          "Use this context of the configuration. Default: $$FLASHDNS_CONTEXT, else the one in"
              + " use.")
  @Nullable String context;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = {
        "The server; http://HOST:PORT for plain text, which loopback addresses alone may have."
            + " Default: $$FLASHDNS_SERVER, else the context's, else 127.0.0.1:8053."
      })
  @Nullable String server;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the token. Default: $$FLASHDNS_TOKEN, $$FLASHDNS_TOKEN_FILE, the context's.")
  @Nullable Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Certificates (PEM) that the server's is checked by. Default: the system's.")
  @Nullable Path ca;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "Certificate (PEM) to show to the server.")
  @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "Key (PEM, PKCS 8) of --cert.")
  @Nullable Path key;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = TimeText.class,
      description = "Longest wait for an answer, such as 10s or 2m. Default: 30s.")
  Duration timeout = Duration.ofSeconds(30);

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description = "table (default), json, yaml or name.")
  OutputForm form = OutputForm.table;

  @Option(names = "--no-headers", description = "Tables without the line of headers.")
  boolean noHeaders;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but what was asked for and errors.")
  boolean quiet;
}
