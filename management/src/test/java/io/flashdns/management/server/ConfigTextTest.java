package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTextTest {
  @ParameterizedTest
  @CsvSource({
    "500ms,500",
    "5s,5000",
    "0s,0",
    "10min,600000",
    "2h,7200000",
    "1d,86400000",
    "5 s,5000"
  })
  void timeHasAUnit(String text, long millis) {
    assertThat(ConfigText.duration(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({
    "5,has no unit: write 5s or 5ms",
    "5m,'use ms, s, min, h or d, such as 5min'",
    "5 seconds,'use ms, s, min, h or d'",
    "fast,is no time span",
    "PT5S,is no time span",
    "9223372036854775807d,is too large",
    "99999999999999999999s,is too large"
  })
  void wrongTimeSaysHowItWouldBeRight(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigText.duration(text))
        .withMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"1232,1232", "0,0", "64KiB,65536", "256MiB,268435456", "2 GiB,2147483648", "7B,7"})
  void sizeMayHaveAUnit(String text, long bytes) {
    assertThat(ConfigText.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64KB", "64k", "64 Mb", "big", "", "1.5MiB", "9999999999GiB"})
  void wrongSizeIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ConfigText.bytes(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x10", "5s", "1.5", "two", "", "99999999999999999999", "_1"})
  void onlyPlainNumbersAreNumbers(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ConfigText.number(text));
  }

  @Test
  void exponentIsNoUnitAndTheRestOfItNoRemedy() {
    for (String text : new String[] {"1e5", "2E+9", "1.5"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ConfigText.number(text))
          .withMessage("'" + text + "' is no whole number: write all of its digits");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigText.number("5s"))
        .withMessageEndingWith("write 5");
  }

  @Test
  void digitsMayBeGrouped() {
    assertThat(ConfigText.number("10_000")).isEqualTo(10_000);
    assertThat(ConfigText.number("-3")).isEqualTo(-3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "no", "on", "True", "1", ""})
  void onlyTrueAndFalseAreFlags(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ConfigText.flag(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "1ms", "1500ms", "5s", "90s", "10min", "25h", "2d"})
  void printedTimeReadsBack(String text) {
    assertThat(ConfigText.print(ConfigText.duration(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1232", "64KiB", "200KiB", "4MiB", "256MiB", "3GiB"})
  void printedSizeReadsBack(String text) {
    assertThat(ConfigText.print(ConfigText.bytes(text))).isEqualTo(text);
  }

  @Test
  void componentNamesBecomeKeys() {
    assertThat(ConfigText.key("maxConnectionsPerClient")).isEqualTo("max-connections-per-client");
    assertThat(ConfigText.key("io")).isEqualTo("io");
  }
}
