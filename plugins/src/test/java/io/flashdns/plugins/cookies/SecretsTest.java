package io.flashdns.plugins.cookies;

import static io.flashdns.plugins.cookies.CookieServer.CLIENT;
import static io.flashdns.plugins.cookies.CookieServer.SECRET;
import static io.flashdns.plugins.cookies.CookieServer.secretFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretsTest {
  private static final String NEXT = "445536bcd2513298075a5d379663c962";
  private static final long NOW = 1_700_000_000;
  private static final long DAY = 86_400;

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("shared.secrets");
  }

  private OwnSecrets ownSecrets() {
    return new OwnSecrets(folder, DAY, new SecureRandom());
  }

  private static void mode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  /** As long as the plugin takes, at most, to see a change of its file. */
  private static void aMomentLater(CookieServer cookies) {
    cookies.server.advance(Duration.ofSeconds(1));
  }

  @Test
  void secretsRollOverWithoutLosingACookie() throws IOException {
    Path one = secretFile(folder.resolve("one"), SECRET);
    Path other = secretFile(folder.resolve("other"), SECRET);
    try (CookieServer first = CookieServer.withSecretFile(one).at(NOW);
        CookieServer second = CookieServer.withSecretFile(other).at(NOW)) {
      String old = first.give(CLIENT);
      assertThat(second.accepts(old)).isTrue();

      // The new secret is made known to both, and signs nothing yet.
      secretFile(one, SECRET, NEXT);
      secretFile(other, SECRET, NEXT);
      aMomentLater(first);
      aMomentLater(second);
      assertThat(first.server.metric("flashdns_cookies_secrets")).isEqualTo(2);
      assertThat(first.give(old)).isEqualTo(old);

      // One signs with it already: the other accepts that.
      secretFile(one, NEXT, SECRET);
      aMomentLater(first);
      assertThat(first.accepts(old)).isTrue();
      String fresh = first.give(old);
      assertThat(fresh).isNotEqualTo(old);
      assertThat(second.accepts(fresh)).isTrue();

      // Both do, and the old one goes.
      secretFile(one, NEXT);
      secretFile(other, NEXT);
      aMomentLater(first);
      aMomentLater(second);
      assertThat(second.accepts(fresh)).isTrue();
      assertThat(first.accepts(old)).isFalse();
      assertThat(first.complaints).isEmpty();
    }
  }

  @Test
  void brokenFileKeepsTheSecretsAndIsToldOnce() throws IOException {
    secretFile(file(), SECRET);
    try (CookieServer cookies = CookieServer.withSecretFile(file()).at(NOW)) {
      String given = cookies.give(CLIENT);
      secretFile(file(), SECRET, "not hexadecimal");
      aMomentLater(cookies);
      aMomentLater(cookies);

      assertThat(cookies.complaints)
          .singleElement()
          .asString()
          .endsWith("the secret-file " + file() + " has no 32 hexadecimal digits in line 2");
      assertThat(cookies.server.metric("flashdns_cookies_secret_failures")).isEqualTo(1);
      assertThat(cookies.accepts(given)).isTrue();

      Files.delete(file());
      aMomentLater(cookies);
      aMomentLater(cookies);
      assertThat(cookies.complaints).hasSize(2);
      assertThat(cookies.complaints.getLast()).contains("does not exist");
      assertThat(cookies.accepts(given)).isTrue();

      secretFile(file(), NEXT);
      aMomentLater(cookies);
      assertThat(cookies.accepts(given)).isFalse();
      assertThat(cookies.complaints).hasSize(2);
    }
  }

  @Test
  void fileThatOthersMayReadIsRefusedUntilItsModeIsChanged() throws IOException {
    secretFile(file(), SECRET);
    try (CookieServer cookies = CookieServer.withSecretFile(file()).at(NOW)) {
      String given = cookies.give(CLIENT);
      Files.writeString(file(), NEXT + "\n" + SECRET + "\n");
      mode(file(), "rw-r-----");
      aMomentLater(cookies);
      assertThat(cookies.complaints)
          .singleElement()
          .asString()
          .endsWith(
              "the secret-file "
                  + file()
                  + " may be used by others (rw-r-----): run chmod 600 on it");
      assertThat(cookies.give(given)).isEqualTo(given);

      mode(file(), "rw-------");
      aMomentLater(cookies);
      assertThat(cookies.give(given)).isNotEqualTo(given);
      assertThat(cookies.accepts(given)).isTrue();
    }
  }

  @Test
  void serverDoesNotStartWithAFileItCannotUse() throws IOException {
    assertThatThrownBy(() -> CookieServer.withSecretFile(file()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "the secret-file %s does not exist: make it with a line of 32 hexadecimal digits, mode"
                + " 600",
            file());
    secretFile(file(), SECRET);
    mode(file(), "rw----r--");
    assertThatThrownBy(() -> CookieServer.withSecretFile(file()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("may be used by others (rw----r--)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e5e973e5a6b2a43f48e7dc849e37bfc",
        "e5e973e5a6b2a43f48e7dc849e37bfcf0",
        "0xe5e973e5a6b2a43f48e7dc849e37bf",
        "e5e973e5a6b2a43f 8e7dc849e37bfcf",
        "g5e973e5a6b2a43f48e7dc849e37bfcf"
      })
  void lineThatIsNoSecretIsRefusedWithoutShowingIt(String line) throws IOException {
    secretFile(file(), "# shared", "", line);
    assertThatThrownBy(() -> new OperatorSecrets(file()).peek())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the secret-file %s has no 32 hexadecimal digits in line 3", file())
        .hasNoCause();
  }

  @Test
  void fileHoldsOneToEightSecrets() throws IOException {
    secretFile(file(), "# none", "");
    assertThatThrownBy(() -> new OperatorSecrets(file()).peek())
        .hasMessage("the secret-file %s holds 0 secrets, 1 to 8 are allowed", file());
    secretFile(file(), (SECRET + "\n").repeat(9));
    assertThatThrownBy(() -> new OperatorSecrets(file()).peek())
        .hasMessage("the secret-file %s holds 9 secrets, 1 to 8 are allowed", file());
    secretFile(file(), "x".repeat(5_000));
    assertThatThrownBy(() -> new OperatorSecrets(file()).peek())
        .hasMessageContaining("has more than 4096 octets");
    secretFile(file(), "# eight", " " + SECRET.toUpperCase(Locale.ROOT), (NEXT + "\n").repeat(7));
    assertThat(new OperatorSecrets(file()).peek().size()).isEqualTo(8);
  }

  @Test
  void ownSecretIsMadeForTheServerAloneAndSurvivesARestart() throws IOException {
    String given;
    try (CookieServer cookies = CookieServer.withOwnSecrets(folder)) {
      given = cookies.give(CLIENT);
    }
    Path file = folder.resolve("cookies.secret");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).matches("[0-9a-f]{32} [0-9]+\n");
    try (var files = Files.list(folder)) {
      assertThat(files).as("nothing is left over").containsExactly(file);
    }
    try (CookieServer cookies = CookieServer.withOwnSecrets(folder)) {
      assertThat(cookies.accepts(given)).isTrue();
    }
  }

  @Test
  void ownSecretsDifferFromServerToServer() {
    try (CookieServer one = CookieServer.withOwnSecrets(null);
        CookieServer other = CookieServer.withOwnSecrets(null)) {
      String given = one.give(CLIENT);
      assertThat(one.accepts(given)).isTrue();
      assertThat(other.accepts(given)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ownSecretIsRotatedAfterADayAndAcceptedForOneMore(boolean isKept) throws IOException {
    try (CookieServer cookies = CookieServer.withOwnSecrets(isKept ? folder : null)) {
      cookies.server.advance(Duration.ofDays(1));
      Path file = folder.resolve("cookies.secret");
      String content = isKept ? Files.readString(file) : "";
      cookies.server.advance(Duration.ofDays(1).minusSeconds(2));
      String old = cookies.give(CLIENT);
      cookies.server.advance(Duration.ofSeconds(1));
      assertThat(cookies.give(old)).as("a second too early").isEqualTo(old);

      cookies.server.advance(Duration.ofSeconds(1));
      assertThat(cookies.accepts(old)).isTrue();
      String fresh = cookies.give(old);
      assertThat(fresh).as("signed anew").isNotEqualTo(old);
      assertThat(cookies.server.metric("flashdns_cookies_secrets")).isEqualTo(2);
      if (isKept) {
        String[] lines = Files.readString(file).split("\n");
        assertThat(lines).hasSize(2);
        assertThat(lines[1]).isEqualTo(content.lines().findFirst().orElseThrow());
      }
      cookies.server.advance(Duration.ofSeconds(1_700));
      assertThat(cookies.accepts(old)).isTrue();
      assertThat(cookies.complaints).isEmpty();
    }
  }

  @Test
  void secretThatCannotBeKeptSignsAllTheSame() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    try (CookieServer cookies = CookieServer.withOwnSecrets(data)) {
      cookies.server.advance(Duration.ofHours(23));
      String old = cookies.give(CLIENT);
      Files.delete(data.resolve("cookies.secret"));
      Files.delete(data);
      Files.writeString(data, "no folder");
      cookies.server.advance(Duration.ofHours(1).minusSeconds(1));
      cookies.server.advance(Duration.ofSeconds(1));
      cookies.server.advance(Duration.ofSeconds(2));

      assertThat(cookies.complaints).hasSize(1);
      assertThat(cookies.complaints.getFirst())
          .contains("cookies.secret cannot be written")
          .contains("after a restart older secrets sign again");
      assertThat(cookies.give(old)).isNotEqualTo(old);
      assertThat(cookies.server.metric("flashdns_cookies_secret_failures")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e5e973e5a6b2a43f48e7dc849e37bfcf",
        "e5e973e5a6b2a43f48e7dc849e37bfcf -1",
        "e5e973e5a6b2a43f48e7dc849e37bfcf 1234567890123",
        "1"
      })
  void ownFileThatSomebodyElseWroteIsRefused(String line) throws IOException {
    Path file = secretFile(folder.resolve("cookies.secret"), line);
    assertThatThrownBy(() -> ownSecrets().open(NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the file of cookie secrets %s does not hold what this server wrote: remove it for new"
                + " secrets",
            file);
  }

  @Test
  void emptyOwnFileAndOneThatOthersMayReadAreRefused() throws IOException {
    Path file = folder.resolve("cookies.secret");
    Files.createFile(file);
    mode(file, "rw-------");
    assertThatThrownBy(() -> ownSecrets().open(NOW))
        .hasMessage("the file of cookie secrets %s is empty: remove it for new secrets", file);
    mode(file, "rw-rw-rw-");
    assertThatThrownBy(() -> CookieServer.withOwnSecrets(folder))
        .hasMessageContaining("may be used by others");
  }

  @Test
  void olderSecretIsReplacedAtTheStart() throws IOException {
    long longAgo = System.currentTimeMillis() / 1_000 - 3 * DAY;
    Path file = secretFile(folder.resolve("cookies.secret"), SECRET + " " + longAgo);
    CookieServer.withOwnSecrets(folder).close();
    assertThat(Files.readString(file)).doesNotStartWith(SECRET).contains(SECRET).hasLineCount(2);
  }

  @Test
  void lookingBeforeTheStartMakesNoFile() {
    Secrets secrets = ownSecrets().peek();
    assertThat(secrets.size()).isEqualTo(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void rotationIsBounded() {
    assertThat(CookiesPluginConfig.defaults())
        .isEqualTo(new CookiesPluginConfig(Optional.empty(), Duration.ofDays(1), false));
    for (Duration bad : new Duration[] {Duration.ofSeconds(3_599), Duration.ofDays(366)}) {
      assertThatThrownBy(() -> new CookiesPluginConfig(Optional.empty(), bad, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rotate must be 1h to 365d, not " + bad.toSeconds() + "s");
    }
    for (Duration good : new Duration[] {Duration.ofHours(1), Duration.ofDays(365)}) {
      assertThat(new CookiesPluginConfig(Optional.empty(), good, false).rotate()).isEqualTo(good);
    }
  }
}
