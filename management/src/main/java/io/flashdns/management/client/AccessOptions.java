package io.flashdns.management.client;

import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.GetIdentityRequest;
import io.flashdns.proto.v1.Identity;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Scope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The one rule that narrows a role. */
final class AccessOptions {
  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "Only this zone, by name or id:ID; may be repeated.")
  List<String> zones = new ArrayList<>();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = {
        "Only records of this name; '*.example.org' for all below it, '_acme-challenge.*' for all"
            + " with this first label; may be repeated."
      })
  List<String> names = new ArrayList<>();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Only records of this type; may be repeated.")
  List<String> types = new ArrayList<>();

  @Option(
      names = "--permission",
      paramLabel = "PERMISSION",
      description = "Only this permission of the role, such as records-read; may be repeated.")
  List<String> permissions = new ArrayList<>();

  /** Empty when nothing narrows. */
  Optional<AccessRule> rule() throws ClientException {
    AccessRule.Builder rule = AccessRule.newBuilder();
    for (String zone : zones) {
      rule.addZones(ZoneNames.ref(zone, null));
    }
    for (String name : names) {
      rule.addNames(name.endsWith("*") ? name : DomainName.absolute(name));
    }
    for (String type : types) {
      rule.addTypesValue(RecordTypes.parse(type));
    }
    for (String permission : permissions) {
      rule.addPermissions(AccessText.permission(permission));
    }
    AccessRule built = rule.build();
    return built.equals(AccessRule.getDefaultInstance()) ? Optional.empty() : Optional.of(built);
  }

  /** What was said, else the only scope that the caller has. */
  static Scope scope(Session session, @Nullable String said)
      throws ClientException, InterruptedException {
    if (said != null) {
      return AccessText.scope(said);
    }
    Identity identity =
        session
            .ask(() -> session.access().getIdentity(GetIdentityRequest.getDefaultInstance()))
            .getIdentity();
    Set<Scope> scopes = new LinkedHashSet<>();
    for (IdentityGrant grant : identity.getGrantsList()) {
      scopes.add(grant.getScope());
    }
    if (scopes.size() != 1) {
      throw ClientException.usage(
          "say where it holds: --scope ORG/PROJECT, --scope ORG or --scope platform");
    }
    return scopes.iterator().next();
  }
}
