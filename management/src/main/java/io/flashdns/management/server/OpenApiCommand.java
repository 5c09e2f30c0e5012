package io.flashdns.management.server;

import io.flashdns.management.grpc.OpenApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flashdns openapi}. */
@Command(
    name = "openapi",
    header = "Prints the description of the API by JSON over HTTP.",
    description = {
      "OpenAPI 3.1, made of the same contract that the server speaks: each call with its path, its"
          + " request and its answer. A running server gives the same at /openapi.json.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:the file cannot be written", "2:wrong use"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns openapi -o flashdns.json",
      "  flashdns openapi | jq '.paths | keys'",
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class OpenApiCommand implements Callable<Integer> {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Writes it to a file, which is replaced.")
  private @Nullable Path output;

  private final Terminal terminal;

  OpenApiCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    String description = OpenApi.json();
    if (output == null) {
      terminal.print(List.of(description));
      return RootCommand.OK;
    }
    try {
      Files.writeString(output, description + "\n");
      return RootCommand.OK;
    } catch (IOException e) {
      terminal.failure(output + " cannot be written: " + e + "; name another file by -o");
      return RootCommand.FAILED;
    }
  }
}
