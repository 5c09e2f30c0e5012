package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenSecretsTest {
  @Test
  void secretHasTheFormThatScannersLookFor() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      String secret = TokenSecrets.make();
      assertThat(secret).matches("fdns_[0-9A-Za-z]{49}").hasSize(TokenSecrets.LENGTH);
      assertThat(TokenSecrets.isPlausible(secret)).isTrue();
      assertThat(seen.add(secret)).isTrue();
    }
  }

  @Test
  void lengthIsWithinWhatTheContractSays() {
    assertThat(TokenSecrets.LENGTH).isBetween(40, 128);
  }

  @Test
  void everySlipOfOneLetterIsSeen() {
    String secret = TokenSecrets.make();
    for (int i = 0; i < secret.length(); i++) {
      for (char c : new char[] {'A', 'z', '0', '-', ' ', '\u00e9'}) {
        if (secret.charAt(i) != c) {
          assertThat(TokenSecrets.isPlausible(secret.substring(0, i) + c + secret.substring(i + 1)))
              .isFalse();
        }
      }
      if (i + 1 < secret.length() && secret.charAt(i) != secret.charAt(i + 1)) {
        String swapped =
            secret.substring(0, i)
                + secret.charAt(i + 1)
                + secret.charAt(i)
                + secret.substring(i + 2);
        assertThat(TokenSecrets.isPlausible(swapped)).isFalse();
      }
      assertThat(TokenSecrets.isPlausible(secret.substring(0, i))).isFalse();
    }
    assertThat(TokenSecrets.isPlausible(secret + "0")).isFalse();
  }

  @Test
  void whatIsKeptIsTheDigestOfAllOfIt() throws Exception {
    String secret = TokenSecrets.make();
    assertThat(TokenSecrets.hash(secret))
        .hasSize(32)
        .isEqualTo(
            MessageDigest.getInstance("SHA-256")
                .digest(secret.getBytes(StandardCharsets.US_ASCII)));
  }
}
