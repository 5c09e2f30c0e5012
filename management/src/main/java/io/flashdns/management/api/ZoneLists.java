package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.ListZonesResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Zone;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Lists zones page by page. Both orders, that of ids and that of names, are of what a zone keeps as
 * long as it lives: so each zone that is there from the first page to the last is listed once.
 *
 * <p>A page costs what it shows, or {@value #MAX_LOOKS} zones where a filter fits few: the page is
 * short then and another follows. Whoever may see single projects alone never pays for the zones of
 * others.
 */
final class ZoneLists {
  private static final int MAX_LOOKS = 2_500;
  private static final int ZONES_A_READ = 500;

  private static final Filter.Fields FIELDS =
      Filter.fields()
          .name("name")
          .text("view")
          .text("organisation")
          .text("project")
          .labels("labels")
          .text("comment")
          .bool("suspended")
          .text("source")
          .number("revision")
          .number("record_count")
          .build();

  private final ZoneStore store;
  private final PageTokens tokens;
  private final ProjectNames projects;

  /** Names the projects of an organisation. */
  @FunctionalInterface
  interface ProjectNames {
    List<ZoneOwner> of(StoreSnapshot snapshot, String organisation) throws StoreException;
  }

  ZoneLists(ZoneStore store, PageTokens tokens, ProjectNames projects) {
    this.store = store;
    this.tokens = tokens;
    this.projects = projects;
  }

  ListZonesResponse list(Call call, ListZonesRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), new Order("id", false), "id", "name");
    if (order.descending()) {
      throw io.flashdns.management.message.CallException.invalid(
          "order_by", "zones are listed in ascending order alone: take away \"desc\"");
    }
    String who = call.principal().name();
    byte[] position = tokens.position(request, who);
    Page<Zone> page = new Page<>(PageTokens.pageSize(request.getPageSize()));
    try (StoreSnapshot snapshot = store.snapshot()) {
      Walk walk = new Walk(call.rights(), filter, page, PageTokens.pageSize(request.getPageSize()));
      boolean hasMore =
          order.field().equals("name")
              ? byName(snapshot, call.rights(), filter, walk, position)
              : byId(snapshot, call.rights(), filter, walk, position);
      ListZonesResponse.Builder answer = ListZonesResponse.newBuilder().addAllZones(page.entries());
      StoredZone last = walk.last;
      if (hasMore && last != null) {
        byte[] at =
            order.field().equals("name")
                ? position(last.settings().key())
                : ByteBuffer.allocate(8).putLong(last.id().value()).array();
        answer.setNextPageToken(tokens.token(request, who, at));
      }
      return answer.build();
    }
  }

  /** Takes zones one by one. */
  private static final class Walk implements Filter.Row {
    private final Rights rights;
    private final Filter filter;
    private final Page<Zone> page;
    private @Nullable StoredZone row;
    private @Nullable StoredZone last;
    private int looks;

    private final int size;

    Walk(Rights rights, Filter filter, Page<Zone> page, int size) {
      this.size = size;
      this.rights = rights;
      this.filter = filter;
      this.page = page;
    }

    /** False when the page ends before this zone. */
    boolean take(StoredZone zone) {
      if (looks == MAX_LOOKS) {
        return false;
      }
      row = zone;
      if (rights.mayInZone(Permission.PERMISSION_ZONES_READ, zone)
          && filter.matches(this)
          && !page.add(ZoneMessages.message(zone).build())) {
        return false;
      }
      looks++;
      last = zone;
      return true;
    }

    @Override
    public @Nullable Object value(String field) {
      StoredZone zone = row;
      if (zone == null) {
        return null;
      }
      return switch (field) {
        case "name" -> zone.settings().key().apex();
        case "view" -> zone.settings().key().view();
        case "organisation" -> zone.settings().owner().organisation();
        case "project" -> zone.settings().owner().project();
        case "labels" -> zone.settings().labels();
        case "comment" -> zone.settings().comment();
        case "suspended" -> zone.settings().suspended();
        case "source" -> zone.settings().source();
        case "revision" -> zone.revision();
        case "record_count" -> (long) zone.recordCount();
        default -> null;
      };
    }
  }

  /** Zones in an order, from somewhere on. */
  @FunctionalInterface
  private interface Source {
    List<StoredZone> after(@Nullable StoredZone last, int limit) throws StoreException;
  }

  /** True when there may be more behind the last zone that was taken. */
  private static boolean run(Walk walk, Source source, int firstRead) throws StoreException {
    StoredZone last = null;
    int limit = firstRead;
    while (true) {
      List<StoredZone> zones = source.after(last, limit);
      for (StoredZone zone : zones) {
        if (!walk.take(zone)) {
          return true;
        }
        last = zone;
      }
      if (zones.size() < limit) {
        return false;
      }
      limit = ZONES_A_READ;
    }
  }

  // ---- by id ---------------------------------------------------------------------------------

  private boolean byId(
      StoreSnapshot snapshot, Rights rights, Filter filter, Walk walk, byte @Nullable [] position)
      throws StoreException {
    long from = position == null ? 0 : ByteBuffer.wrap(position).getLong();
    StoredZone named = named(snapshot, filter);
    if (named != null || (filter.equalTo("name").isPresent() && viewOf(filter) != null)) {
      return named != null && named.id().value() > from && !walk.take(named);
    }
    int read = walk.size + 1;
    List<ZoneOwner> owners = owners(snapshot, rights, filter);
    if (owners == null) {
      return run(
          walk,
          (last, limit) -> snapshot.zones(last == null ? from : last.id().value(), limit),
          read);
    }
    if (owners.size() == 1) {
      ZoneOwner owner = owners.getFirst();
      return run(
          walk,
          (last, limit) -> snapshot.zonesOf(owner, last == null ? from : last.id().value(), limit),
          read);
    }
    return run(walk, new Merged(snapshot, owners, from), read);
  }

  /** The zones of many projects in the order of their ids. */
  private static final class Merged implements Source {
    private final StoreSnapshot snapshot;
    private final PriorityQueue<Head> heads =
        new PriorityQueue<>(Comparator.comparingLong(head -> head.next().id().value()));

    /** The zones of a project that come next. */
    private record Head(ZoneOwner owner, List<StoredZone> zones, int at) {
      StoredZone next() {
        return zones.get(at);
      }
    }

    Merged(StoreSnapshot snapshot, List<ZoneOwner> owners, long from) throws StoreException {
      this.snapshot = snapshot;
      for (ZoneOwner owner : owners) {
        open(owner, from);
      }
    }

    private void open(ZoneOwner owner, long after) throws StoreException {
      List<StoredZone> zones = snapshot.zonesOf(owner, after, 64);
      if (!zones.isEmpty()) {
        heads.add(new Head(owner, zones, 0));
      }
    }

    @Override
    public List<StoredZone> after(@Nullable StoredZone last, int limit) throws StoreException {
      List<StoredZone> found = new ArrayList<>();
      while (found.size() < limit) {
        Head head = heads.poll();
        if (head == null) {
          break;
        }
        StoredZone zone = head.next();
        found.add(zone);
        if (head.at() + 1 < head.zones().size()) {
          heads.add(new Head(head.owner(), head.zones(), head.at() + 1));
        } else {
          open(head.owner(), zone.id().value());
        }
      }
      return found;
    }
  }

  // ---- by name -------------------------------------------------------------------------------

  private boolean byName(
      StoreSnapshot snapshot, Rights rights, Filter filter, Walk walk, byte @Nullable [] position)
      throws StoreException {
    ZoneKey from = position == null ? null : key(position);
    int read = walk.size + 1;
    List<ZoneOwner> owners = owners(snapshot, rights, filter);
    if (owners != null) {
      List<StoredZone> all = all(snapshot, owners, from);
      return run(walk, (last, _) -> last == null ? all : List.of(), Math.max(read, all.size() + 1));
    }
    String view = viewOf(filter);
    DomainName top = top(filter);
    if (view != null && top != null) {
      return run(
          walk,
          (last, limit) ->
              snapshot.zonesBelow(
                  view,
                  top,
                  last != null
                      ? last.settings().key().apex()
                      : from != null && from.view().equals(view) ? from.apex() : null,
                  limit),
          read);
    }
    return run(
        walk,
        (last, limit) -> snapshot.zonesByName(last == null ? from : last.settings().key(), limit),
        read);
  }

  private static List<StoredZone> all(
      StoreSnapshot snapshot, List<ZoneOwner> owners, @Nullable ZoneKey from)
      throws StoreException {
    Comparator<ZoneKey> order = Comparator.comparing(ZoneKey::view).thenComparing(ZoneKey::apex);
    List<StoredZone> all = new ArrayList<>();
    for (ZoneOwner owner : owners) {
      long after = 0;
      List<StoredZone> some;
      do {
        some = snapshot.zonesOf(owner, after, ZONES_A_READ);
        for (StoredZone zone : some) {
          after = zone.id().value();
          if (from == null || order.compare(zone.settings().key(), from) > 0) {
            all.add(zone);
          }
        }
      } while (some.size() == ZONES_A_READ);
    }
    all.sort(Comparator.comparing(zone -> zone.settings().key(), order));
    return all;
  }

  // ---- where to look -------------------------------------------------------------------------

  /** The projects in which all lies that the caller may see and the filter lets through. */
  private @Nullable List<ZoneOwner> owners(StoreSnapshot snapshot, Rights rights, Filter filter)
      throws StoreException {
    Optional<String> organisation = filter.equalTo("organisation");
    Optional<String> project = filter.equalTo("project");
    if (organisation.isPresent() && project.isPresent()) {
      return organisation.get().isEmpty() || project.get().isEmpty()
          ? Collections.emptyList()
          : List.of(new ZoneOwner(organisation.get(), project.get()));
    }
    Rights.Reach reach = rights.reach(Permission.PERMISSION_ZONES_READ);
    if (reach.everywhere()) {
      return organisation.isPresent() && !organisation.get().isEmpty()
          ? projects.of(snapshot, organisation.get())
          : null;
    }
    java.util.LinkedHashSet<ZoneOwner> owners = new java.util.LinkedHashSet<>(reach.projects());
    for (String one : reach.organisations()) {
      owners.addAll(projects.of(snapshot, one));
    }
    return List.copyOf(owners);
  }

  private static @Nullable StoredZone named(StoreSnapshot snapshot, Filter filter)
      throws StoreException {
    Optional<String> name = filter.equalTo("name");
    String view = viewOf(filter);
    return name.isEmpty() || view == null
        ? null
        : snapshot.zone(new ZoneKey(view, DomainName.parse(name.get())));
  }

  /** The one view that the filter lets through; null when it does not say. */
  private static @Nullable String viewOf(Filter filter) {
    return filter.equalTo("view").orElse(null);
  }

  private static @Nullable DomainName top(Filter filter) {
    Optional<String> suffix = filter.suffix("name");
    if (suffix.isEmpty() || !suffix.get().startsWith(".") || suffix.get().length() == 1) {
      return null;
    }
    try {
      return DomainName.parse(suffix.get().substring(1));
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static byte[] position(ZoneKey key) {
    byte[] view = key.view().getBytes(StandardCharsets.UTF_8);
    byte[] apex = key.apex().wire();
    return ByteBuffer.allocate(2 + view.length + apex.length)
        .putShort((short) view.length)
        .put(view)
        .put(apex)
        .array();
  }

  private static ZoneKey key(byte[] position) {
    ByteBuffer in = ByteBuffer.wrap(position);
    byte[] view = new byte[in.getShort() & 0xffff];
    in.get(view);
    return new ZoneKey(
        new String(view, StandardCharsets.UTF_8), DomainName.ofWire(position, in.position()));
  }
}
