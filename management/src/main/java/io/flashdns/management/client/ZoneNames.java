package io.flashdns.management.client;

import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.SerialPolicy;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneId;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Zones and projects as arguments and in tables. */
final class ZoneNames {
  private static final String ID = "id:";
  private static final String PUBLIC = "public";
  private static final String POLICY = "SERIAL_POLICY_";

  private ZoneNames() {}

  /**
   * A zone as an argument: its name, or {@code id:ID}.
   *
   * @param view null for the public one
   */
  static ZoneRef ref(String text, @Nullable String view) throws ClientException {
    if (text.startsWith(ID)) {
      return ZoneRef.newBuilder()
          .setId(ZoneId.newBuilder().setValue(text.substring(ID.length())))
          .build();
    }
    return ZoneRef.newBuilder().setName(name(text, view)).build();
  }

  /** The name of a zone. */
  static ZoneName name(String text, @Nullable String view) throws ClientException {
    return ZoneName.newBuilder()
        .setApex(DomainName.absolute(text))
        .setView(view == null ? "" : view)
        .build();
  }

  /**
   * Reads {@code ORGANISATION/PROJECT}, or {@code PROJECT} for that of the caller's organisation.
   */
  static ProjectName project(String text) throws ClientException {
    int slash = text.indexOf('/');
    if (text.isEmpty()
        || slash == 0
        || slash == text.length() - 1
        || text.indexOf('/', slash + 1) > 0) {
      throw ClientException.usage("a project is ORGANISATION/PROJECT, not '" + text + "'");
    }
    return slash < 0
        ? ProjectName.newBuilder().setProject(text).build()
        : ProjectName.newBuilder()
            .setOrganisation(text.substring(0, slash))
            .setProject(text.substring(slash + 1))
            .build();
  }

  /** Reads {@code ORGANISATION} or {@code ORGANISATION/PROJECT}. */
  static ProjectName tenant(String text) throws ClientException {
    return text.indexOf('/') < 0
        ? ProjectName.newBuilder().setOrganisation(text).build()
        : project(text);
  }

  /** For people: {@code acme/web}, {@code acme}; "-" for the operator's own. */
  static String project(ProjectName name) {
    if (name.getOrganisation().isEmpty() && name.getProject().isEmpty()) {
      return "-";
    }
    return name.getProject().isEmpty()
        ? name.getOrganisation()
        : name.getOrganisation() + "/" + name.getProject();
  }

  /** For people: the apex, with the view when it is not the public one. */
  static String apex(ZoneName name) {
    return name.getView().isEmpty() || name.getView().equals(PUBLIC)
        ? name.getApex()
        : name.getApex() + " (view " + name.getView() + ")";
  }

  /** A zone for people. */
  static String of(Zone zone) {
    return apex(zone.getName());
  }

  static String serialPolicy(SerialPolicy policy) {
    return policy == SerialPolicy.UNRECOGNIZED || policy == SerialPolicy.SERIAL_POLICY_UNSPECIFIED
        ? ""
        : policy.name().substring(POLICY.length()).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As an argument: {@code increment}, {@code date}, {@code unix-time}, {@code as-given}. */
  static SerialPolicy serialPolicy(String text) throws ClientException {
    for (SerialPolicy policy : SerialPolicy.values()) {
      if (!text.isEmpty() && serialPolicy(policy).equals(text)) {
        return policy;
      }
    }
    throw ClientException.usage(
        "--serial-policy: increment, date, unix-time or as-given, not '" + text + "'");
  }
}
