package io.flashdns.core.embedded;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.embedded.ScenarioFile.Exchange;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reader of scenarios itself: it must refuse what asserts nothing, and the comparison must be
 * able to fail.
 */
final class ScenarioFileTest {
  private static final String ZONE =
      """
      zone
      $ORIGIN example.
      @ 3600 SOA ns hostmaster 1 7200 3600 1209600 300
      @ 3600 NS ns
      ns 3600 A 192.0.2.1
      ns 3600 A 192.0.2.2
      end
      """;

  @TempDir Path folder;

  private ScenarioFile read(String text) throws IOException {
    return ScenarioFile.read(Files.writeString(folder.resolve("s.txt"), text));
  }

  private void run(String exchange) throws IOException {
    ScenarioFile scenario = read(ZONE + exchange);
    Exchange only = scenario.exchanges().getFirst();
    ScenarioRun.check(ScenarioRun.server(scenario).ask(only.message()), only, Protocol.UDP);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "# no query",
        "query ns.example. A # the query has no reply",
        "query ns.example. A;query ns.example. A;reply NOERROR # s.txt:8: the query has no reply",
        "query ns.example. # a query is",
        "query ns.example. A +wrong;reply NOERROR # unknown flag +wrong",
        "query ns.example. NOTYPE;reply NOERROR # unknown type NOTYPE",
        "query ns.example. A +udp +tcp;reply NOERROR # exclude each other",
        "query ns.example. A;reply # needs a response code",
        "query ns.example. A;reply FINE # needs a response code",
        "query ns.example. A;reply NOERROR ra # unknown or repeated flag 'ra'",
        "query ns.example. A;reply NOERROR;reply NOERROR # a reply belongs to one query",
        "query ns.example. A;silence;reply NOERROR # a reply belongs to one query",
        "reply NOERROR # a reply belongs to one query",
        "silence # silence belongs to one query",
        "query ns.example. A;same # needs a query before",
        "query ns.example. A;answer # a section without a reply",
        "query ns.example. A;reply NOERROR;additional;answer # in order",
        "query ns.example. A;reply NOERROR;answer;answer # in order",
        "query ns.example. A;reply NOERROR;answer all # nothing, or 'any'",
        "query ns.example. A;reply NOERROR;  ns.example. 1 IN A 192.0.2.1 # outside of a section",
        "query ns.example. A;reply NOERROR;answer;  ns.example. A 192.0.2.1 # a record is",
        "query ns.example. A;reply NOERROR;answer;  ns 3600 IN A 192.0.2.1 # owners end in a dot",
        "query ns.example. A;reply NOERROR;answer;  ns.example. 3600 IN AAAA ... # no such RRset",
        "query ns.example. A;reply NOERROR;zone # before the first query",
        "zone;$ORIGIN test. # without 'end'",
        "zone missing.zone # cannot be read",
        "expect nothing # unknown word 'expect'"
      })
  void linesThatAssertNothingAreRefused(String lines, String reason) {
    assertThatThrownBy(() -> read(ZONE + (lines == null ? "" : lines.replace(';', '\n')) + "\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason)
        .hasMessageContaining("s.txt:");
  }

  @Test
  void rightReplyPasses() throws IOException {
    run(
        """
        query ns.example. A +edns
        reply NOERROR aa
        answer
          NS.example. 3600 IN A 192.0.2.2
          ns.example. 3600 IN A 192.0.2.1
        """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reply NOERROR\nanswer\n  ns.example. 3600 IN A ...",
        "reply NOERROR aa tc\nanswer\n  ns.example. 3600 IN A ...",
        "reply NXDOMAIN aa\nanswer\n  ns.example. 3600 IN A ...",
        "reply NOERROR aa",
        "reply NOERROR aa\nanswer\n  ns.example. 3600 IN A 192.0.2.1",
        "reply NOERROR aa\nanswer\n  ns.example. 3600 IN A 192.0.2.1\n  ns.example. 3600 IN A 192.0.2.3",
        "reply NOERROR aa\nanswer\n  ns.example. 3601 IN A ...",
        "reply NOERROR aa\nanswer\n  ns.example. 3600 IN A ...\nauthority\n  example. 3600 IN NS ...",
        "reply NOERROR aa\nanswer any\nadditional\n  ns.example. 3600 IN A ...",
        "reply NOERROR aa\nanswer\n  ns.example. 3600 IN A ...\nede 0",
        "reply NOERROR aa\nanswer\n  ns.example. 3600 IN A ...\nnsid-is 00",
        "silence"
      })
  void wrongExpectationFails(String reply) {
    assertThatThrownBy(() -> run("query ns.example. A +edns\n" + reply + "\n"))
        .isInstanceOf(AssertionError.class);
  }
}
