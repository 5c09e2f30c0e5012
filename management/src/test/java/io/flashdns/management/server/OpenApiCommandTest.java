package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.flashdns.management.grpc.OpenApi;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flashdns openapi}. */
class OpenApiCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return Main.run(
        arguments,
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false));
  }

  @Test
  void printsWhatAServerGives() {
    assertThat(run("openapi")).isZero();
    assertThat(JsonParser.parseString(out.toString(StandardCharsets.UTF_8)))
        .isEqualTo(JsonParser.parseString(OpenApi.json()));
    assertThat(err.size()).isZero();
  }

  @Test
  void writesItToAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("api.json");
    assertThat(run("openapi", "-o", file.toString())).isZero();
    assertThat(Files.readString(file)).isEqualTo(OpenApi.json() + "\n");
    assertThat(out.size()).isZero();
  }

  @Test
  void saysThatAFileCannotBeWritten(@TempDir Path folder) {
    assertThat(run("openapi", "-o", folder.toString())).isEqualTo(RootCommand.FAILED);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("flashdns: " + folder + " cannot be written: ");
  }
}
