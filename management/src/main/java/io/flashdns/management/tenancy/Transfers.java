package io.flashdns.management.tenancy;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneTransfer;
import io.flashdns.proto.v1.ZoneTransferState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Zones on their way from one project to another: offered by one side, taken by the other with a
 * key. Nothing but the zone's owner changes when one is taken, which {@link TenantRules} judge.
 *
 * <p>No state; all methods read a view and say what is to be written.
 */
public final class Transfers {
  /** How long an offer stands when nobody says. */
  public static final Duration LIFETIME = Duration.ofDays(7);

  /** Shortest life of an offer. */
  public static final Duration MIN_LIFETIME = Duration.ofMinutes(1);

  /** Longest life of an offer. */
  public static final Duration MAX_LIFETIME = Duration.ofDays(30);

  private static final String KIND = "move";
  private static final String THING = "transfer";

  private Transfers() {}

  /**
   * An offer.
   *
   * @param key what the taker must show
   * @param edits what is to be written
   */
  public record Offer(ZoneTransfer transfer, String key, List<DocumentEdit> edits) {}

  /**
   * What is to be taken.
   *
   * @param zone as it is now
   * @param target where it goes
   */
  public record Taking(ZoneTransfer transfer, StoredZone zone, ZoneOwner target) {}

  /**
   * A change of an offer.
   *
   * @param before as it was
   * @param after as it is; equal to {@code before} when nothing is to be done
   * @param edits what is to be written
   */
  public record Ended(ZoneTransfer before, ZoneTransfer after, List<DocumentEdit> edits) {}

  /**
   * Offers a zone; a former offer of the same zone is called off.
   *
   * @param target null for whoever shows the key
   * @param lifetime {@link #MIN_LIFETIME} to {@link #MAX_LIFETIME}
   */
  public static Offer offer(
      ContentView view, StoredZone zone, @Nullable ZoneOwner target, Duration lifetime, Instant now)
      throws StoreException {
    if (!zone.settings().source().isEmpty()) {
      throw CallException.precondition(
          "READ_ONLY",
          "zone " + zone.settings().key().apex(),
          "zone "
              + zone.settings().key().apex()
              + " is kept by "
              + zone.settings().source()
              + ": it is given away there");
    }
    List<DocumentEdit> edits = new ArrayList<>();
    ZoneTransfer former = Documents.read(view, Keys.offerOf(zone.id()), ZoneTransfer.parser());
    if (former != null) {
      ZoneTransfer whole =
          Documents.read(view, Keys.transfer(former.getId()), ZoneTransfer.parser());
      if (whole != null
          && state(view, whole, now) == ZoneTransferState.ZONE_TRANSFER_STATE_OFFERED) {
        put(ended(whole, ZoneTransferState.ZONE_TRANSFER_STATE_CANCELLED), edits);
      }
    }
    ZoneTransfer.Builder transfer =
        ZoneTransfer.newBuilder()
            .setId(Ids.next(now))
            .setZone(io.flashdns.proto.v1.ZoneId.newBuilder().setValue(zone.id().toString()))
            .setZoneName(
                ZoneName.newBuilder()
                    .setApex(zone.settings().key().apex().toString())
                    .setView(zone.settings().key().view()))
            .setState(ZoneTransferState.ZONE_TRANSFER_STATE_OFFERED)
            .setCreateTime(Timestamps.fromMillis(now.toEpochMilli()))
            .setExpireTime(Timestamps.fromMillis(now.plus(lifetime).toEpochMilli()));
    if (!zone.settings().owner().equals(ZoneOwner.NOBODY)) {
      transfer.setSource(name(zone.settings().owner()));
    }
    if (target != null) {
      transfer.setTarget(name(target));
    }
    ZoneTransfer offered = transfer.build();
    String key = Ids.key();
    put(offered, edits);
    edits.add(
        Documents.put(
            Keys.transferKey(offered.getId()), Token.newBuilder().setId(Keys.hash(key)).build()));
    edits.add(
        Documents.put(
            Keys.offerOf(zone.id()), ZoneTransfer.newBuilder().setId(offered.getId()).build()));
    return new Offer(offered, key, Documents.lastOf(edits));
  }

  /**
   * What an offer gives to the caller, who may take it: to be asked before the change of the zone's
   * owner is made, and again in its transaction.
   *
   * @param wanted where the zone is to go; null for the target of the offer, or the only project
   *     that the caller may take zones into
   * @throws CallException NOT_FOUND, with one text for whatever is wrong with the offer or the key
   */
  public static Taking taking(
      ContentView view,
      String id,
      String key,
      @Nullable ZoneOwner wanted,
      Rights rights,
      Instant now)
      throws StoreException {
    ZoneTransfer transfer = find(view, id);
    Token hash =
        transfer == null
            ? null
            : Documents.read(view, Keys.transferKey(transfer.getId()), Token.parser());
    if (wanted != null) {
      requireTarget(view, wanted, rights);
    }
    if (transfer == null
        || hash == null
        || !isKey(hash.getId(), key)
        || state(view, transfer, now) != ZoneTransferState.ZONE_TRANSFER_STATE_OFFERED) {
      throw CallException.notFound(THING, id);
    }
    ZoneOwner offeredTo = transfer.hasTarget() ? owner(transfer.getTarget()) : null;
    ZoneOwner target = wanted != null ? wanted : offeredTo != null ? offeredTo : only(rights);
    if (target == null) {
      throw CallException.invalid(
          "project", "there is more than one project that may take the zone: name one");
    }
    if (offeredTo != null && !offeredTo.equals(target)) {
      throw CallException.notFound(THING, id);
    }
    if (wanted == null
        && (!rights.mayInProject(Permission.PERMISSION_ZONES_TRANSFER, target)
            || view.document(Keys.project(target)) == null)) {
      throw CallException.notFound(THING, id);
    }
    StoredZone zone = view.zone(zone(transfer));
    if (zone == null) {
      throw CallException.notFound(THING, id);
    }
    return new Taking(transfer, zone, target);
  }

  /** What is to be written when an offer is taken. */
  public static Ended taken(Taking taking) {
    List<DocumentEdit> edits = new ArrayList<>();
    ZoneTransfer after =
        ended(taking.transfer, ZoneTransferState.ZONE_TRANSFER_STATE_ACCEPTED).toBuilder()
            .setTarget(name(taking.target))
            .build();
    put(after, edits);
    edits.add(DocumentEdit.remove(Keys.transferKey(after.getId())));
    edits.add(DocumentEdit.remove(Keys.offerOf(taking.zone.id())));
    return new Ended(taking.transfer, after, Documents.lastOf(edits));
  }

  /**
   * Calls an offer off, or declines it.
   *
   * @throws CallException NOT_FOUND for who is of neither side, FAILED_PRECONDITION when it has
   *     ended otherwise
   */
  public static Ended cancel(ContentView view, String id, Rights rights, Instant now)
      throws StoreException {
    ZoneTransfer transfer = find(view, id);
    if (transfer == null || !isVisible(view, transfer, rights)) {
      throw CallException.notFound(THING, id);
    }
    if (!maySide(view, transfer, rights, Permission.PERMISSION_ZONES_TRANSFER)) {
      throw CallException.denied(Permission.PERMISSION_ZONES_TRANSFER);
    }
    return switch (state(view, transfer, now)) {
      case ZONE_TRANSFER_STATE_CANCELLED -> new Ended(transfer, transfer, List.of());
      case ZONE_TRANSFER_STATE_OFFERED -> {
        ZoneTransfer after = ended(transfer, ZoneTransferState.ZONE_TRANSFER_STATE_CANCELLED);
        List<DocumentEdit> edits = new ArrayList<>();
        put(after, edits);
        edits.add(DocumentEdit.remove(Keys.transferKey(id)));
        edits.add(DocumentEdit.remove(Keys.offerOf(zone(transfer))));
        yield new Ended(transfer, after, Documents.lastOf(edits));
      }
      case ZONE_TRANSFER_STATE_ACCEPTED,
          ZONE_TRANSFER_STATE_EXPIRED,
          ZONE_TRANSFER_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          throw CallException.precondition(
              "TRANSFER_ENDED",
              "transfer " + id,
              "transfer " + id + " was accepted or has expired: there is nothing to call off");
    };
  }

  /** True when the caller is of one of the sides, and may read there. */
  public static boolean isVisible(ContentView view, ZoneTransfer transfer, Rights rights)
      throws StoreException {
    return maySide(view, transfer, rights, Permission.PERMISSION_ZONES_READ)
        || maySide(view, transfer, rights, Permission.PERMISSION_ZONES_TRANSFER);
  }

  /** A transfer as the caller may see it, in the state that it is in now. */
  public static ZoneTransfer shown(
      ContentView view, ZoneTransfer transfer, Rights rights, Instant now) throws StoreException {
    ZoneTransfer.Builder shown = transfer.toBuilder().setState(state(view, transfer, now));
    if (!rights.mayInProject(Permission.PERMISSION_ZONES_READ, source(transfer))) {
      shown.clearSource();
    }
    return shown.build();
  }

  /** Where a transfer stands. */
  public static ZoneTransferState state(ContentView view, ZoneTransfer transfer, Instant now)
      throws StoreException {
    if (transfer.getState() != ZoneTransferState.ZONE_TRANSFER_STATE_OFFERED) {
      return transfer.getState();
    }
    StoredZone zone = view.zone(zone(transfer));
    return zone == null
            || !zone.settings().owner().equals(source(transfer))
            || !now.isBefore(Tokens.instant(transfer.getExpireTime()))
        ? ZoneTransferState.ZONE_TRANSFER_STATE_EXPIRED
        : ZoneTransferState.ZONE_TRANSFER_STATE_OFFERED;
  }

  /** Before the transfers from and to a project, in the order of their making. */
  public static String keysOf(ZoneOwner project) {
    return Keys.in(KIND, project);
  }

  static void remove(ContentView view, ZoneTransfer transfer, List<DocumentEdit> edits)
      throws StoreException {
    String id = transfer.getId();
    edits.add(DocumentEdit.remove(Keys.transfer(id)));
    edits.add(DocumentEdit.remove(Keys.transferKey(id)));
    edits.add(DocumentEdit.remove(Keys.in(KIND, source(transfer)) + id));
    if (transfer.hasTarget()) {
      edits.add(DocumentEdit.remove(Keys.in(KIND, owner(transfer.getTarget())) + id));
    }
    ZoneTransfer living = Documents.read(view, Keys.offerOf(zone(transfer)), ZoneTransfer.parser());
    if (living != null && living.getId().equals(id)) {
      edits.add(DocumentEdit.remove(Keys.offerOf(zone(transfer))));
    }
  }

  private static void put(ZoneTransfer transfer, List<DocumentEdit> edits) {
    edits.add(Documents.put(Keys.transfer(transfer.getId()), transfer));
    ZoneTransfer id = ZoneTransfer.newBuilder().setId(transfer.getId()).build();
    edits.add(Documents.put(Keys.in(KIND, source(transfer)) + transfer.getId(), id));
    if (transfer.hasTarget()) {
      edits.add(Documents.put(Keys.in(KIND, owner(transfer.getTarget())) + transfer.getId(), id));
    }
  }

  private static ZoneTransfer ended(ZoneTransfer transfer, ZoneTransferState state) {
    return transfer.toBuilder().setState(state).build();
  }

  private static void requireTarget(ContentView view, ZoneOwner target, Rights rights)
      throws StoreException {
    if (!rights.seesProject(target) || view.document(Keys.project(target)) == null) {
      throw CallException.notFound("project", target.organisation() + "/" + target.project());
    }
    if (!rights.mayInProject(Permission.PERMISSION_ZONES_TRANSFER, target)) {
      throw CallException.denied(Permission.PERMISSION_ZONES_TRANSFER);
    }
  }

  private static @Nullable ZoneOwner only(Rights rights) {
    Rights.Reach reach = rights.reach(Permission.PERMISSION_ZONES_TRANSFER);
    return !reach.everywhere() && reach.organisations().isEmpty() && reach.projects().size() == 1
        ? reach.projects().getFirst()
        : null;
  }

  private static boolean maySide(
      ContentView view, ZoneTransfer transfer, Rights rights, Permission permission)
      throws StoreException {
    ZoneOwner source = source(transfer);
    StoredZone zone = view.zone(zone(transfer));
    boolean ofZone =
        zone != null
            && zone.settings().owner().equals(source)
            && rights.mayInZone(permission, zone);
    return ofZone
        || rights.mayInProject(permission, source)
        || (transfer.hasTarget() && rights.mayInProject(permission, owner(transfer.getTarget())));
  }

  private static @Nullable ZoneTransfer find(ContentView view, String id) throws StoreException {
    return Keys.isGivenId(id)
        ? Documents.read(view, Keys.transfer(id), ZoneTransfer.parser())
        : null;
  }

  private static boolean isKey(String hash, String key) {
    return MessageDigest.isEqual(
        hash.getBytes(StandardCharsets.US_ASCII),
        Keys.hash(key).getBytes(StandardCharsets.US_ASCII));
  }

  private static ZoneId zone(ZoneTransfer transfer) {
    return new ZoneId(Long.parseLong(transfer.getZone().getValue()));
  }

  private static ZoneOwner source(ZoneTransfer transfer) {
    return owner(transfer.getSource());
  }

  private static ZoneOwner owner(ProjectName name) {
    return name.getProject().isEmpty()
        ? ZoneOwner.NOBODY
        : new ZoneOwner(name.getOrganisation(), name.getProject());
  }

  private static ProjectName name(ZoneOwner owner) {
    return ProjectName.newBuilder()
        .setOrganisation(owner.organisation())
        .setProject(owner.project())
        .build();
  }
}
