package io.flashdns.management.escape;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.flashdns.management.escape.Contract.Method;
import io.flashdns.management.escape.Contract.Path;
import io.flashdns.management.escape.Doors.Door;
import io.flashdns.management.escape.Requests.Form;
import io.flashdns.management.identity.IssuerConfig;
import io.flashdns.management.identity.RealIssuer;
import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.Resource;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.ScopeKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method of the contract, asked by everybody for what is his and for what is not: own,
 * others', gone, never there. What must come of it is known from the options of the contract alone;
 * and whatever comes, nothing of another organisation may be in it, and nothing there may change.
 */
class TenantMatrixTest {
  private static final String AUDIENCE = "flashdns";
  private static final int MIN_CASES = 3_000;
  private static final int THREADS = 4;

  /**
   * Fields that name a thing beside the one that the call is about. What comes of them is said by
   * the call; that nothing is learned or changed by them is asked for all the same.
   */
  private static final Set<String> BESIDES =
      Set.of(
          "ZoneService/UpdateZone zone.project",
          "RecordService/ApplyChanges changes.configure.zone.project",
          "AccessService/CreateToken token.rules.zones",
          "AccessService/UpdateToken token.scope.project",
          "AccessService/UpdateToken token.rules.zones",
          "AccessService/CreatePolicy policy.rules.zones",
          "AccessService/UpdatePolicy policy.scope.project",
          "AccessService/UpdatePolicy policy.rules.zones");

  @TempDir private static java.nio.file.Path folder;
  private static RealIssuer issuer;
  private static Plane plane;
  private static Doors doors;
  private static Tenants tenants;
  private static Marks marks;
  private static final Contract CONTRACT = new Contract();

  @BeforeAll
  static void start() throws Exception {
    issuer = RealIssuer.rsa("tenants");
    plane =
        Plane.start(
            folder,
            api -> api.withReflection(true),
            List.of(IssuerConfig.of(issuer.url(), AUDIENCE)));
    doors = new Doors(plane);
    String mark = "mk" + Long.toString(System.nanoTime() % 1_000_000_000, 36).replace('-', 'x');
    tenants = new Tenants(plane, issuer, AUDIENCE, mark);
    Set<String> secrets = new HashSet<>();
    for (Place place :
        List.of(tenants.place(Place.Kind.FOREIGN), tenants.place(Place.Kind.FOREIGN_GONE))) {
      secrets.addAll(List.of(place.token, place.policy, place.grant, place.transfer));
    }
    marks = new Marks(mark, secrets);
  }

  @AfterAll
  static void stop() throws Exception {
    plane.close();
    issuer.close();
  }

  // ---- the matrix ----------------------------------------------------------------------------

  /** One case. */
  private record Case(Method method, Path path, Place target, Form form, Caller caller, Door door) {
    boolean isBeside() {
      return BESIDES.contains(method.name() + " " + path);
    }

    Case of(Place other) {
      return new Case(method, path, other, form, caller, door);
    }

    @Override
    public String toString() {
      return method.name()
          + " "
          + path
          + " = "
          + target.kind
          + " "
          + form
          + " by "
          + caller
          + " over "
          + door;
    }
  }

  /** What was found. */
  private static final class Findings {
    final List<String> escapes = Collections.synchronizedList(new ArrayList<>());
    final List<String> others = Collections.synchronizedList(new ArrayList<>());
    final Map<String, Integer> counts = new ConcurrentHashMap<>();
    final Map<String, Set<Code>> codes = new ConcurrentHashMap<>();

    void count(Method method, Caller caller, Door door) {
      counts.merge(
          method.descriptor().getService().getName() + "|" + caller + "|" + door, 1, Integer::sum);
    }

    int cases() {
      return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  @Test
  void nobodyGetsAtWhatIsAnothers() throws Exception {
    Requests requests = new Requests(tenants.depot);
    Findings findings = new Findings();
    Map<String, String> before = marks.stored(plane.store());
    assertThat(before).hasSizeGreaterThan(10);
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Method method : CONTRACT.methods.values()) {
        List<Future<?>> running = new ArrayList<>();
        for (Caller caller : tenants.callers) {
          running.add(
              threads.submit(
                  () -> {
                    all(requests, findings, method, caller);
                    return null;
                  }));
        }
        for (Future<?> one : running) {
          one.get();
        }
      }
    }
    report(findings, (System.nanoTime() - start) / 1_000_000);
    assertThat(findings.others).isEmpty();
    assertThat(findings.escapes).isEmpty();
    assertThat(marks.stored(plane.store())).isEqualTo(before);
    assertThat(findings.cases()).isGreaterThanOrEqualTo(MIN_CASES);
  }

  private static void all(Requests requests, Findings findings, Method method, Caller caller)
      throws Exception {
    for (Door door : Door.values()) {
      if (door == Door.JSON && !method.isUnary()) {
        continue;
      }
      if (paths(method).isEmpty()) {
        alone(requests, findings, method, caller, door);
      }
      for (Path path : paths(method)) {
        for (Form form : Requests.forms(path)) {
          boolean brief = caller.dead() || caller.scope() == ScopeKind.SCOPE_KIND_PLATFORM;
          if (brief && form != first(path)) {
            continue;
          }
          Case absent =
              new Case(method, path, tenants.place(Place.Kind.ABSENT), form, caller, door);
          Answer nothing = run(requests, findings, absent, null);
          for (Place.Kind kind : Place.Kind.values()) {
            if (kind != Place.Kind.ABSENT && isAsked(absent, kind)) {
              var _ = run(requests, findings, absent.of(place(caller, kind)), nothing);
            }
          }
        }
      }
    }
  }

  private static Place place(Caller caller, Place.Kind kind) {
    return kind == Place.Kind.OWN ? caller.home() : tenants.place(kind);
  }

  /** The fields that name things; one of them is not marked, because the thing is looked for. */
  private static List<Path> paths(Method method) {
    if (!method.name().equals("TenantService/CreateNameGrant")) {
      return method.paths();
    }
    FieldDescriptor grant = method.descriptor().getInputType().findFieldByName("grant");
    FieldDescriptor name = grant.getMessageType().findFieldByName("name");
    return List.of(new Path(List.of(grant, name), Resource.RESOURCE_ZONE));
  }

  /** True for what is worth a case. */
  private static boolean isAsked(Case one, Place.Kind kind) {
    Resource what = one.path.kind();
    boolean ofZone = what == Resource.RESOURCE_ZONE || what == Resource.RESOURCE_RECORD;
    if (what == Resource.RESOURCE_NODE) {
      return kind == Place.Kind.OWN;
    }
    if (what == Resource.RESOURCE_ORGANISATION
        && kind != Place.Kind.OWN
        && kind != Place.Kind.FOREIGN) {
      return false;
    }
    if (what == Resource.RESOURCE_PROJECT
        && (kind == Place.Kind.OPERATOR
            || (one.form == Form.WHOLE
                && (kind == Place.Kind.GONE || kind == Place.Kind.FOREIGN_GONE)))) {
      return false;
    }
    if (kind == Place.Kind.BESIDE
        && (!ofZone || one.method.name().equals("ZoneService/UndeleteZone"))) {
      return false;
    }
    if (one.caller.suspended()
        && kind != Place.Kind.OWN
        && kind != Place.Kind.FOREIGN
        && kind != Place.Kind.OPERATOR) {
      return false;
    }
    boolean main = kind == Place.Kind.FOREIGN || kind == Place.Kind.OWN;
    if (!main && (one.caller.dead() || one.door == Door.JSON)) {
      return false;
    }
    // All forms where something could be learned by those who could do it.
    boolean usual = one.form == first(one.path);
    boolean able =
        one.caller.role() == Role.ROLE_OWNER
            || one.caller.role() == Role.ROLE_ADMIN
            || one.caller.role() == Role.ROLE_VIEWER;
    return usual || (able && main);
  }

  private static Form first(Path path) {
    return Requests.forms(path).getFirst();
  }

  /** A call that names nothing of others. */
  private static void alone(
      Requests requests, Findings findings, Method method, Caller caller, Door door)
      throws Exception {
    Set<Code> expected = Oracle.expected(method, caller);
    List<Message> asked = requests.make(method, caller.home(), true, "");
    Answer answer = call(door, method, caller, asked);
    findings.count(method, caller, door);
    String where = method.name() + " alone by " + caller + " over " + door;
    check(findings, where, expected, answer);
    if (caller.scope() != ScopeKind.SCOPE_KIND_PLATFORM) {
      leaks(findings, where, answer, asked, "");
    }
  }

  private static Answer call(Door door, Method method, Caller caller, List<Message> asked)
      throws Exception {
    return method.name().equals("ChangeService/WatchChanges")
        ? doors.grpc(method.call(), caller.secret(), asked, 1)
        : doors.call(door, method.call(), caller.secret(), asked);
  }

  private static Answer run(
      Requests requests,
      Findings findings,
      Case one,
      @org.jspecify.annotations.Nullable Answer absent)
      throws Exception {
    Method method = one.method;
    Set<Code> expected = Oracle.expected(method, one.caller, one.path, one.target, one.form);
    boolean paused = expected.contains(Code.FAILED_PRECONDITION);
    boolean allowed =
        paused || expected.contains(Code.OK) || one.caller.scope() == ScopeKind.SCOPE_KIND_PLATFORM;
    boolean beside = one.isBeside() || isOpenOffer(one);
    List<Message> asked =
        requests.make(
            method,
            one.caller.home(),
            one.path,
            one.target,
            one.form,
            allowed || beside,
            allowed ? "" : method.descriptor().getName() + Tenants.USED_REQUEST_ID);
    Answer answer = call(one.door, method, one.caller, asked);
    findings.count(method, one.caller, one.door);
    if (!beside) {
      check(findings, one.toString(), expected, answer);
    }
    if (one.caller.scope() == ScopeKind.SCOPE_KIND_PLATFORM) {
      return answer;
    }
    leaks(findings, one.toString(), answer, asked, one.target.apex + one.target.deletedApex);
    boolean foreign =
        one.target.kind == Place.Kind.FOREIGN
            || one.target.kind == Place.Kind.FOREIGN_GONE
            || one.target.kind == Place.Kind.OPERATOR;
    if (absent != null && (foreign || (!beside && answer.code() == Code.NOT_FOUND))) {
      String told = without(answer.refusal(), one.target);
      String nothing = without(absent.refusal(), tenants.place(Place.Kind.ABSENT));
      if (!told.equals(nothing)) {
        findings.escapes.add(
            one + " is told\n  " + told + "\n  and of what is not there\n  " + nothing);
      }
    }
    return answer;
  }

  /** Offers of the own organisation are to whoever has the key, and the key is shown. */
  private static boolean isOpenOffer(Case one) {
    return one.method.name().equals("ZoneService/AcceptZoneTransfer")
        && one.path.kind() == Resource.RESOURCE_ZONE_TRANSFER
        && (one.target.kind == Place.Kind.OWN || one.target.kind == Place.Kind.SIBLING);
  }

  private static void check(Findings findings, String where, Set<Code> expected, Answer answer) {
    findings.codes.computeIfAbsent("codes", _ -> EnumSet.noneOf(Code.class)).add(answer.code());
    if (expected.contains(answer.code())) {
      return;
    }
    String told = where + ": " + expected + " is expected, not " + answer.refusal();
    (answer.isOk() ? findings.escapes : findings.others).add(told);
  }

  private static void leaks(
      Findings findings, String where, Answer answer, List<Message> asked, String named) {
    Set<String> leaked = marks.leaked(answer, asked, named);
    if (!leaked.isEmpty()) {
      findings.escapes.add(where + " tells " + leaked);
    }
  }

  /** A refusal without the names that its request had. */
  private static String without(String refusal, Place place) {
    Map<String, String> names = new LinkedHashMap<>();
    String apex = place.apex.substring(0, place.apex.length() - 1);
    if (!place.deletedApex.isEmpty()) {
      names.put(Requests.escaped(place.deletedApex), "NAME.");
      names.put(place.deletedApex.substring(0, place.deletedApex.length() - 1), "NAME");
    }
    names.put(Requests.escaped(place.apex), "NAME.");
    names.put(apex, "NAME");
    names.put(place.transfer, "TRANSFER");
    names.put(place.token, "TOKEN");
    names.put(place.policy, "POLICY");
    names.put(place.grant, "GRANT");
    names.put(place.organisation, "ORGANISATION");
    names.put(place.project, "PROJECT");
    String text = refusal;
    for (Map.Entry<String, String> name : names.entrySet()) {
      if (!name.getKey().isEmpty()) {
        text =
            text.replaceAll("(?i)" + java.util.regex.Pattern.quote(name.getKey()), name.getValue());
      }
    }
    text = text.replace("\\\\", "\\");
    return text.replaceAll("\\b" + place.zoneId + "\\b", "ZONE")
        .replaceAll("\\b" + place.revision + "\\b", "REVISION");
  }

  private static void report(Findings findings, long millis) {
    Set<String> services = new java.util.TreeSet<>();
    Map<String, Map<String, Integer>> rows = new TreeMap<>();
    findings.counts.forEach(
        (key, count) -> {
          String[] parts = key.split("\\|", -1);
          services.add(parts[0]);
          rows.computeIfAbsent(parts[1] + " " + parts[2], _ -> new TreeMap<>())
              .merge(parts[0], count, Integer::sum);
        });
    StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-24s", "caller and door"));
    services.forEach(
        one -> table.append(String.format(Locale.ROOT, "%10s", one.replace("Service", ""))));
    table.append('\n');
    rows.forEach(
        (row, counts) -> {
          table.append(String.format(Locale.ROOT, "%-24s", row));
          services.forEach(
              one -> table.append(String.format(Locale.ROOT, "%10d", counts.getOrDefault(one, 0))));
          table.append('\n');
        });
    System.out.println(
        table
            + "cases "
            + findings.cases()
            + ", escapes "
            + findings.escapes.size()
            + ", other answers than expected "
            + findings.others.size()
            + ", "
            + millis
            + " ms");
  }
}
