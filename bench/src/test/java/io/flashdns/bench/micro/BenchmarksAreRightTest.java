package io.flashdns.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.zone.Zone;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What the benchmarks measure is right: each operation gives the answer that its name says. */
class BenchmarksAreRightTest {
  private static final int QUESTIONS = 1_000;

  @ParameterizedTest
  @EnumSource
  void answersOfASmallZoneAreOfTheirKind(AnswerKind kind) throws IOException {
    checkAnswers(kind, Size.ONE_SMALL);
  }

  @Test
  void answersOfManyZonesAreOfTheirKind() throws IOException {
    checkAnswers(AnswerKind.CNAME, Size.MANY_SMALL);
  }

  @Test
  void answersOfALargeZoneAreOfTheirKind() throws IOException {
    checkAnswers(AnswerKind.REFERRAL, Size.ONE_LARGE);
  }

  private static void checkAnswers(AnswerKind kind, Size size) throws IOException {
    AnswerBench bench = new AnswerBench();
    bench.kind = kind;
    bench.size = size;
    bench.serve(QUESTIONS);
    int octetsOfFirst = 0;
    for (int i = 0; i < QUESTIONS; i++) {
      int length = bench.single();
      octetsOfFirst += i < Worker.BATCH ? length : 0;
      byte[] reply = Arrays.copyOf(bench.server().reply(), length);
      Message answer = new Message(reply);
      assertThat(answer.getHeader().getID()).isEqualTo(Wire.u16(bench.server().packet(), Wire.ID));
      assertThat(answer.getHeader().getFlag(Flags.TC)).isFalse();
      checkAnswer(kind, size.names, answer);
    }
    // The list is round: the batch has the messages that were asked first.
    assertThat(bench.batch()).isEqualTo(octetsOfFirst);
  }

  private static void checkAnswer(AnswerKind kind, int names, Message reply) {
    List<Record> answer = reply.getSection(Section.ANSWER);
    List<Record> authority = reply.getSection(Section.AUTHORITY);
    Name name = reply.getQuestion().getName();
    boolean missing = kind == AnswerKind.NXDOMAIN || kind == AnswerKind.SIGNED_NXDOMAIN;
    assertThat(reply.getRcode()).isEqualTo(missing ? Rcode.NXDOMAIN : Rcode.NOERROR);
    assertThat(reply.getHeader().getFlag(Flags.AA)).isEqualTo(kind != AnswerKind.REFERRAL);
    switch (kind) {
      case HIT -> {
        assertThat(answer).hasSize(1);
        assertThat(answer.getFirst().getName()).isEqualTo(name);
        assertThat(address(answer.getFirst())).isEqualTo(0x0a00_0000 + numberIn(name));
      }
      case NODATA, NXDOMAIN -> {
        assertThat(answer).isEmpty();
        assertThat(types(authority)).containsExactly(Type.SOA);
      }
      case REFERRAL -> {
        assertThat(answer).isEmpty();
        assertThat(types(authority)).containsExactly(Type.NS);
        Name cut = new Name(name, 1);
        assertThat(authority.getFirst().getName()).isEqualTo(cut);
        Record glue = reply.getSection(Section.ADDITIONAL).getFirst();
        assertThat(address(glue)).isEqualTo(0x0a80_0000 + numberIn(cut));
      }
      case CNAME -> {
        assertThat(types(answer)).containsExactly(Type.CNAME, Type.A);
        assertThat(answer.getFirst().getName()).isEqualTo(name);
        assertThat(((CNAMERecord) answer.getFirst()).getTarget())
            .isEqualTo(answer.getLast().getName());
        assertThat(address(answer.getLast()))
            .isEqualTo(0x0a00_0000 + BenchZone.hostOfAlias(numberIn(name), names));
      }
      case WILDCARD -> {
        assertThat(types(answer)).containsExactly(Type.A);
        assertThat(answer.getFirst().getName()).isEqualTo(name);
        assertThat(address(answer.getFirst())).isEqualTo(0xc000_0209);
      }
      case ANY -> {
        assertThat(answer).hasSize(1);
        assertThat(answer.getFirst().getName()).isEqualTo(name);
      }
      case SIGNED_NXDOMAIN -> {
        assertThat(answer).isEmpty();
        assertThat(types(authority))
            .containsExactlyInAnyOrder(
                Type.SOA, Type.RRSIG, Type.NSEC, Type.RRSIG, Type.NSEC, Type.RRSIG);
        assertThat(authority.stream().filter(rr -> rr instanceof NSECRecord))
            .anySatisfy(
                rr -> {
                  assertThat(rr.getName()).isLessThan(name);
                  Name next = ((NSECRecord) rr).getNext();
                  assertThat(next.compareTo(name) > 0 || next.labels() == 4).isTrue();
                });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, false",
    "1, false",
    "2, false",
    "4, false",
    "6, false",
    "0, true",
    "2, true",
    "6, true"
  })
  void pipelinesAnswerWhateverTheirHooks(int hooks, boolean otherPipelines) throws IOException {
    PipelineBench bench = new PipelineBench();
    bench.extraHooks = hooks;
    bench.otherPipelines = otherPipelines;
    bench.serve();
    for (int i = 0; i < QUESTIONS; i++) {
      checkAnswer(AnswerKind.HIT, Size.ONE_SMALL.names, lastReply(bench.server(), bench.hit()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void hooksOfEachPhaseLeaveTheAnswer(HookPhase phase) throws IOException {
    for (int hooks : new int[] {0, 1, 2, PhasePlugin.MAX_HOOKS}) {
      HookBench bench = new HookBench();
      bench.phase = phase;
      bench.hooks = hooks;
      bench.serve();
      for (int i = 0; i < QUESTIONS; i++) {
        checkAnswer(AnswerKind.HIT, Size.ONE_SMALL.names, lastReply(bench.server(), bench.hit()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zone",
        "cookies zone",
        "ratelimit zone",
        "tenancy zone",
        "metrics zone",
        PluginBench.DEFAULTS
      })
  void defaultPluginsLeaveTheAnswer(String plugins) throws IOException {
    PluginBench bench = new PluginBench();
    bench.plugins = plugins;
    bench.serve();
    for (int i = 0; i < 20 * QUESTIONS; i++) {
      Message reply = lastReply(bench.server(), bench.hit());
      assertThat(reply.getHeader().getFlag(Flags.TC)).as("not limited").isFalse();
      checkAnswer(AnswerKind.HIT, Size.ONE_SMALL.names, reply);
    }
  }

  @ParameterizedTest
  @EnumSource
  void rateLimitLetsThroughWhoIsMeasured(RateLimitBench.Source source) throws IOException {
    for (boolean limit : new boolean[] {false, true}) {
      RateLimitBench bench = new RateLimitBench();
      bench.limit = limit;
      bench.source = source;
      bench.serve();
      for (int i = 0; i < QUESTIONS; i++) {
        Message reply = new Message(Arrays.copyOf(bench.worker().reply(), bench.hit()));
        assertThat(reply.getHeader().getFlag(Flags.TC)).isFalse();
        checkAnswer(AnswerKind.HIT, Size.ONE_SMALL.names, reply);
      }
    }
  }

  private static Message lastReply(BenchServer server, int length) throws IOException {
    return new Message(Arrays.copyOf(server.reply(), length));
  }

  @ParameterizedTest
  @EnumSource
  void namesAreReadWhole(ParseBench.Form form) {
    ParseBench bench = new ParseBench();
    bench.form = form;
    bench.make();
    for (int i = 0; i < ParseBench.NAMES; i++) {
      long hash = bench.uncompressed();
      int labels = bench.key().labels();
      int length = bench.key().length();
      assertThat(hash).isNotZero();
      switch (form) {
        case SHORT -> {
          assertThat(labels).isBetween(3, 4);
          assertThat(length).isBetween(10, 53);
        }
        case LONG -> {
          assertThat(labels).isBetween(4, 9);
          assertThat(length).isEqualTo(255);
        }
        case DEEP -> {
          assertThat(labels).isEqualTo(127);
          assertThat(length).isEqualTo(255);
        }
      }
    }
    // Round again: both readers see the same names in the same order.
    long first = bench.uncompressed();
    for (int i = 1; i < ParseBench.NAMES; i++) {
      bench.uncompressed();
    }
    assertThat(bench.compressed()).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({"1, NEAR", "1, DEEP", "1, NOWHERE", "500, NEAR", "500, DEEP", "500, NOWHERE"})
  void zonesAreFoundWhereTheyAre(int zones, CatalogBench.Place place) {
    CatalogBench bench = new CatalogBench();
    bench.zones = zones;
    bench.place = place;
    bench.build();
    for (int i = 0; i < QUESTIONS; i++) {
      Zone found = bench.find();
      DomainName name = DomainName.parse(bench.key().toString());
      if (place == CatalogBench.Place.NOWHERE) {
        assertThat(found).isNull();
        continue;
      }
      assertThat(name.isAtOrBelow(found.apex())).isTrue();
      assertThat(name.labels()).isEqualTo(place == CatalogBench.Place.NEAR ? 4 : 8);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void imagesHoldEveryRecord(boolean signed) {
    ImageBuildBench bench = new ImageBuildBench();
    bench.names = 20;
    bench.signed = signed;
    bench.make();
    ImageBuildBench.Built built = new ImageBuildBench.Built();

    Zone zone = bench.build(built);

    // Apex 5, name servers 2, wildcard 1, hosts 14 A and 4 AAAA, aliases 3, delegations with glue
    // 6.
    int plain = 35;
    int rrsets = 4 + 2 + 1 + 18 + 3;
    int owners = 1 + 2 + 1 + 14 + 3 + 3;
    assertThat(zone.recordCount()).isEqualTo(signed ? plain + rrsets + 2 * owners : plain);
    assertThat(built.records).isEqualTo(zone.recordCount());
    assertThat(built.imageBytes).isEqualTo(zone.imageBytes());
  }

  @Test
  void commitsAndImportsAreInTheStore() throws Exception {
    StoreBench bench = new StoreBench();
    bench.open();
    try {
      long before = bench.store().state().revision();
      for (int i = 0; i < 10; i++) {
        CommitResult result = bench.commit();
        assertThat(result.changed()).isTrue();
        assertThat(result.revision()).isEqualTo(before + 1 + i);
      }
      StoreBench.Imported imported = new StoreBench.Imported();
      CommitResult result = bench.importZones(imported);
      assertThat(result.zones()).hasSize(StoreBench.ZONES_A_CHANGE);
      assertThat(imported.records)
          .isEqualTo(result.zones().stream().mapToLong(StoredZone::recordCount).sum());
      assertThat(bench.store().state().zones()).isEqualTo(1 + StoreBench.ZONES_A_CHANGE);
    } finally {
      bench.close();
    }
  }

  @Test
  void contentIsReadWholeAndMadeAnImage() throws Exception {
    StoreReadBench bench = new StoreReadBench();
    bench.names = 1_000;
    bench.open();
    try {
      StoreReadBench.Read read = new StoreReadBench.Read();
      Zone direct = BenchZone.build(BenchServer.HASH, BenchZone.apex(0), 1_000, false);

      assertThat(bench.content(read)).isEqualTo(direct.recordCount());
      assertThat(bench.image(read).data()).isEqualTo(direct.data());
      assertThat(read.records).isEqualTo(2L * direct.recordCount());
    } finally {
      bench.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void zonesComeFromFilesWhenTheyDoNotFitAndElseNot(CacheBench.Index index) throws IOException {
    CacheBench bench = new CacheBench();
    bench.index = index;
    try {
      bench.serve(QUESTIONS);
      long all = bench.state().imageBytes() + bench.state().zones() * RecordIndex.ZONE_BYTES;
      boolean allFit = index == CacheBench.Index.NONE || index == CacheBench.Index.ALL_FIT;
      assertThat(all <= bench.state().maxBytes()).isEqualTo(allFit);
      CacheBench.Seen seen = new CacheBench.Seen();
      seen.begin(bench);
      int octetsOfFirst = 0;
      for (int i = 0; i < QUESTIONS; i++) {
        int length = bench.single(seen);
        octetsOfFirst += i < Worker.BATCH ? length : 0;
        checkAnswer(AnswerKind.HIT, CacheBench.ASKED.names, lastReply(bench.server(), length));
      }
      assertThat(bench.batch(seen)).isEqualTo(octetsOfFirst);
      assertThat(seen.queries).isEqualTo(QUESTIONS + Worker.BATCH);
      if (index == CacheBench.Index.HALF_FIT) {
        assertThat(seen.loads()).isBetween(QUESTIONS / 4L, (long) QUESTIONS);
        assertThat(bench.state().evictions()).isPositive();
      } else {
        assertThat(seen.loads()).isZero();
        assertThat(bench.state().evictions()).isZero();
      }
    } finally {
      bench.close();
    }
    assertThat(bench.folder()).isNotNull().doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void repliesAreWrittenAsTheServerWritesThem(EncodeBench.Content content) throws IOException {
    EncodeBench bench = new EncodeBench();
    bench.content = content;
    bench.serve();
    BenchServer real = new BenchServer(List.of(EncodeBench.zone()), 0);
    for (int i = 0; i < QUESTIONS; i++) {
      byte[] reply = Arrays.copyOf(bench.server().reply(), bench.write());
      int length = real.ask(bench.lastMessage(), Protocol.UDP);
      assertThat(reply).isEqualTo(Arrays.copyOf(real.reply(), length));
      checkContent(content, new Message(reply));

      Message bare = lastReply(bench.server(), bench.around());
      assertThat(bare.getQuestion()).isNotNull();
      assertThat(bare.getSection(Section.ANSWER)).isEmpty();
      assertThat(bare.getSection(Section.AUTHORITY)).isEmpty();
      assertThat(types(bare.getSection(Section.ADDITIONAL)))
          .hasSize(content == EncodeBench.Content.SIGNED ? 1 : 0)
          .allMatch(type -> type == Type.OPT);
    }
  }

  private static void checkContent(EncodeBench.Content content, Message reply) {
    List<Record> answer = reply.getSection(Section.ANSWER);
    List<Integer> authority = types(reply.getSection(Section.AUTHORITY));
    List<Integer> additional = types(reply.getSection(Section.ADDITIONAL));
    Name name = reply.getQuestion().getName();
    assertThat(reply.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(reply.getHeader().getFlag(Flags.TC)).isFalse();
    assertThat(answer).allMatch(rr -> rr.getName().equals(name));
    switch (content) {
      case ONE_A -> assertThat(types(answer)).containsExactly(Type.A);
      case EIGHT_A -> {
        assertThat(types(answer)).hasSize(8).containsOnly(Type.A);
        assertThat(answer).doesNotHaveDuplicates();
      }
      case MX -> assertThat(types(answer)).containsExactly(Type.MX);
      case HTTPS -> assertThat(types(answer)).containsExactly(Type.HTTPS);
      case TXT -> {
        assertThat(types(answer)).containsExactly(Type.TXT);
        assertThat(answer.getFirst().rdataToWireCanonical()).hasSize(400);
      }
      case SIGNED -> assertThat(types(answer)).containsExactly(Type.A, Type.RRSIG);
      case REFERRAL -> assertThat(answer).isEmpty();
    }
    boolean referral = content == EncodeBench.Content.REFERRAL;
    assertThat(authority).isEqualTo(referral ? List.of(Type.NS, Type.NS) : List.of());
    switch (content) {
      case HTTPS -> assertThat(additional).containsExactly(Type.A, Type.AAAA);
      case SIGNED -> assertThat(additional).containsExactly(Type.OPT);
      case REFERRAL -> assertThat(additional).containsExactly(Type.A, Type.A);
      case ONE_A, EIGHT_A, MX, TXT -> assertThat(additional).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void buffersHoldWhatWasWrittenAndAreGivenBack(AllocatorBench.Source source) throws Exception {
    EventLoopThreads threads = new EventLoopThreads(1, "bench");
    try {
      for (AllocatorBench.Use use : AllocatorBench.Use.values()) {
        Future<?> done = threads.submit(() -> checkBuffers(source, use));
        assertThat(done.get(60, TimeUnit.SECONDS)).isNull();
      }
    } finally {
      Future<?> _ = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static void checkBuffers(AllocatorBench.Source source, AllocatorBench.Use use) {
    AllocatorBench bench = new AllocatorBench();
    bench.source = source;
    bench.use = use;
    bench.open();
    boolean reused = source == AllocatorBench.Source.REUSED;
    ByteBuf first = null;
    for (int i = 0; i < QUESTIONS; i++) {
      Arrays.fill(bench.read(), (byte) 0);
      int octets = bench.buffer();
      int prefix = use == AllocatorBench.Use.RECEIVE ? 0 : 2;
      int stride = prefix + use.messageBytes;
      assertThat(octets).isEqualTo(use.messages * stride);
      for (int at = 0; at < octets; at += stride) {
        if (prefix != 0) {
          assertThat(Wire.u16(bench.read(), at)).isEqualTo(use.messageBytes);
        }
        int end = at + stride;
        assertThat(Arrays.equals(bench.read(), at + prefix, end, bench.written(), at, end - prefix))
            .isTrue();
      }
      ByteBuf last = bench.last();
      assertThat(last.refCnt()).isEqualTo(reused ? 1 : 0);
      first = first == null ? last : first;
      assertThat(!reused || last == first).isTrue();
    }
    bench.close();
    assertThat(bench.last().refCnt()).isZero();
  }

  @Test
  void allocatorsAreNotMeasuredOnOtherThreads() {
    assertThatThrownBy(new AllocatorBench()::open).hasMessageContaining("not on an event loop");
  }

  private static List<Integer> types(List<Record> records) {
    return records.stream().map(Record::getType).toList();
  }

  private static int numberIn(Name name) {
    return Integer.parseInt(name.getLabelString(0).substring(1)) - BenchZone.FIRST_NUMBER;
  }

  private static int address(Record rr) {
    return Wire.s32(((ARecord) rr).getAddress().getAddress(), 0);
  }
}
