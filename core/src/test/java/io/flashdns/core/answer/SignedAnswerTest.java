package io.flashdns.core.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Protocol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/**
 * A validator that is not this server's asks signed zones for every name and many types: each
 * answer, positive or negative, must carry a whole proof. It checks signatures too, so a record
 * that was changed on its way through the image fails.
 */
@Tag("rfc4035")
@Tag("rfc5155")
final class SignedAnswerTest {
  private static final int[] TYPES = {Type.A, Type.MX, Type.NS, Type.DS, 65_280};

  @ParameterizedTest
  @ValueSource(strings = {"nsec", "nsec3", "optout"})
  void everyAnswerIsProven(String denial) throws Exception {
    Subject subject = new Subject(denial);
    int secure = 0;
    int insecure = 0;
    for (DomainName name : subject.names()) {
      for (int type : TYPES) {
        if (subject.isBeyondTheValidator(name, type)) {
          continue;
        }
        Message reply = subject.validated(name, type);
        String question = name + " " + Type.string(type);
        assertThat(reply.getRcode())
            .as("%s is not bogus: %s", question, subject.reason(reply))
            .isNotEqualTo(Rcode.SERVFAIL);
        assertThat(reply.getRcode()).as(question).isEqualTo(subject.plain(name, type).rcode());
        if (reply.getHeader().getFlag(Flags.AD)) {
          secure++;
        } else {
          insecure++;
          assertThat(denial)
              .as(
                  "%s is not secure, which only opt-out allows: %s",
                  question, subject.reason(reply))
              .isEqualTo("optout");
        }
      }
    }
    assertThat(secure).isGreaterThan(denial.equals("optout") ? 100 : 400);
    assertThat(insecure > 0).isEqualTo(denial.equals("optout"));
  }

  @Test
  void validatorRefusesAnswersWithoutTheirProofs() throws Exception {
    // The validator must be able to fail: without DO there are no proofs.
    Subject subject = new Subject("nsec");
    subject.dropProofs = true;

    assertThat(subject.validated(DomainName.parse("mail.nsec.test."), Type.A).getRcode())
        .isEqualTo(Rcode.SERVFAIL);
    assertThat(subject.validated(DomainName.parse("no.nsec.test."), Type.A).getRcode())
        .isEqualTo(Rcode.SERVFAIL);
  }

  @Test
  void validatorRefusesAnswersWithoutNsec3() throws Exception {
    Subject subject = new Subject("nsec3");
    subject.dropType = Type.NSEC3;

    assertThat(subject.validated(DomainName.parse("mail.nsec3.test."), Type.A).getRcode())
        .isEqualTo(Rcode.NOERROR);
    assertThat(subject.validated(DomainName.parse("no.nsec3.test."), Type.A).getRcode())
        .isEqualTo(Rcode.SERVFAIL);
    assertThat(subject.validated(DomainName.parse("mail.nsec3.test."), Type.TXT).getRcode())
        .isEqualTo(Rcode.SERVFAIL);
  }

  /**
   * A zone and its child with the server that serves them, seen by a validator that trusts the
   * zone's key.
   */
  private static final class Subject {
    private final String apex;
    private final EmbeddedServer server;
    private final List<Record> records;
    private final ValidatingResolver validator;
    private boolean dropProofs;
    private int dropType = -1;

    Subject(String denial) throws IOException {
      apex = denial + ".test.";
      String text = read(denial + ".zone");
      server = EmbeddedServer.serving(text, read("child-" + denial + ".zone")).over(Protocol.TCP);
      records = parse(text);
      validator =
          new ValidatingResolver(
              new Head(), Clock.fixed(Instant.parse("2026-11-01T00:00:00Z"), ZoneOffset.UTC));
      StringBuilder anchors = new StringBuilder();
      for (Record record : records) {
        if (record.getType() == Type.DNSKEY) {
          anchors.append(record).append('\n');
        }
      }
      validator.loadTrustAnchors(
          new ByteArrayInputStream(anchors.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * Every owner but hashed ones, their ancestors, a name below, names before and behind; nothing
     * below a delegation that is not served.
     */
    Set<DomainName> names() {
      Set<DomainName> names = new TreeSet<>();
      DomainName zone = DomainName.parse(apex);
      for (Record record : records) {
        if (record.getType() == Type.NSEC3
            || record.getName().toString().matches("(?i)[0-9a-v]{32}\\..*")) {
          continue;
        }
        DomainName name = DomainName.parse(record.getName().toString());
        for (DomainName at = name; at != null && at.isAtOrBelow(zone); at = at.parent()) {
          names.add(at);
          for (String label : List.of("\\000", "zz.y")) {
            if (at.length() < 200) {
              names.add(DomainName.parse(label, at));
            }
          }
        }
      }
      names.removeIf(this::isElsewhere);
      return names;
    }

    /**
     * DS of the apex is proven by the zone above, which is not served. The validator does not see
     * that an NSEC proves no data where it shows a name below the wildcard, so that the wildcard is
     * an empty non-terminal; the scenario of RFC 4035 holds that case.
     */
    boolean isBeyondTheValidator(DomainName name, int type) {
      DomainName star = DomainName.parse("star", DomainName.parse(apex));
      return (type == Type.DS && name.equals(DomainName.parse(apex)))
          || (apex.startsWith("nsec.") && name.isAtOrBelow(star) && !name.equals(star));
    }

    private boolean isElsewhere(DomainName name) {
      for (String cut :
          List.of(
              "secure",
              "insecure",
              "cut.onlyinsecure",
              "cut2.onlyinsecure",
              "x.y.lonely",
              "out",
              "*.wildcut",
              "wildcut")) {
        DomainName at = DomainName.parse(cut, DomainName.parse(apex));
        if (name.isAtOrBelow(at)) {
          return true;
        }
      }
      return false;
    }

    Message validated(DomainName name, int type) throws Exception {
      Message query =
          Message.newQuery(Record.newRecord(Name.fromString(name.toString()), type, DClass.IN));
      return validator.sendAsync(query, Runnable::run).toCompletableFuture().get();
    }

    StrictReply plain(DomainName name, int type) {
      byte[] query = EmbeddedServer.question(name.toString(), type, 1_232, true);
      return StrictReply.of(query, server.ask(query), Protocol.TCP);
    }

    String reason(Message reply) {
      return reply.getSection(Section.ADDITIONAL).toString();
    }

    private static String read(String file) throws IOException {
      try {
        return Files.readString(
            Path.of(
                Objects.requireNonNull(Subject.class.getResource("/scenarios/zones/" + file))
                    .toURI()));
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }

    private static List<Record> parse(String text) throws IOException {
      try (org.xbill.DNS.Master master =
          new org.xbill.DNS.Master(
              new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), Name.root)) {
        List<Record> all = new java.util.ArrayList<>();
        for (Record record = master.nextRecord(); record != null; record = master.nextRecord()) {
          all.add(record);
        }
        return all;
      }
    }

    /** What the validator asks in place of a resolver. */
    private final class Head implements Resolver {
      @Override
      public CompletionStage<Message> sendAsync(Message query, Executor executor) {
        Record asked = query.getQuestion();
        byte[] message =
            EmbeddedServer.question(
                asked.getName().toString(), asked.getType(), 1_232, !dropProofs);
        byte[] reply = server.ask(message);
        StrictReply.of(message, reply, Protocol.TCP);
        try {
          Message parsed = new Message(reply);
          parsed.getHeader().setID(query.getHeader().getID());
          for (Record record : List.copyOf(parsed.getSection(Section.AUTHORITY))) {
            if (record.getType() == dropType) {
              parsed.removeRecord(record, Section.AUTHORITY);
            }
          }
          return CompletableFuture.completedFuture(parsed);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public void setPort(int port) {}

      @Override
      public void setTCP(boolean flag) {}

      @Override
      public void setIgnoreTruncation(boolean flag) {}

      @Override
      public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {}

      @Override
      public void setTSIGKey(TSIG key) {}

      @Override
      public void setTimeout(Duration timeout) {}
    }
  }
}
