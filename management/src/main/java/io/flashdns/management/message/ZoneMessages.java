package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zone.Views;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Zones: messages to what the store keeps and back. */
public final class ZoneMessages {
  /** Fields of a zone that a call may change, by their names in the contract. */
  public static final Set<String> CHANGEABLE =
      Set.of("labels", "comment", "suspended", "serial_policy");

  private static final int MAX_VIEW_CHARS = 200;
  private static final int MAX_ID_CHARS = 64;

  private ZoneMessages() {}

  /** Which zone a request names. */
  public sealed interface Ref {
    /** As the request named it, for messages to people. */
    String name();

    /**
     * By identity.
     *
     * @param text 1 to 64 characters; not every one is an identity that was ever given
     */
    record ById(String text) implements Ref {
      @Override
      public String name() {
        return text;
      }

      /** The identity, or null for what was never one. */
      public @Nullable ZoneId id() {
        try {
          long value = Long.parseLong(text);
          return value > 0 && Long.toString(value).equals(text) ? new ZoneId(value) : null;
        } catch (NumberFormatException _) {
          return null;
        }
      }
    }

    /** By apex and view. */
    record ByName(ZoneKey key) implements Ref {
      @Override
      public String name() {
        return key.view().equals(Views.PUBLIC_NAME)
            ? key.apex().toString()
            : key.apex() + " in the view " + key.view();
      }
    }
  }

  /**
   * Which zone is meant.
   *
   * @return null when that is wrong, which is noted
   */
  public static @Nullable Ref ref(ZoneRef ref, String path, Violations violations) {
    return switch (ref.getRefCase()) {
      case ID -> id(ref.getId(), Paths.in(path, "id"), violations);
      case NAME -> {
        ZoneKey key = key(ref.getName(), Paths.in(path, "name"), violations);
        yield key == null ? null : new Ref.ByName(key);
      }
      case REF_NOT_SET -> {
        violations.add(path, "a zone is required, by its id or by its name");
        yield null;
      }
    };
  }

  /**
   * Which zone is meant where a whole zone is given: by its id, or where that is absent by its
   * name.
   *
   * @return null when that is wrong, which is noted
   */
  public static @Nullable Ref ref(Zone zone, String path, Violations violations) {
    if (zone.hasId()) {
      return id(zone.getId(), Paths.in(path, "id"), violations);
    }
    ZoneKey key = key(zone.getName(), Paths.in(path, "name"), violations);
    return key == null ? null : new Ref.ByName(key);
  }

  private static @Nullable Ref id(
      io.flashdns.proto.v1.ZoneId id, String path, Violations violations) {
    String text = id.getValue();
    boolean valid = !text.isEmpty() && text.length() <= MAX_ID_CHARS;
    for (int i = 0; i < text.length() && valid; i++) {
      char c = text.charAt(i);
      valid =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-';
    }
    if (!valid) {
      violations.add(
          Paths.in(path, "value"), "an id has 1 to 64 characters of A-Z, a-z, 0-9, '_' and '-'");
      return null;
    }
    return new Ref.ById(text);
  }

  /** The living zone that is meant, whoever may see it; null when there is none. */
  public static @Nullable StoredZone find(ContentView view, Ref ref) throws StoreException {
    return switch (ref) {
      case Ref.ById byId -> {
        ZoneId id = byId.id();
        yield id == null ? null : view.zone(id);
      }
      case Ref.ByName byName -> view.zone(byName.key());
    };
  }

  /**
   * The name of a zone.
   *
   * @return null when it is none, which is noted
   */
  public static @Nullable ZoneKey key(ZoneName name, String path, Violations violations) {
    DomainName apex = Names.parse(name.getApex(), Paths.in(path, "apex"), violations);
    String view = view(name.getView(), Paths.in(path, "view"), violations);
    return apex == null || view == null ? null : new ZoneKey(view, apex);
  }

  /**
   * The name of a view; that of everybody's where none is given.
   *
   * @return null when it is none, which is noted
   */
  public static @Nullable String view(String text, String path, Violations violations) {
    if (text.isEmpty()) {
      return Views.PUBLIC_NAME;
    }
    if (text.length() > MAX_VIEW_CHARS) {
      violations.add(path, "the name of a view has at most " + MAX_VIEW_CHARS + " characters");
      return null;
    }
    return text;
  }

  /** The message of a name. */
  public static ZoneName name(ZoneKey key) {
    return ZoneName.newBuilder().setApex(key.apex().toString()).setView(key.view()).build();
  }

  /** The message of an identity. */
  public static io.flashdns.proto.v1.ZoneId id(ZoneId id) {
    return io.flashdns.proto.v1.ZoneId.newBuilder().setValue(id.toString()).build();
  }

  /** Names a zone by its identity. */
  public static ZoneRef ref(ZoneId id) {
    return ZoneRef.newBuilder().setId(id(id)).build();
  }

  /** Whose a zone is. */
  public static ZoneOwner owner(ProjectName project) {
    return project.getOrganisation().isEmpty() || project.getProject().isEmpty()
        ? ZoneOwner.NOBODY
        : new ZoneOwner(project.getOrganisation(), project.getProject());
  }

  /** The message of a project; without anything in it for the operator. */
  public static ProjectName project(ZoneOwner owner) {
    return ProjectName.newBuilder()
        .setOrganisation(owner.organisation())
        .setProject(owner.project())
        .build();
  }

  /** A zone; status and times are for who knows them. */
  public static Zone.Builder message(StoredZone zone) {
    ZoneSettings settings = zone.settings();
    Zone.Builder message =
        Zone.newBuilder()
            .setId(id(zone.id()))
            .setName(name(settings.key()))
            .putAllLabels(settings.labels())
            .setComment(settings.comment())
            .setSuspended(settings.suspended())
            .setSerialPolicy(policy(settings.serialPolicy()))
            .setSource(settings.source())
            .setSerial((int) zone.serial())
            .setRrsetCount(zone.rrsetCount())
            .setRecordCount(zone.recordCount())
            .setNameCount(zone.nameCount())
            .setDigest(HexFormat.of().toHexDigits(zone.digest()))
            .setEtag(Etag.of(zone.revision()).text())
            .setRevision(zone.revision())
            .setCreateRevision(zone.createdRevision());
    if (!settings.owner().equals(ZoneOwner.NOBODY)) {
      message.setProject(project(settings.owner()));
    }
    return message;
  }

  /** The message of a policy. */
  public static io.flashdns.proto.v1.SerialPolicy policy(SerialPolicy policy) {
    return switch (policy) {
      case INCREMENT -> io.flashdns.proto.v1.SerialPolicy.SERIAL_POLICY_INCREMENT;
      case DATE -> io.flashdns.proto.v1.SerialPolicy.SERIAL_POLICY_DATE;
      case UNIX_TIME -> io.flashdns.proto.v1.SerialPolicy.SERIAL_POLICY_UNIX_TIME;
      case AS_GIVEN -> io.flashdns.proto.v1.SerialPolicy.SERIAL_POLICY_AS_GIVEN;
    };
  }

  /** A policy of a request; one that is not known is noted, and the default is taken. */
  public static SerialPolicy policy(
      io.flashdns.proto.v1.SerialPolicy policy, String path, Violations violations) {
    return switch (policy) {
      case SERIAL_POLICY_UNSPECIFIED, SERIAL_POLICY_INCREMENT -> SerialPolicy.INCREMENT;
      case SERIAL_POLICY_DATE -> SerialPolicy.DATE;
      case SERIAL_POLICY_UNIX_TIME -> SerialPolicy.UNIX_TIME;
      case SERIAL_POLICY_AS_GIVEN -> SerialPolicy.AS_GIVEN;
      case UNRECOGNIZED -> {
        violations.add(path, "there is no such policy: give one of SerialPolicy");
        yield SerialPolicy.INCREMENT;
      }
    };
  }

  /**
   * The settings of a zone that is to be created.
   *
   * @param owner whose it will be
   * @return null when anything is wrong, which is noted
   */
  public static @Nullable ZoneSettings created(
      Zone zone, String path, ZoneOwner owner, Violations violations) {
    int before = violations.count();
    ZoneKey key = key(zone.getName(), Paths.in(path, "name"), violations);
    if (key == null) {
      checkSettings(zone, path, CHANGEABLE, violations);
      return null;
    }
    ZoneSettings settings =
        configured(ZoneSettings.of(key).withOwner(owner), zone, CHANGEABLE, path, violations);
    return violations.count() == before ? settings : null;
  }

  /**
   * Settings with some fields changed; what is wrong is noted.
   *
   * @param fields which of {@link #CHANGEABLE}
   */
  public static ZoneSettings configured(
      ZoneSettings now, Zone zone, Set<String> fields, String path, Violations violations) {
    SerialPolicy policy = checkSettings(zone, path, fields, violations);
    ZoneSettings settings = now;
    if (fields.contains("labels")) {
      settings = settings.withLabels(zone.getLabelsMap());
    }
    if (fields.contains("comment")) {
      settings = settings.withComment(zone.getComment());
    }
    if (fields.contains("suspended")) {
      settings = settings.withSuspended(zone.getSuspended());
    }
    if (fields.contains("serial_policy")) {
      settings = settings.withSerialPolicy(policy);
    }
    return settings;
  }

  private static SerialPolicy checkSettings(
      Zone zone, String path, Set<String> fields, Violations violations) {
    if (fields.contains("labels")) {
      Note.checkLabels(zone.getLabelsMap(), Paths.in(path, "labels"), violations);
    }
    if (fields.contains("comment")) {
      Note.checkComment(zone.getComment(), Paths.in(path, "comment"), violations);
    }
    return fields.contains("serial_policy")
        ? policy(zone.getSerialPolicy(), Paths.in(path, "serial_policy"), violations)
        : SerialPolicy.INCREMENT;
  }
}
