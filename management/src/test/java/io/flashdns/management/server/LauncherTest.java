package io.flashdns.management.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.management.client.ClientCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@code bin/flashdns} by a real shell, in an installation and among JDKs that this test lays
 * out. Those JDKs are folders with a {@code release} file and a {@code bin/java} that prints its
 * arguments, one a line, and writes the cache that it is told to write.
 */
class LauncherTest {
  private static final Path DIST = Path.of("src/main/dist").toAbsolutePath();

  @TempDir Path temp;
  private Path home;
  private Path jvmFolder;

  @BeforeEach
  void layOutAnInstallation() throws IOException {
    home = Files.createDirectories(temp.resolve("a home")).toRealPath();
    jvmFolder = Files.createDirectories(temp.resolve("jvm"));
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("conf"));
    var script = Files.readString(DIST.resolve("bin/flashdns"));
    var search = "\"${JAVA_HOME:-}\" /usr/lib/jvm/*";
    assertThat(script).contains(search);
    writeExecutable(
        home.resolve("bin/flashdns"),
        script.replace(search, "\"${JAVA_HOME:-}\" " + jvmFolder + "/*"));
  }

  @Test
  void withoutJava25SaysInOneSentenceWhatIsMissing() throws Exception {
    jdk("java-17", "17.0.15");

    var run = launch(Map.of());

    assertThat(run.status).isEqualTo(1);
    assertThat(run.out).isEmpty();
    assertThat(run.err)
        .singleElement()
        .asString()
        .startsWith("flashdns: needs Java 25 or newer")
        .contains("temurin-25-jdk", "FLASHDNS_JAVA_HOME");
  }

  @Test
  void takesTheFirstFitOfTheSystemsJdks() throws Exception {
    jdk("java-17", "17.0.15");
    jdk("temurin-26", "26.0.1");
    Files.createDirectories(jvmFolder.resolve("empty"));

    assertThat(launch(Map.of()).java()).isEqualTo("temurin-26");
  }

  @Test
  void closedStreamsAreNotGivenToFiles() throws Exception {
    var jdk = jdk("java-25", "25.0.3");
    writeExecutable(
        jdk.resolve("bin/java"),
        "#!/bin/sh\nfor fd in 0 1 2; do to=$(readlink /proc/$$/fd/$fd); echo \"$to\" >>"
            + temp
            + "/streams; done\n");
    var launcher = home.resolve("bin/flashdns").toString();

    run(Map.of(), "/bin/sh", "-c", "exec \"$0\" version <&- >&- 2>&-", launcher);

    assertThat(Files.readAllLines(temp.resolve("streams")))
        .containsExactly("/dev/null", "/dev/null", "/dev/null");
  }

  @Test
  void readsVersionsOfEveryForm() throws Exception {
    jdk("a-java-8", "1.8.0_442");
    jdk("b-early-access", "27-ea");

    assertThat(launch(Map.of()).java()).isEqualTo("b-early-access");
  }

  @Test
  void javaHomeComesBeforeTheSystemsJdks() throws Exception {
    jdk("a-25", "25");
    var other = jdk("b-25", "25.0.3");

    assertThat(launch(Map.of("JAVA_HOME", other.toString())).java()).isEqualTo("b-25");
  }

  @Test
  void javaHomeThatIsTooOldIsPassedOver() throws Exception {
    jdk("java-25", "25.0.3");
    var old = jdk("java-17", "17.0.15");

    assertThat(launch(Map.of("JAVA_HOME", old.toString())).java()).isEqualTo("java-25");
  }

  @Test
  void bundledRuntimeComesBeforeJavaHome() throws Exception {
    var other = jdk("java-25", "25.0.3");
    jdk(home.resolve("runtime"), "25.0.2");

    assertThat(launch(Map.of("JAVA_HOME", other.toString())).java()).isEqualTo("runtime");
  }

  @Test
  void ownVariableComesBeforeTheBundledRuntime() throws Exception {
    var other = jdk("java-25", "25.0.3");
    jdk(home.resolve("runtime"), "25.0.2");

    assertThat(launch(Map.of("FLASHDNS_JAVA_HOME", other.toString())).java()).isEqualTo("java-25");
  }

  @Test
  void ownVariableThatIsTooOldStopsInsteadOfChoosingAnother() throws Exception {
    jdk("java-25", "25.0.3");
    var old = jdk("java-17", "17.0.15");

    var run = launch(Map.of("FLASHDNS_JAVA_HOME", old.toString()));

    assertThat(run.status).isEqualTo(1);
    assertThat(run.out).isEmpty();
    assertThat(run.err)
        .singleElement()
        .asString()
        .contains("FLASHDNS_JAVA_HOME is " + old, "holds Java 17", "Java 25 or newer");
  }

  @Test
  void ownVariableWithoutJavaStopsInsteadOfChoosingAnother() throws Exception {
    jdk("java-25", "25.0.3");

    var run = launch(Map.of("FLASHDNS_JAVA_HOME", temp.resolve("nowhere").toString()));

    assertThat(run.status).isEqualTo(1);
    assertThat(run.err).singleElement().asString().contains("nowhere", "holds no Java");
  }

  @Test
  void flagsComeFromTheFileThenFromTheVariableThenTheProgram() throws Exception {
    jdk("java-25", "25.0.3");
    Files.writeString(
        home.resolve("conf/jvm.options"),
        """
        # -Dcomment=1
        -Done=1

          # -Dcomment=2
        \t -Dtwo=two words *\s
        -Dthree='$HOME'\r
        -Dlast=no line end\
        """);

    var run = launch(Map.of("FLASHDNS_JAVA_OPTS", "-Dfour=4  -Dfive=*"), "serve", "", "a  b", "*");

    assertThat(run.arguments())
        .containsExactly(
            "-Done=1",
            "-Dtwo=two words *",
            "-Dthree='$HOME'",
            "-Dlast=no line end",
            "-Dfour=4",
            "-Dfive=*",
            "-cp",
            home + "/lib/*",
            "-Dflashdns.home=" + home,
            "io.flashdns.management.server.Main",
            "serve",
            "",
            "a  b",
            "*");
  }

  @Test
  void commandsThatSpeakToAServerHaveFlagsOfTheirOwn() throws Exception {
    jdk("java-25", "25.0.3");
    Files.createDirectories(home.resolve("conf"));
    Files.writeString(home.resolve("conf/jvm.options"), "-Xms8g\n-Done=1\n");

    for (var command : List.of("login", "zone", "record", "audit", "__complete", "help")) {
      assertThat(launch(Map.of("FLASHDNS_JAVA_OPTS", "-Dtwo=2"), command).arguments())
          .as(command)
          .containsSubsequence("-XX:TieredStopAtLevel=1", "-Dtwo=2", "-cp")
          .doesNotContain("-Xms8g", "-Done=1");
    }
    for (var command : List.of("serve", "check", "import", "fsck", "warm")) {
      assertThat(launch(Map.of(), command).arguments())
          .as(command)
          .startsWith("-Xms8g", "-Done=1")
          .doesNotContain("-XX:TieredStopAtLevel=1");
    }
  }

  @Test
  void everyClientCommandIsKnownToTheLauncher() throws Exception {
    jdk("java-25", "25.0.3");
    var commands =
        RootCommand.commandLine(Terminal.ofProcess()).getSubcommands().keySet().stream()
            .filter(ClientCommands::isCommand)
            .toList();

    assertThat(commands).hasSizeGreaterThan(15);
    for (var command : commands) {
      assertThat(launch(Map.of(), command).arguments())
          .as(command)
          .contains("-XX:TieredStopAtLevel=1");
    }
  }

  @Test
  void startsWithoutAFileOfFlags() throws Exception {
    jdk("java-25", "25.0.3");

    assertThat(launch(Map.of()).arguments()).startsWith("-cp");
  }

  @Test
  void findsItsHomeThroughSymbolicLinks() throws Exception {
    jdk("java-25", "25.0.3");
    var absolute = temp.resolve("absolute");
    Files.createSymbolicLink(absolute, home.resolve("bin/flashdns"));
    var relative = Files.createDirectories(temp.resolve("links")).resolve("relative");
    Files.createSymbolicLink(relative, Path.of("../absolute"));

    var run = run(Map.of(), relative.toString());

    assertThat(run.arguments()).contains("-Dflashdns.home=" + home);
  }

  @Test
  void becomesTheJvmSoThatSignalsAndTheExitStatusAreIts() throws Exception {
    var jdk = jdk("java-25", "25.0.3");
    writeExecutable(jdk.resolve("bin/java"), "#!/bin/sh\necho $$\nexit 42\n");
    var process = start(Map.of(), home.resolve("bin/flashdns").toString());

    var pid = new String(process.getInputStream().readAllBytes(), UTF_8).strip();

    assertThat(process.waitFor()).isEqualTo(42);
    assertThat(pid).isEqualTo(String.valueOf(process.pid()));
  }

  @Test
  void shippedFlagsAreKnownToARealJvm() throws Exception {
    Files.copy(DIST.resolve("conf/jvm.options"), home.resolve("conf/jvm.options"));

    var run =
        launch(
            Map.of(
                "FLASHDNS_JAVA_HOME",
                System.getProperty("java.home"),
                "FLASHDNS_JAVA_OPTS",
                "--version"));

    assertThat(run.err).isEmpty();
    assertThat(run.status).isZero();
    assertThat(run.out.getFirst()).containsPattern("\\b" + Runtime.version().feature() + "\\b");
  }

  @Test
  void warmUpMakesACacheThatLaterStartsUse() throws Exception {
    jdk("java-25", "25.0.3");

    var warmUp = launch(Map.of(), "warm-up");

    assertThat(warmUp.status).as("%s", warmUp).isZero();
    assertThat(warmUp.out).singleElement().asString().endsWith(cache().toString());
    assertThat(cache()).hasContent("warm-up");
    assertThat(clientCache()).hasContent("--client");
    try (var left = Files.list(cache().getParent())) {
      assertThat(left).containsExactlyInAnyOrder(cache(), clientCache());
    }
    var run = launch(Map.of(), "serve");
    assertThat(run.arguments())
        .startsWith("-Xlog:aot=off", "-Xlog:cds=off", useOf(cache()), "-cp")
        .endsWith("io.flashdns.management.server.Main", "serve");
    assertThat(launch(Map.of(), "zone", "list").arguments())
        .contains(useOf(clientCache()))
        .doesNotContain(useOf(cache()))
        .endsWith("zone", "list");
  }

  @Test
  void withACacheTheLauncherStillBecomesTheJvm() throws Exception {
    var jdk = jdk("java-25", "25.0.3");
    warmUp();
    writeExecutable(jdk.resolve("bin/java"), "#!/bin/sh\necho $$ $*\n");
    var process = start(Map.of(), home.resolve("bin/flashdns").toString());

    var said = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(said).startsWith(process.pid() + " ").contains(useOf(cache()));
  }

  @Test
  void cacheLiesWhereTheVariableOrSystemdSays() throws Exception {
    jdk("java-25", "25.0.3");
    var ours = temp.resolve("our cache");
    var systemd = temp.resolve("systemd");

    assertThat(launch(Map.of("CACHE_DIRECTORY", systemd + ":/second"), "warm-up").status).isZero();
    assertThat(
            launch(Map.of("FLASHDNS_CACHE", "" + ours, "CACHE_DIRECTORY", "" + systemd), "warm-up")
                .status)
        .isZero();

    assertThat(systemd.resolve(cache().getFileName())).exists();
    assertThat(launch(Map.of("FLASHDNS_CACHE", ours.toString())).arguments())
        .contains(useOf(ours.resolve(cache().getFileName())));
    assertThat(launch(Map.of()).arguments()).startsWith("-cp");
  }

  @Test
  void cacheOfAnotherJavaIsNotUsed() throws Exception {
    var jdk = jdk("java-25", "25.0.3");
    warmUp();
    var release = jdk.resolve("release");
    Files.writeString(release, Files.readString(release).replace("\"99\"", "\"100\""));

    assertThat(launch(Map.of()).arguments()).startsWith("-cp");
  }

  @Test
  void javaThatDoesNotTellItsBuildStartsWithoutACache() throws Exception {
    var jdk = jdk("java-25", "25.0.3");
    for (var build : List.of("", "JAVA_RUNTIME_VERSION=\"../../x\"\n")) {
      Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n" + build);

      assertThat(launch(Map.of()).arguments()).startsWith("-cp");
      assertThat(launch(Map.of(), "warm-up").err).singleElement().asString().contains("release");
    }
  }

  @Test
  void cacheThatOthersMayWriteIsNotUsed() throws Exception {
    jdk("java-25", "25.0.3");
    warmUp();
    for (var path : List.of(cache(), cache().getParent())) {
      var before = Files.getPosixFilePermissions(path);
      for (var other : List.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE)) {
        var opened = EnumSet.copyOf(before);
        opened.add(other);
        Files.setPosixFilePermissions(path, opened);

        assertThat(launch(Map.of()).arguments()).as("%s %s", path, other).startsWith("-cp");
      }
      Files.setPosixFilePermissions(path, before);
    }
    assertThat(launch(Map.of()).arguments()).contains(useOf(cache()));
  }

  @Test
  void cacheOfAnotherUserIsNotUsed() throws Exception {
    jdk("java-25", "25.0.3");
    warmUp();
    assumeTrue(Files.getAttribute(temp, "unix:uid").equals(0), "only root can give files away");
    for (var path : List.of(cache(), cache().getParent())) {
      Files.setAttribute(path, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);

      assertThat(launch(Map.of()).arguments()).as("%s", path).startsWith("-cp");
      Files.setAttribute(path, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
    }
  }

  @Test
  void linkInPlaceOfTheCacheIsNotFollowed() throws Exception {
    jdk("java-25", "25.0.3");
    warmUp();
    var elsewhere = temp.resolve("elsewhere");
    Files.move(cache(), elsewhere);
    Files.createSymbolicLink(cache(), elsewhere);

    assertThat(launch(Map.of()).arguments()).startsWith("-cp");
  }

  @Test
  void cacheOlderThanJarsOrFlagsIsNotUsed() throws Exception {
    jdk("java-25", "25.0.3");
    var lib = Files.createDirectories(home.resolve("lib"));
    var flags = Files.writeString(home.resolve("conf/jvm.options"), "-Done=1\n");
    warmUp();
    var made = Files.getLastModifiedTime(cache()).toInstant();
    for (var path : List.of(lib, flags)) {
      var before = Files.getLastModifiedTime(path);
      Files.setLastModifiedTime(path, FileTime.from(made.plusSeconds(1)));

      assertThat(launch(Map.of()).arguments()).as("%s", path).doesNotContain(useOf(cache()));
      Files.setLastModifiedTime(path, before);
    }
    assertThat(launch(Map.of()).arguments()).contains(useOf(cache()));
  }

  @Test
  void archiveOfTheUsersOwnIsLeftToTheUser() throws Exception {
    jdk("java-25", "25.0.3");
    warmUp();
    for (var variable : List.of("FLASHDNS_JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
      for (var flag :
          List.of(
              "-Xshare:auto", "-XX:AOTMode=off", "-XX:SharedArchiveFile=/x", "-XX:AOTCache=/x")) {
        assertThat(launch(Map.of(variable, "-Dx=y " + flag)).arguments())
            .as("%s %s", variable, flag)
            .doesNotContain(useOf(cache()));
      }
    }
    assertThat(launch(Map.of("FLASHDNS_JAVA_OPTS", "-Dx=-Xshare:auto")).arguments())
        .contains(useOf(cache()));
  }

  @Test
  void warmUpThatFailsKeepsTheCacheThatIsThereAndSaysWhatTheJvmSaid() throws Exception {
    var jdk = jdk("java-25", "25.0.3");
    warmUp();
    Files.writeString(cache(), "old");
    writeExecutable(jdk.resolve("bin/java"), "#!/bin/sh\necho no memory\nexit 1\n");

    var run = launch(Map.of(), "warm-up");

    assertThat(run.status).isEqualTo(1);
    assertThat(run.err).hasSize(2).startsWith("no memory");
    assertThat(cache()).hasContent("old");
    try (var left = Files.list(cache().getParent())) {
      assertThat(left).containsExactlyInAnyOrder(cache(), clientCache());
    }
  }

  @Test
  void warmUpIntoAFolderThatCannotBeMadeSaysWhatToDo() throws Exception {
    jdk("java-25", "25.0.3");
    var file = Files.writeString(temp.resolve("file"), "");

    var run = launch(Map.of("FLASHDNS_CACHE", file.resolve("cache").toString()), "warm-up");

    assertThat(run.status).isEqualTo(1);
    assertThat(run.err).last().asString().contains("cannot write", "FLASHDNS_CACHE");
  }

  @Test
  void helpOfWarmUpMakesNoCache() throws Exception {
    jdk("java-25", "25.0.3");

    assertThat(launch(Map.of(), "warm-up", "--help").arguments()).startsWith("-cp");
    assertThat(cache()).doesNotExist();
  }

  @Test
  void realJvmStartsWithoutAWordWhenTheCacheIsNoCache() throws Exception {
    var java = Path.of(System.getProperty("java.home"));
    var build =
        Files.readAllLines(java.resolve("release")).stream()
            .filter(line -> line.startsWith("JAVA_RUNTIME_VERSION="))
            .map(line -> line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')))
            .findFirst()
            .orElseThrow();
    var junk = home.resolve("cache/flashdns-" + build + ".aot");
    Files.createDirectories(junk.getParent());
    Files.writeString(junk, "junk");
    Files.setPosixFilePermissions(junk, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(junk.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    var environment = Map.of("FLASHDNS_JAVA_HOME", "" + java, "FLASHDNS_JAVA_OPTS", "-showversion");

    var traced = run(environment, "/bin/sh", "-x", "" + home.resolve("bin/flashdns"));

    assertThat(traced.err).as("the cache is tried").anyMatch(line -> line.contains(useOf(junk)));
    var run = launch(Map.of("FLASHDNS_JAVA_HOME", "" + java, "FLASHDNS_JAVA_OPTS", "--version"));
    assertThat(run.err).isEmpty();
    assertThat(run.status).isZero();
  }

  private Path cache() {
    return home.resolve("cache/flashdns-99.aot");
  }

  private Path clientCache() {
    return home.resolve("cache/flashdns-client-99.aot");
  }

  private static String useOf(Path cache) {
    return "-XX:AOTCache=" + cache;
  }

  private void warmUp() throws Exception {
    var run = launch(Map.of(), "warm-up");
    assertThat(run.status).as("%s", run).isZero();
    assertThat(launch(Map.of()).arguments()).contains(useOf(cache()));
  }

  private Path jdk(String name, String version) throws IOException {
    return jdk(jvmFolder.resolve(name), version);
  }

  private static Path jdk(Path folder, String version) throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(
        folder.resolve("release"),
        "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"99\"\nJAVA_VERSION=\"%s\"\nJAVA_VERSION_DATE=\"2026-01-01\"\n"
            .formatted(version));
    writeExecutable(
        folder.resolve("bin/java"),
        """
        #!/bin/sh
        for argument; do
          case $argument in
            -XX:AOTCacheOutput=*)
              for last; do :; done
              printf %%s "$last" >"${argument#*=}"
              ;;
          esac
        done
        echo '%s'
        printf '%%s\\n' "$@"
        """
            .formatted(folder.getFileName()));
    return folder;
  }

  private Run launch(Map<String, String> environment, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(home.resolve("bin/flashdns").toString());
    command.addAll(List.of(arguments));
    return run(environment, command.toArray(String[]::new));
  }

  private Run run(Map<String, String> environment, String... command) throws Exception {
    var process = start(environment, command);
    var out = lines(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Run(process.exitValue(), out, lines(Files.readAllBytes(temp.resolve("err"))));
  }

  private Process start(Map<String, String> environment, String... command) throws IOException {
    var builder = new ProcessBuilder(command).redirectError(temp.resolve("err").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static List<String> lines(byte[] text) {
    return new String(text, UTF_8).lines().toList();
  }

  private static void writeExecutable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /**
   * What a run left: the first line of {@code out} is the JDK that was chosen, the others its
   * arguments.
   */
  private record Run(int status, List<String> out, List<String> err) {
    String java() {
      return out.isEmpty() ? "none: " + err : out.getFirst();
    }

    List<String> arguments() {
      assertThat(out).as("standard error: %s", err).isNotEmpty();
      return out.subList(1, out.size());
    }
  }
}
