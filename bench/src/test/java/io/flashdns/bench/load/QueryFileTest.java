package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryFileTest {
  @TempDir private Path folder;

  private static Queries read(String text) throws Exception {
    return QueryFile.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), "list.q");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("a.expected"), text);
  }

  @Test
  void aLineIsANameAndAType() throws Exception {
    Queries queries =
        read("www.example. A\n; a comment\n\n# one more\nExample\tAAAA  \r\n. NS\nx TYPE65\nx any");

    assertThat(queries.size()).isEqualTo(5);
    assertThat(queries.text(0)).isEqualTo("www.example. A");
    assertThat(queries.text(1)).isEqualTo("Example. AAAA");
    assertThat(queries.text(2)).isEqualTo(". NS");
    assertThat(queries.text(3)).isEqualTo("x. HTTPS");
    assertThat(queries.text(4)).isEqualTo("x. ANY");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "www.example. | 'www.example.' has no type",
        "www.example. A IN | more than a name and a type",
        "www.example. FOO | 'FOO' is no record type",
        "www..example. A | www..example.",
        "\\999.example. A | \\999.example.",
      })
  void aBadLineIsNamedByItsNumber(String line, String sentence) {
    assertThatThrownBy(() -> read("a A\n; comment\n" + line + "\n"))
        .isInstanceOf(LoadException.class)
        .hasMessageStartingWith("list.q, line 3: ")
        .hasMessageContaining(sentence);
  }

  @Test
  void anEmptyListIsNone() {
    assertThatThrownBy(() -> read("; nothing\n"))
        .isInstanceOf(LoadException.class)
        .hasMessageStartingWith("list.q holds no query");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path missing = folder.resolve("none.q");

    assertThatThrownBy(() -> QueryFile.read(missing)).hasMessage("there is no file " + missing);
    assertThatThrownBy(() -> QueryFile.expecting(read("a A"), missing))
        .hasMessage("there is no file " + missing);
  }

  @Test
  void expectedRepliesStandLineByLine() throws Exception {
    Queries queries =
        QueryFile.expecting(
            read("a A\nb A\nc AAAA\nd A\n"),
            file("NOERROR 1 10.0.0.1\nnxdomain\n0 - 2001:db8::1\n3 0 0\n"));

    assertThat(queries.expected(0)).isEqualTo(new Expected(0, 1, Expected.ipv4Key(0x0a000001)));
    assertThat(queries.expected(1)).isEqualTo(new Expected(3, Expected.ANY, 0));
    assertThat(queries.expected(2))
        .isEqualTo(new Expected(0, Expected.ANY, Expected.ipv6Key(0x2001_0db8_0000_0000L, 1)));
    assertThat(queries.expected(3)).isEqualTo(new Expected(3, 0, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "NOPE | 'NOPE' is no rcode",
        "NOERROR many | 'many' is no number",
        "NOERROR 1 www.example. | 'www.example.' is no address",
        "NOERROR 1 10.0.0.1 2 | is not RCODE [ANSWERS [ADDRESS]]",
        "16 | '16' is no rcode",
      })
  void aBadExpectationIsNamedByItsNumber(String line, String sentence) throws Exception {
    Path file = file("NOERROR\n" + line + "\n");

    assertThatThrownBy(() -> QueryFile.expecting(read("a A\nb A\n"), file))
        .isInstanceOf(LoadException.class)
        .hasMessageStartingWith(file + ", line 2: ")
        .hasMessageContaining(sentence);
  }

  @Test
  void thereIsOneExpectationForEachQuery() throws Exception {
    Path file = file("NOERROR\n");

    assertThatThrownBy(() -> QueryFile.expecting(read("a A\nb A\n"), file))
        .hasMessageContaining("has 1 lines, but there are 2 queries");
  }
}
