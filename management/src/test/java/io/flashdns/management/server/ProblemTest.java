package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
  private static final Problem FULL =
      new Problem(Problem.Severity.ERROR, "a.yaml", 3, 7, "udp.x", "  x: 1", "no such key");

  @Test
  void placeComesFirstAndTextOnALineOfItsOwn() {
    assertThat(FULL.format().lines())
        .containsExactly("a.yaml:3:7: error: udp.x: no such key", "  |   x: 1");
  }

  @Test
  void whatIsNotKnownIsLeftOut() {
    assertThat(Problem.warning(Path.of("z"), "is odd").format()).isEqualTo("z: warning: is odd");
    assertThat(Problem.error("is bad").format()).isEqualTo("error: is bad");
  }

  @Test
  void controlCharactersAreShownAndNotSent() {
    Problem hostile =
        new Problem(Problem.Severity.ERROR, "a\u001b[2J", 1, 0, "", "x\ty\u0007\r\nz", "\u009b31m");

    assertThat(hostile.format().lines())
        .containsExactly("a\\x1b[2J:1: error: \\x9b31m", "  | x y\\x07\\x0d\\x0az");
  }

  @Test
  void jsonIsOneArrayOfObjectsWithTheSameKeys() {
    assertThat(ProblemsAsJson.of(List.of())).isEqualTo("[]");
    assertThat(ProblemsAsJson.of(List.of(FULL, Problem.error("q\"u\\o\te\ud800"))))
        .isEqualTo(
            """
            [
              {"severity": "error", "file": "a.yaml", "line": 3, "column": 7, "key": "udp.x", \
            "text": "  x: 1", "reason": "no such key"},
              {"severity": "error", "file": "", "line": 0, "column": 0, "key": "", "text": "", \
            "reason": "q\\"u\\\\o\\u0009e\\ud800"}
            ]""");
  }
}
