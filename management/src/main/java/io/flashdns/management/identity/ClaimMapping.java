package io.flashdns.management.identity;

import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a verified token say of its caller. What is not understood gives nothing.
 * Immutable, safe for all threads.
 */
final class ClaimMapping {
  private static final Pattern TENANT = Pattern.compile("[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?");
  private static final List<String> DISPLAY_NAMES = List.of("name", "preferred_username", "email");
  private static final int MAX_TEXT = 255;
  private static final int MAX_GROUPS = 200;

  private final String issuer;
  private final ClaimNames names;
  private final Map<String, Role> inTenants;
  private final Map<String, Role> inPlatform;

  ClaimMapping(IssuerConfig config) {
    this.issuer = config.issuer();
    this.names = config.claims();
    this.inTenants = config.roles().byName();
    this.inPlatform = config.platformRoles().byName();
  }

  /**
   * The caller.
   *
   * @param subject the claim {@code sub}, which {@link #isName} takes
   */
  Principal principal(Map<String, @Nullable Object> claims, String subject, Instant expires) {
    return new Principal(
        "oidc:" + issuer + "#" + subject,
        AuthenticationMethod.AUTHENTICATION_METHOD_OIDC,
        displayName(claims),
        groups(claims),
        grants(claims),
        expires);
  }

  /** True for a text that can be part of a name: 1 to 255 characters of Unicode, no control. */
  static boolean isName(@Nullable Object value) {
    return value instanceof String text
        && !text.isBlank()
        && text.length() <= MAX_TEXT
        && text.chars().noneMatch(Character::isISOControl)
        && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private String displayName(Map<String, @Nullable Object> claims) {
    for (String claim : DISPLAY_NAMES) {
      if (claims.get(claim) instanceof String text && isName(text)) {
        return text;
      }
    }
    return "";
  }

  private List<String> groups(Map<String, @Nullable Object> claims) {
    return texts(claims, names.groupsClaim()).stream()
        .limit(MAX_GROUPS)
        .map(group -> "group:" + issuer + "#" + group)
        .toList();
  }

  private List<IdentityGrant> grants(Map<String, @Nullable Object> claims) {
    Set<String> values = texts(claims, names.rolesClaim());
    List<IdentityGrant> grants = new ArrayList<>();
    Scope tenant = tenant(claims);
    if (tenant != null) {
      grant(values, inTenants, tenant, grants);
    }
    Scope platform = Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM).build();
    grant(values, inPlatform, platform, grants);
    return grants;
  }

  private static void grant(
      Set<String> values, Map<String, Role> roles, Scope scope, List<IdentityGrant> grants) {
    Set<Role> given = new LinkedHashSet<>();
    for (String value : values) {
      Role role = roles.get(value);
      if (role != null && given.add(role)) {
        grants.add(IdentityGrant.newBuilder().setScope(scope).setRole(role).build());
      }
    }
  }

  /**
   * The project or organisation that the token is for. A project claim that cannot be read gives
   * nothing, for it was meant to narrow.
   */
  private @Nullable Scope tenant(Map<String, @Nullable Object> claims) {
    String organisation = tenantId(claims, names.organisationClaim());
    if (organisation == null) {
      return null;
    }
    ProjectName.Builder name = ProjectName.newBuilder().setOrganisation(organisation);
    if (value(claims, names.projectClaim()) == null) {
      return Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_ORGANISATION).setProject(name).build();
    }
    String project = tenantId(claims, names.projectClaim());
    return project == null
        ? null
        : Scope.newBuilder()
            .setKind(ScopeKind.SCOPE_KIND_PROJECT)
            .setProject(name.setProject(project))
            .build();
  }

  private static @Nullable String tenantId(
      Map<String, @Nullable Object> claims, Optional<String> path) {
    Set<String> ids = texts(claims, path);
    if (ids.size() != 1) {
      return null;
    }
    String id = ids.iterator().next();
    return TENANT.matcher(id).matches() ? id : null;
  }

  /** The texts of a claim that is one text or a list of them. */
  private static Set<String> texts(Map<String, @Nullable Object> claims, Optional<String> path) {
    Set<String> texts = new LinkedHashSet<>();
    switch (value(claims, path)) {
      case String text when isName(text) -> texts.add(text);
      case List<?> list -> {
        for (Object item : list) {
          if (item instanceof String text && isName(text)) {
            texts.add(text);
          }
        }
      }
      case null, default -> {}
    }
    return texts;
  }

  private static @Nullable Object value(
      Map<String, @Nullable Object> claims, Optional<String> path) {
    if (path.isEmpty()) {
      return null;
    }
    String name = path.get();
    if (claims.containsKey(name)) {
      return claims.get(name);
    }
    Object at = claims;
    for (String step : name.split("\\.", -1)) {
      at = at instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return at;
  }
}
