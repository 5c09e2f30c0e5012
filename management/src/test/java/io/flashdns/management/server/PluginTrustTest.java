package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flashdns.core.plugin.PluginFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose code is run: nothing that others could have written, and what is pinned alone. */
class PluginTrustTest {
  @TempDir private Path temp;
  private Path root;
  private Path folder;
  private final PluginLoader loader = new PluginLoader();

  @BeforeEach
  void makeFolders() throws IOException {
    root = Files.createDirectory(temp.resolve("plugins"));
    folder = Files.createDirectory(root.resolve("grey"));
    closeToOthers(root);
    closeToOthers(folder);
  }

  @Test
  void whatOthersMayWriteIsRefused() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    for (Path path : List.of(root, folder, jar)) {
      for (String mode : List.of("rwxrwxr-x", "rwxr-xrwx")) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        assertThat(sentence())
            .startsWith(path + " may be written by others (mode 07")
            .endsWith("run chmod go-w on it");
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    assertThat(load()).isNotNull();
  }

  @Test
  void jarThatOthersMayWriteByNowIsRefusedThoughUnchanged() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    assertThat(load()).isSameAs(load());

    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(sentence()).startsWith(jar + " may be written by others (mode 0666)");
  }

  @Test
  void folderThatIsOpenWithTheStickyBitWillDo() throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    Files.setAttribute(folder, "unix:mode", 01777);

    assertThat(load().name()).isEqualTo("grey");
  }

  @Test
  void linkIntoAFolderThatOthersMayWriteIsRefused() throws Exception {
    Path open = Files.createDirectory(temp.resolve("open"));
    Path jar = PluginJar.answering("grey", 1).write(open.resolve("grey.jar"));
    closeToOthers(jar);
    Files.createSymbolicLink(folder.resolve("grey.jar"), jar);
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(sentence()).startsWith(open + " may be written by others");
  }

  @Test
  void jarOfAnotherUserIsRefused() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    org.junit.jupiter.api.Assumptions.assumeTrue(
        (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0,
        "only root can give a file away");
    Files.setAttribute(jar, "unix:uid", 65_534);

    assertThat(sentence())
        .startsWith(jar + " belongs to ")
        .contains("who could put code into this server");
  }

  @Test
  void pinnedJarsAloneAreLoaded() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    String digest = PluginLoader.jarsOf(load()).digests().get("grey.jar");
    PluginPin right = new PluginPin("grey", List.of("0".repeat(64), digest));

    assertThat(loader.load(root, "grey", List.of(right)).name()).isEqualTo("grey");
    for (PluginPin wrong :
        List.of(
            new PluginPin("grey", List.of("0".repeat(64))),
            new PluginPin("other", List.of(digest)))) {
      assertThat(
              catchThrowableOfType(
                  PluginRefusedException.class, () -> loader.load(root, "grey", List.of(wrong))))
          .hasMessage(
              "the jar "
                  + jar
                  + " is not pinned: if it is the one you want, add "
                  + digest
                  + " for the plugin grey to plugin-pins");
    }
    PluginJar.answering("grey", 2).write(jar);
    assertThat(
            catchThrowableOfType(
                PluginRefusedException.class, () -> loader.load(root, "grey", List.of(right))))
        .isNotNull();
  }

  @Test
  void codeOfAJarThatIsNotPinnedDoesNotRun() throws Exception {
    String property = "flashdns.test.ran";
    new PluginJar()
        .source(
            "Factory",
            PluginLoaderTest.named("grey")
                .replace(
                    "/*more*/", "static { System.setProperty(\"" + property + "\", \"yes\"); }"))
        .provides("Factory")
        .write(folder.resolve("grey.jar"));
    PluginPin wrong = new PluginPin("grey", List.of("0".repeat(64)));

    assertThat(
            catchThrowableOfType(
                PluginRefusedException.class, () -> loader.load(root, "grey", List.of(wrong))))
        .isNotNull();
    assertThat(System.getProperty(property)).isNull();
    load();
    assertThat(System.clearProperty(property)).isEqualTo("yes");
  }

  private PluginFactory<?> load() throws PluginRefusedException {
    return loader.load(root, "grey", List.of());
  }

  private String sentence() {
    PluginRefusedException refused = catchThrowableOfType(PluginRefusedException.class, this::load);
    assertThat(refused).as("refused").isNotNull();
    assertThat(refused.sentence()).doesNotContain("\n");
    return refused.sentence();
  }

  private static void closeToOthers(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
