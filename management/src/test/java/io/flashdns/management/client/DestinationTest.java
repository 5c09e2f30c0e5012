package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the token of the first admin is looked for on the machine of the server. */
class DestinationTest {
  @TempDir private Path home;

  @Test
  void tokenIsInTheDataFolderOfTheDistribution() throws Exception {
    token(home.resolve("data"), "fdns_default");

    assertThat(found()).isEqualTo("fdns_default");
    config("# data: ../elsewhere\n#data: ../elsewhere\nstore:\n  data: x\n");
    assertThat(found()).isEqualTo("fdns_default");
  }

  @Test
  void tokenIsInTheDataFolderThatTheConfigurationNames() throws Exception {
    token(home.resolve("data"), "fdns_default");
    token(home.resolve("moved here"), "fdns_moved");
    for (String value :
        new String[] {
          "../moved here",
          "'../moved here'",
          "\"../moved here\"  # on the large disk",
          home.resolve("moved here").toString()
        }) {
      config("listen: [127.0.0.1:5353]\ndata: " + value + "\n");

      assertThat(found()).as(value).isEqualTo("fdns_moved");
    }
  }

  @Test
  void withoutATokenNoneIsShown() throws Exception {
    config("data: ../moved\n");
    token(home.resolve("data"), "fdns_default");

    assertThat(found()).isNull();
  }

  private @Nullable String found() throws ClientException {
    Console console =
        new Console(
            InputStream.nullInputStream(),
            System.out,
            System.err,
            false,
            false,
            false,
            Map.of("XDG_CONFIG_HOME", home.resolve("none").toString()),
            home);
    return Destination.of(console, new ConnectionOptions()).token();
  }

  private void config(String text) throws Exception {
    Files.writeString(Files.createDirectories(home.resolve("conf")).resolve("flashdns.yaml"), text);
  }

  private static void token(Path folder, String secret) throws Exception {
    Files.writeString(Files.createDirectories(folder).resolve("admin-token"), secret + "\n");
  }
}
