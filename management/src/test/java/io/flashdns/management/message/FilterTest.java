package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.core.dns.DomainName;
import io.flashdns.proto.v1.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The filters and orders of lists. */
class FilterTest {
  private static final Filter.Fields FIELDS =
      Filter.fields()
          .name("name")
          .text("comment")
          .number("ttl")
          .time("time")
          .bool("suspended")
          .recordType("type")
          .enumeration("role", Role.getDescriptor())
          .labels("labels")
          .build();

  private static final Map<String, Object> VALUES =
      Map.of(
          "name",
          DomainName.parse("WWW.example.org."),
          "comment",
          "a \"b\" \\ *",
          "ttl",
          300,
          "time",
          Instant.parse("2026-03-01T12:00:00Z"),
          "suspended",
          false,
          "type",
          28,
          "role",
          3,
          "labels",
          Map.of("owner", "external-dns", "a.b/c", ""));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                            | true",
        "` `                                           | true",
        "name = \"www.example.org.\"                   | true",
        "name = \"WWW.EXAMPLE.ORG\"                    | true",
        "name = \"www.example.org.x\"                  | false",
        "name = \"www.*\"                              | true",
        "name = \"*.example.org\"                      | true",
        "name = \"*example*\"                          | true",
        "name = \"*\"                                  | true",
        "name = \"*.example.com\"                      | false",
        "name != \"*.example.com\"                     | true",
        "name != \"www.example.org\"                   | false",
        "comment = \"a \\\"b\\\" \\\\ \\*\"            | true",
        "comment = \"a \\\"b\\\" \\\\ *\"              | true",
        "comment = \"\\\\*\"                           | false",
        "comment = \"*\\*\"                            | true",
        "comment = \"A*\"                              | false",
        "ttl=300                                       | true",
        "ttl != 300                                    | false",
        "ttl < 300                                     | false",
        "ttl <= 300                                    | true",
        "ttl >= 300 AND ttl < 301                      | true",
        "ttl > -1                                      | true",
        "time = \"2026-03-01T13:00:00+01:00\"          | true",
        "time > \"2026-03-01t11:59:59.5z\"             | true",
        "time < \"2026-03-01T12:00:00Z\"               | false",
        "suspended = false                             | true",
        "suspended != true                             | true",
        "suspended = true                              | false",
        "type = AAAA                                   | true",
        "type = aaaa                                   | true",
        "type = TYPE28                                 | true",
        "type = RECORD_TYPE_AAAA                       | true",
        "type = 28                                     | true",
        "type != A                                     | true",
        "role = OWNER                                  | true",
        "role = ROLE_OWNER                             | true",
        "role != ROLE_VIEWER                           | true",
        "labels.owner = \"external-dns\"               | true",
        "labels.owner = \"*\"                          | true",
        "labels.none = \"*\"                           | false",
        "labels.none != \"x\"                          | true",
        "labels.a.b/c = \"\"                           | true",
        "type = AAAA AND name = \"www.*\" AND labels.owner = \"ext*\" | true",
        "type = AAAA AND name = \"ww.*\"               | false"
      })
  void aFilterSaysWhichEntriesAreWanted(String text, boolean matches) {
    Filter filter = Filter.parse(text, FIELDS);
    assertThat(filter.matches(VALUES::get)).isEqualTo(matches);
    assertThat(filter.isEmpty()).isEqualTo(text.isBlank());
  }

  @Test
  void ofSeveralValuesOneMustFit() {
    Map<String, Object> row = Map.of("type", List.of(1, 28), "name", List.of("a.", "b."));
    assertThat(Filter.parse("type = A AND name = \"b\"", FIELDS).matches(row::get)).isTrue();
    assertThat(Filter.parse("type = MX", FIELDS).matches(row::get)).isFalse();
    assertThat(Filter.parse("type != A", FIELDS).matches(row::get)).isFalse();
    assertThat(Filter.parse("type != MX", FIELDS).matches(row::get)).isTrue();
  }

  @Test
  void whatHasNoValueIsNotEqualToAnything() {
    assertThat(Filter.parse("ttl = 1", FIELDS).matches(_ -> null)).isFalse();
    assertThat(Filter.parse("ttl > 1", FIELDS).matches(_ -> null)).isFalse();
    assertThat(Filter.parse("ttl != 1", FIELDS).matches(_ -> null)).isTrue();
    assertThat(Filter.parse("time < \"2026-03-01T12:00:00Z\"", FIELDS).matches(_ -> null))
        .isFalse();
    assertThat(Filter.parse("comment = \"*\"", FIELDS).matches(_ -> null)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "foo = \"x\"                      | 1",
        "name                             | 5",
        "name ~ \"x\"                     | 6",
        "name = x                         | 8",
        "name = \"x                       | 8",
        "name = \"x\\y\"                  | 10",
        "name < \"x\"                     | 6",
        "name = \"x\" AND                 | 12",
        "name = \"x\" and ttl = 1         | 12",
        "name = \"x\" OR ttl = 1          | 12",
        "name = \"x\"AND ttl = 1          | 11",
        "ttl = 1AND ttl = 1               | 8",
        "AND                              | 1",
        "ttl = x                          | 7",
        "ttl = 1.5                        | 8",
        "ttl = 99999999999999999999       | 7",
        "time = \"yesterday\"             | 8",
        "time = \"2026-03-01\"            | 8",
        "time = \"2026-*\"                | 8",
        "suspended = 1                    | 13",
        "suspended = TRUE                 | 13",
        "type = \"A\"                     | 8",
        "type = NOPE                      | 8",
        "type = 65536                     | 8",
        "role = UNSPECIFIED               | 8",
        "labels = \"x\"                   | 7",
        "labels.Owner = \"x\"             | 8",
        "labels.9 = \"x\"                 | 8",
        "(name = \"x\")                   | 1"
      })
  void whatIsNoFilterIsRefusedWithItsPlace(String text, int position) {
    CallException refused = Told.by(() -> Filter.parse(text, FIELDS), Code.INVALID_ARGUMENT);
    assertThat(refused.status().getMessage()).startsWith("filter: at character " + position + ": ");
  }

  @Test
  void aFilterHasABound() {
    String longest = "comment = \"" + "x".repeat(4_096 - 12) + "\"";
    assertThat(Filter.parse(longest, FIELDS).isEmpty()).isFalse();
    Told.by(() -> Filter.parse(longest + " ", FIELDS), Code.INVALID_ARGUMENT);
    Told.by(
        () -> Filter.parse("comment = \"" + "é".repeat(2_100) + "\"", FIELDS),
        Code.INVALID_ARGUMENT);
  }

  @Test
  void aListLearnsWhatItNeedNotLookAt() {
    Filter filter =
        Filter.parse(
            "name = \"WWW.example.org\" AND type = MX AND time >= \"2026-01-01T00:00:00Z\""
                + " AND time > \"2026-02-01T00:00:00Z\" AND time < \"2026-03-01T00:00:00Z\"",
            FIELDS);
    assertThat(filter.equalTo("name")).contains("www.example.org.");
    assertThat(filter.numberEqualTo("type")).hasValue(15);
    assertThat(filter.notBefore("time")).contains(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(filter.notAfter("time")).contains(Instant.parse("2026-03-01T00:00:00Z"));
    assertThat(filter.mentions("ttl")).isFalse();
    assertThat(Filter.parse("name = \"www.*\"", FIELDS).prefix("name")).contains("www.");
    assertThat(Filter.parse("name = \"*.org\"", FIELDS).suffix("name")).contains(".org.");
    assertThat(Filter.parse("name = \"*\"", FIELDS).prefix("name")).isEmpty();
    assertThat(Filter.parse("name != \"a\"", FIELDS).equalTo("name")).isEmpty();
    assertThat(Filter.parse("name = \"a*\"", FIELDS).equalTo("name")).isEmpty();
    assertThat(Filter.parse("type != A", FIELDS).numberEqualTo("type")).isEmpty();
  }

  @Test
  void anyTextIsAFilterOrRefusedInASentence() {
    Random random = new Random(20_261_123);
    List<String> words =
        List.of(
            "name",
            "comment",
            "ttl",
            "time",
            "type",
            "labels",
            "labels.a",
            " ",
            " ",
            "=",
            "!=",
            "<",
            ">=",
            "\"",
            "\"x\"",
            "\"*\"",
            "AND",
            " AND ",
            "AAAA",
            "1",
            "-",
            "true",
            "\\",
            "*",
            ".",
            "\u0000",
            "é",
            "(",
            "\n");
    int read = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(10); n > 0; n--) {
        text.append(words.get(random.nextInt(words.size())));
      }
      try {
        var _ = Filter.parse(text.toString(), FIELDS).matches(VALUES::get);
        read++;
      } catch (CallException e) {
        assertThat(e.status().getMessage()).matches("filter: at character \\d+: [ -~]{5,}");
      }
    }
    assertThat(read).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "'',revision,true",
    "name,name,false",
    "name desc,name,true",
    "' name  desc ',name,true"
  })
  void anOrderIsAFieldAndADirection(String text, String field, boolean descending) {
    Order order = Order.parse(text, Order.byDescending("revision"), "name", "revision");
    assertThat(order).isEqualTo(new Order(field, descending));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttl", "name asc", "name desc desc", "name, revision", "Name", "desc"})
  void anOrderThatTheListDoesNotKnowIsRefused(String text) {
    Told.by(() -> Order.parse(text, Order.by("name"), "name"), Code.INVALID_ARGUMENT);
  }
}
