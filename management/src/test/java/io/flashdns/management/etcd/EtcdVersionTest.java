package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EtcdVersionTest {
  private static EtcdVersion version(String text) {
    return EtcdVersion.parse(text).orElseThrow();
  }

  private static void assertRepairs(EtcdVersion.Repairs repairs, String... versions) {
    assertThat(Arrays.stream(versions).map(EtcdVersionTest::version))
        .allSatisfy(one -> assertThat(one.repairs()).as(one.text()).isEqualTo(repairs));
  }

  @Test
  void releasesOfLinesThatAreRepairedNeedTheRepairsOf2026() {
    assertRepairs(EtcdVersion.Repairs.SOME, "3.5.0", "3.5.16", "3.5.32", "3.6.0", "3.6.13");
    assertRepairs(
        EtcdVersion.Repairs.ALL, "3.5.33", "3.5.100", "3.6.14", "3.7.0", "3.10.0", "4.0.0");
    assertRepairs(EtcdVersion.Repairs.SOME, "3.6.0-rc.1", "3.5.32+git");
  }

  @Test
  void linesThatAreRepairedNoMoreHaveEnded() {
    assertRepairs(EtcdVersion.Repairs.ENDED, "3.4.23", "3.4.45", "3.3.27", "2.3.8");
  }

  @Test
  void whatIsNoVersionIsNone() {
    List<String> none =
        List.of("", "3.5", "v3.5.1", "3.5.1 ", "3.5.x", "3.5.1\n", "3.5.99999999999");
    assertThat(none).allSatisfy(text -> assertThat(EtcdVersion.parse(text)).isEmpty());
  }

  @Test
  void olderIsLessByNumbersAndNotByLetters() {
    assertThat(
            List.of("3.10.0", "3.5.9", "3.5.16", "3.4.45", "3.6.0").stream()
                .map(EtcdVersionTest::version)
                .sorted())
        .extracting(EtcdVersion::text)
        .containsExactly("3.4.45", "3.5.9", "3.5.16", "3.6.0", "3.10.0");
  }
}
