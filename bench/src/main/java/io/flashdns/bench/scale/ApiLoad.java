package io.flashdns.bench.scale;

import com.google.common.util.concurrent.ListenableFuture;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.Wire;
import io.flashdns.proto.v1.CreateRecordRequest;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.GetRecordRequest;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.ListZonesResponse;
import io.flashdns.proto.v1.RecordId;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.UpdateRecordRequest;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Measures the API from outside: a server of a distribution on one processor, this program on
 * another, gRPC between them over the loopback interface.
 *
 * <ol>
 *   <li>Reads with all calls under way: GetZone, GetRecord, and ListRecords with pages of 100, each
 *       alone and in turns. The admin reads random zones of those that are there, tenants list
 *       theirs.
 *   <li>Durable writes by the tokens of several projects: CreateRecord and UpdateRecord in turns.
 *   <li>First pages of ListZones, one call at a time: by id, by name, filtered by a label that few
 *       zones have, for an admin and for a tenant with ten zones.
 *   <li>A walk through all zones while others come and go: each that was there throughout has to
 *       come once.
 *   <li>From the acknowledgement of a change to the first reply by UDP that has it, beside half of
 *       the most writes.
 * </ol>
 *
 * <p>Arguments are {@code key=value}: {@code server=DISTRIBUTION}, which is needed, {@code
 * folder=TEMPORARY data=FOLDER/data zones=10000 connections=4 calls=16 projects=8 seconds=10
 * warm-up=10 rounds=3 pages=200 visible=200 server-core=0 client-core=1
 * parts=reads,writes,pages,walk,visible}; these are the defaults. {@code calls} is for each
 * connection, {@code zones} of {@link WriteZones} are imported when the data folder has no store,
 * else it has them already; a core of -1 is any. {@code min-reads}, {@code min-writes}, {@code
 * max-page-ms} and {@code max-visible-ms} are bounds, 0 for none: the status is 1 when one does not
 * hold, or a walk is wrong.
 */
public final class ApiLoad {
  private static final int ZONES_A_PROJECT = 4;
  private static final int PAGE = 100;
  private static final int WALK_PAGE = 1_000;
  private static final long LONGEST_NANOS = 60_000_000_000L;

  private final Map<String, Integer> settings = new LinkedHashMap<>();
  private final List<String> table = new ArrayList<>();
  private Set<String> parts = Set.of("reads", "writes", "pages", "walk", "visible");
  private final AtomicLong serial = new AtomicLong();
  private boolean failed;

  private ApiLoad() {
    settings.put("zones", 10_000);
    settings.put("connections", 4);
    settings.put("calls", 16);
    settings.put("projects", 8);
    settings.put("seconds", 10);
    settings.put("warm-up", 10);
    settings.put("rounds", 3);
    settings.put("pages", 200);
    settings.put("visible", 200);
    settings.put("server-core", 0);
    settings.put("client-core", 1);
    settings.put("min-reads", 0);
    settings.put("min-writes", 0);
    settings.put("max-page-ms", 0);
    settings.put("max-visible-ms", 0);
  }

  /** Runs the measurement and prints it. */
  public static void main(String[] arguments) throws Exception {
    ApiLoad load = new ApiLoad();
    load.run(arguments);
    load.table.forEach(System.out::println);
    System.exit(load.failed ? 1 : 0);
  }

  /** For tests: the lines of the table. */
  static List<String> lines(String... arguments) throws Exception {
    ApiLoad load = new ApiLoad();
    load.run(arguments);
    return load.table;
  }

  private void run(String... arguments) throws Exception {
    Map<String, Path> paths = new LinkedHashMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length == 2 && pair[0].equals("parts")) {
        parts = Set.of(pair[1].split(","));
      } else if (pair.length == 2 && Set.of("server", "folder", "data").contains(pair[0])) {
        paths.put(pair[0], Path.of(pair[1]));
      } else if (pair.length == 2 && settings.containsKey(pair[0])) {
        settings.put(pair[0], Integer.parseInt(pair[1]));
      } else {
        throw new IllegalArgumentException(
            "'"
                + argument
                + "' is no argument: write server=FOLDER, or KEY=NUMBER with one of "
                + settings.keySet());
      }
    }
    Path server = paths.get("server");
    if (server == null) {
      throw new IllegalArgumentException("server=FOLDER is missing: name a distribution");
    }
    Path folder = paths.get("folder");
    Path work =
        folder == null
            ? Files.createTempDirectory("flashdns-api")
            : Files.createDirectories(folder);
    measure(server, work, paths.getOrDefault("data", work.resolve("data")));
  }

  private int setting(String key) {
    return settings.getOrDefault(key, 0);
  }

  private static void pin(int core) throws IOException, InterruptedException {
    Process taskset =
        new ProcessBuilder(
                "taskset",
                "-a",
                "-p",
                "-c",
                Integer.toString(core),
                Long.toString(ProcessHandle.current().pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (taskset.waitFor() != 0) {
      throw new IOException("taskset failed: there may be no processor " + core);
    }
  }

  private void measure(Path distribution, Path work, Path data) throws Exception {
    ApiServerProcess.fill(distribution, work, data, setting("zones"));
    if (setting("client-core") >= 0) {
      pin(setting("client-core"));
    }
    try (ApiServerProcess server =
            ApiServerProcess.start(distribution, work, data, setting("server-core"));
        ApiTenants tenants =
            new ApiTenants(
                server.api(),
                server.adminToken(),
                setting("connections"),
                setting("projects"),
                ZONES_A_PROJECT)) {
      System.err.println("server " + server.pid() + ", settings " + settings);
      table.add(
          "%-34s %10s %9s %9s %9s  %s"
              .formatted(
                  "what", "a second", "p50 ms", "p99 ms", "max ms", "of, server's processor"));
      double writes = 0;
      double mixed = 0;
      warmUp(tenants);
      for (int round = 1; round <= setting("rounds"); round++) {
        if (parts.contains("reads")) {
          closed(server, "GetZone", (slot, dice) -> getZone(tenants, slot, dice));
          closed(server, "GetRecord", (slot, dice) -> getRecord(tenants, slot, dice));
          closed(server, "ListRecords, 100", (slot, dice) -> listRecords(tenants, slot, dice));
          mixed = Math.max(mixed, closed(server, "reads in turns", mixed(tenants)));
        }
        if (parts.contains("writes") || parts.contains("visible")) {
          writes = Math.max(writes, closed(server, "writes", writes(tenants)));
        }
      }
      double page = parts.contains("pages") ? pages(tenants) : 0;
      if (parts.contains("walk")) {
        walk(tenants);
      }
      double visible = parts.contains("visible") ? visible(server, tenants, writes / 2) : 0;
      atLeast("reads-a-second", mixed, setting("min-reads"));
      atLeast("writes-a-second", writes, setting("min-writes"));
      atMost("first-page-p99-ms", page, setting("max-page-ms"));
      atMost("visible-p99-ms", visible, setting("max-visible-ms"));
    }
  }

  /** The compilers of a server that has just begun take its processor for themselves. */
  private void warmUp(ApiTenants tenants) throws InterruptedException {
    int underWay = setting("connections") * setting("calls");
    double seconds = setting("warm-up") / 2.0;
    if (parts.contains("reads") || parts.contains("pages")) {
      ApiCalls.Outcome _ = ApiCalls.closed(underWay, seconds, mixed(tenants));
    }
    if (parts.contains("writes") || parts.contains("visible")) {
      ApiCalls.Outcome _ = ApiCalls.closed(underWay, seconds, writes(tenants));
    }
  }

  // ---- calls ---------------------------------------------------------------------------------

  private double closed(ApiServerProcess server, String what, ApiCalls.Maker maker)
      throws InterruptedException {
    int underWay = setting("connections") * setting("calls");
    double cpu = server.cpuSeconds();
    ApiCalls.Outcome outcome = ApiCalls.closed(underWay, setting("seconds"), maker);
    row(what, outcome, (server.cpuSeconds() - cpu) / outcome.seconds());
    return outcome.perSecond();
  }

  private void row(String what, ApiCalls.Outcome outcome, double cpu) {
    String line =
        line(what, outcome.perSecond(), outcome.nanos())
            + String.format(
                Locale.ROOT, ", %.0f %%, %.0f us each", 100 * cpu, cpu * 1e6 / outcome.perSecond());
    if (!outcome.failures().isEmpty()) {
      line += ", FAILED " + outcome.failures();
      failed = true;
    }
    said(line);
  }

  private static String line(String what, double perSecond, Histogram nanos) {
    return String.format(
        Locale.ROOT,
        "%-34s %10s %9.2f %9.2f %9.2f  %,d",
        what,
        perSecond == 0 ? "" : String.format(Locale.ROOT, "%,.0f", perSecond),
        nanos.getValueAtPercentile(50) / 1e6,
        nanos.getValueAtPercentile(99) / 1e6,
        nanos.getMaxValue() / 1e6,
        nanos.getTotalCount());
  }

  private void said(String line) {
    System.err.println(line);
    table.add(line);
  }

  private String anyZone(SplittableRandom dice) {
    return ManyZones.apex(dice.nextInt(Math.max(1, setting("zones")))) + ".";
  }

  private ListenableFuture<?> getZone(ApiTenants tenants, int slot, SplittableRandom dice) {
    return ZoneServiceGrpc.newFutureStub(tenants.admin(slot))
        .getZone(GetZoneRequest.newBuilder().setZone(ApiTenants.ref(anyZone(dice))).build());
  }

  private ListenableFuture<?> getRecord(ApiTenants tenants, int slot, SplittableRandom dice) {
    String apex = anyZone(dice);
    return RecordServiceGrpc.newFutureStub(tenants.admin(slot))
        .getRecord(
            GetRecordRequest.newBuilder()
                .setId(
                    RecordId.newBuilder()
                        .setZone(ApiTenants.ref(apex))
                        .setName("www." + apex)
                        .setType(RecordType.RECORD_TYPE_A))
                .build());
  }

  private ListenableFuture<?> listRecords(ApiTenants tenants, int slot, SplittableRandom dice) {
    int project = slot % tenants.projects();
    return RecordServiceGrpc.newFutureStub(tenants.editor(project, slot))
        .listRecords(
            ListRecordsRequest.newBuilder()
                .setZone(ApiTenants.ref(tenants.apex(project, dice.nextInt(tenants.zones()))))
                .setPageSize(PAGE)
                .build());
  }

  private ApiCalls.Maker mixed(ApiTenants tenants) {
    return (slot, dice) ->
        switch (dice.nextInt(3)) {
          case 0 -> getZone(tenants, slot, dice);
          case 1 -> getRecord(tenants, slot, dice);
          default -> listRecords(tenants, slot, dice);
        };
  }

  private ApiCalls.Maker writes(ApiTenants tenants) {
    return (slot, dice) -> {
      int project = dice.nextInt(tenants.projects());
      String apex = tenants.apex(project, dice.nextInt(tenants.zones()));
      var records = RecordServiceGrpc.newFutureStub(tenants.editor(project, slot));
      long number = serial.incrementAndGet();
      return number % 2 == 0
          ? records.createRecord(
              CreateRecordRequest.newBuilder()
                  .setZone(ApiTenants.ref(apex))
                  .setRecord(ApiTenants.address("n" + number + "." + apex, dice.nextInt()))
                  .build())
          : records.updateRecord(
              UpdateRecordRequest.newBuilder()
                  .setZone(ApiTenants.ref(apex))
                  .setRecord(
                      ApiTenants.address(
                          ApiTenants.host(dice.nextInt(1, ApiTenants.HOSTS), apex), dice.nextInt()))
                  .build());
    };
  }

  // ---- lists ---------------------------------------------------------------------------------

  private double pages(ApiTenants tenants) {
    double worst = page("first page by id, admin", tenants.admin(0), "", "");
    worst = Math.max(worst, page("first page by name, admin", tenants.admin(0), "", "name"));
    String label = "labels.of = \"few\"";
    worst = Math.max(worst, page("first page of a label, admin", tenants.admin(0), label, ""));
    String below = "view = \"public\" AND name = \"*.example7.test.\"";
    worst =
        Math.max(worst, page("first page below a name, admin", tenants.admin(0), below, "name"));
    worst = Math.max(worst, page("first page by id, 10 zones", tenants.few(0), "", ""));
    worst = Math.max(worst, page("first page by name, 10 zones", tenants.few(0), "", "name"));
    return Math.max(worst, page("first page of a label, 10 zones", tenants.few(0), label, ""));
  }

  private double page(String what, Channel as, String filter, String order) {
    Histogram nanos = new Histogram(LONGEST_NANOS, 3);
    var zones = ZoneServiceGrpc.newBlockingStub(as);
    ListZonesRequest request =
        ListZonesRequest.newBuilder().setPageSize(PAGE).setFilter(filter).setOrderBy(order).build();
    for (int i = 0; i < setting("pages") / 4; i++) {
      ListZonesResponse _ = zones.listZones(request);
    }
    int found = 0;
    for (int i = 0; i < setting("pages"); i++) {
      long begin = System.nanoTime();
      found = zones.listZones(request).getZonesCount();
      nanos.recordValue(System.nanoTime() - begin);
    }
    said(line(what, 0, nanos) + ", " + found + " zones");
    return nanos.getValueAtPercentile(99) / 1e6;
  }

  private void walk(ApiTenants tenants) throws InterruptedException {
    for (String order : List.of("id", "name")) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger made = new AtomicInteger();
      Thread changing =
          Thread.ofPlatform().name("changing").start(() -> comeAndGo(tenants, over, made));
      long begin = System.nanoTime();
      Histogram nanos = new Histogram(LONGEST_NANOS, 3);
      Set<Long> ids = new HashSet<>();
      long twice = 0;
      long imported = 0;
      String next = "";
      do {
        long asked = System.nanoTime();
        ListZonesResponse page =
            ZoneServiceGrpc.newBlockingStub(tenants.admin(0))
                .listZones(
                    ListZonesRequest.newBuilder()
                        .setPageSize(WALK_PAGE)
                        .setPageToken(next)
                        .setOrderBy(order)
                        .build());
        nanos.recordValue(System.nanoTime() - asked);
        for (Zone zone : page.getZonesList()) {
          twice += ids.add(hash(zone.getId().getValue())) ? 0 : 1;
          imported += zone.getName().getApex().endsWith(".test.") ? 1 : 0;
        }
        next = page.getNextPageToken();
      } while (!next.isEmpty());
      double seconds = (System.nanoTime() - begin) / 1e9;
      over.set(true);
      changing.join();
      boolean right = twice == 0 && imported == setting("zones");
      failed |= !right;
      said(
          line("walk by " + order + ", pages of 1,000", ids.size() / seconds, nanos)
              + String.format(
                  Locale.ROOT,
                  " pages in %.1f s; %,d of %,d zones, %d twice, %d came and went: %s",
                  seconds,
                  imported,
                  setting("zones"),
                  twice,
                  made.get(),
                  right ? "pass" : "fail"));
    }
  }

  /** Ids are numbers in some form of text; so many are not kept as text. */
  private static long hash(String id) {
    long hash = 0xcbf2_9ce4_8422_2325L;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x100_0000_01b3L;
    }
    return hash;
  }

  private void comeAndGo(ApiTenants tenants, AtomicBoolean over, AtomicInteger made) {
    while (!over.get()) {
      String apex = tenants.fresh("come" + serial.incrementAndGet());
      tenants.zone(tenants.admin(1), "p0", apex);
      var _ =
          ZoneServiceGrpc.newBlockingStub(tenants.admin(1))
              .deleteZone(DeleteZoneRequest.newBuilder().setZone(ApiTenants.ref(apex)).build());
      made.incrementAndGet();
      LockSupport.parkNanos(5_000_000);
    }
  }

  // ---- visible -------------------------------------------------------------------------------

  private double visible(ApiServerProcess server, ApiTenants tenants, double perSecond)
      throws Exception {
    int looks = setting("visible");
    Histogram nanos = new Histogram(LONGEST_NANOS, 3);
    AtomicBoolean over = new AtomicBoolean();
    Thread writing =
        Thread.ofPlatform()
            .name("writing")
            .start(
                () -> {
                  try {
                    while (!over.get()) {
                      var outcome =
                          ApiCalls.open(
                              Math.max(1, perSecond), 1, setting("connections"), writes(tenants));
                      if (!outcome.failures().isEmpty()) {
                        said("writes beside FAILED " + outcome.failures());
                      }
                    }
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });
    LockSupport.parkNanos(1_000_000_000L);
    try (DatagramChannel socket = DatagramChannel.open().connect(server.dns())) {
      SplittableRandom dice = new SplittableRandom(7);
      String apex = tenants.apex(0, 0);
      String host = ApiTenants.host(0, apex);
      byte[] question = question(host);
      for (int i = 0; i < looks; i++) {
        int address = dice.nextInt();
        var _ =
            RecordServiceGrpc.newBlockingStub(tenants.editor(0, i))
                .updateRecord(
                    UpdateRecordRequest.newBuilder()
                        .setZone(ApiTenants.ref(apex))
                        .setRecord(ApiTenants.address(host, address))
                        .build());
        long acknowledged = System.nanoTime();
        await(socket, question, address);
        nanos.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - acknowledged));
      }
    } finally {
      over.set(true);
      writing.join();
    }
    said(
        line("visible after acknowledgement", 0, nanos)
            + String.format(Locale.ROOT, ", beside %,.0f writes a second", perSecond));
    return nanos.getValueAtPercentile(99) / 1e6;
  }

  private static byte[] question(String host) {
    byte[] name = DomainName.parse(host).wire();
    return ByteBuffer.allocate(Wire.HEADER_BYTES + name.length + 4)
        .putInt(0)
        .putInt(0x0001_0000)
        .putInt(0)
        .put(name)
        .putShort((short) io.flashdns.core.dns.RecordType.A)
        .putShort((short) RecordClass.IN)
        .array();
  }

  private static void await(DatagramChannel socket, byte[] question, int address)
      throws IOException {
    ByteBuffer message = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
    long patience = System.nanoTime() + LONGEST_NANOS;
    short id = 0;
    do {
      if (System.nanoTime() - patience > 0) {
        throw new IOException("a change is not seen for a minute");
      }
      message.clear().put(question).flip().putShort(0, ++id);
      socket.write(message);
      do {
        message.clear();
        socket.read(message);
      } while (message.getShort(0) != id);
      message.flip();
    } while (QueryLoad.address(message) != address);
  }

  // ---- bounds --------------------------------------------------------------------------------

  private void atLeast(String name, double figure, int bound) {
    figure(name, figure, bound, figure >= bound);
  }

  private void atMost(String name, double figure, int bound) {
    figure(name, figure, bound, bound == 0 || figure <= bound);
  }

  private void figure(String name, double figure, int bound, boolean holds) {
    failed |= !holds;
    table.add(
        String.format(
            Locale.ROOT, "api-load.%s %.2f %d %s", name, figure, bound, holds ? "pass" : "fail"));
  }
}
