package io.flashdns.plugins.cookies;

import static io.flashdns.plugins.cookies.CookieServer.CLIENT;
import static io.flashdns.plugins.cookies.CookieServer.SECRET;
import static io.flashdns.plugins.cookies.CookieServer.secretFile;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets of the nodes of a shared store, by the file that the server keeps of them. */
@Tag("rfc9018")
final class FleetSecretsTest {
  private static final String FILE = "cookies.shared";
  private static final String NEXT = "445536bcd2513298075a5d379663c962";
  private static final String LAST = "00112233445566778899aabbccddeeff";
  private static final long NOW = 1_700_000_000;

  @TempDir private Path one;
  @TempDir private Path other;

  private static String line(String secret, long fromSeconds) {
    return secret + " " + fromSeconds;
  }

  private static CookieServer open(Path folder) {
    return CookieServer.withOwnSecrets(folder).at(NOW);
  }

  private static void aMomentLater(CookieServer cookies) {
    cookies.server.advance(Duration.ofSeconds(1));
  }

  @Test
  void nextSecretTakesItsTurnOnAllNodesWithoutAChangeOfTheFile() throws IOException {
    for (Path folder : new Path[] {one, other}) {
      secretFile(folder.resolve(FILE), line(NEXT, NOW + 60), line(SECRET, NOW - 60));
    }
    try (CookieServer first = open(one);
        CookieServer second = open(other)) {
      aMomentLater(first);
      aMomentLater(second);
      String old = first.give(CLIENT);
      assertThat(second.accepts(old)).isTrue();
      assertThat(second.give(old)).as("nothing to renew").isEqualTo(old);

      // The clock of one is before that of the other.
      first.server.advance(Duration.ofSeconds(60));
      String fresh = first.give(old);
      assertThat(fresh).isNotEqualTo(old);
      assertThat(first.accepts(old)).isTrue();
      assertThat(second.accepts(fresh)).isTrue();

      second.server.advance(Duration.ofSeconds(61));
      assertThat(second.give(fresh)).isEqualTo(fresh);
      assertThat(first.server.metric("flashdns_cookies_secrets")).isEqualTo(2);
      assertThat(first.complaints).isEmpty();
    }
    assertThat(one.resolve("cookies.secret")).doesNotExist();
  }

  @Test
  void changedFileIsTakenWithinASecond() throws IOException {
    Path file = secretFile(one.resolve(FILE), line(SECRET, NOW - 60));
    try (CookieServer cookies = open(one)) {
      aMomentLater(cookies);
      String old = cookies.give(CLIENT);
      secretFile(file, line(LAST, NOW + 600), line(NEXT, NOW), line(SECRET, NOW - 60));
      aMomentLater(cookies);
      assertThat(cookies.accepts(old)).isTrue();
      assertThat(cookies.give(old)).isNotEqualTo(old);
      assertThat(cookies.server.metric("flashdns_cookies_secrets")).isEqualTo(3);
    }
  }

  @Test
  void serverThatJoinsAndLeavesAFleetChangesItsSecrets() throws IOException {
    try (CookieServer cookies = open(one)) {
      aMomentLater(cookies);
      String own = cookies.give(CLIENT);
      Path file = secretFile(one.resolve(FILE), line(SECRET, NOW));
      aMomentLater(cookies);
      assertThat(cookies.accepts(own)).isFalse();
      String shared = cookies.give(CLIENT);
      Files.delete(file);
      aMomentLater(cookies);
      assertThat(cookies.accepts(shared)).isFalse();
      assertThat(cookies.accepts(own)).isTrue();
    }
  }

  @Test
  void fileThatCannotBeUsedKeepsTheSecretsAndIsToldOnceWithoutThem() throws IOException {
    Path file = secretFile(one.resolve(FILE), line(SECRET, NOW));
    try (CookieServer cookies = open(one)) {
      aMomentLater(cookies);
      String given = cookies.give(CLIENT);
      secretFile(file, line(NEXT, NOW), NEXT);
      aMomentLater(cookies);
      aMomentLater(cookies);
      assertThat(cookies.complaints)
          .singleElement()
          .asString()
          .endsWith(
              "the file of cookie secrets "
                  + file
                  + " does not hold what this server wrote: remove it for new secrets");
      assertThat(cookies.give(given)).isEqualTo(given);
    }
  }

  @Test
  void secretFileOfTheOperatorComesFirst() throws IOException {
    secretFile(one.resolve(FILE), line(SECRET, NOW));
    try (CookieServer fleet = open(one);
        CookieServer operator =
            CookieServer.withSecretFile(secretFile(other.resolve("file"), NEXT)).at(NOW)) {
      assertThat(operator.accepts(fleet.give(CLIENT))).isFalse();
    }
  }
}
