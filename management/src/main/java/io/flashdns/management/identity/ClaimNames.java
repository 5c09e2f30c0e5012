package io.flashdns.management.identity;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which claims of an issuer's tokens say what its callers may do. A name is taken as a whole first,
 * then at its dots: {@code realm_access.roles}. What is absent is not asked for: then policies
 * alone give roles.
 *
 * @param organisationClaim id of the organisation
 * @param projectClaim id of the project within it; counts only beside an organisation
 * @param rolesClaim roles, a text or a list of them; see {@link RoleNames}
 * @param groupsClaim groups, a text or a list of them, for policies to name
 */
public record ClaimNames(
    Optional<String> organisationClaim,
    Optional<String> projectClaim,
    Optional<String> rolesClaim,
    Optional<String> groupsClaim) {
  private static final int MAX_NAME = 256;

  /** Refuses names that no claim has. */
  public ClaimNames {
    Stream.of(organisationClaim, projectClaim, rolesClaim, groupsClaim)
        .flatMap(Optional::stream)
        .forEach(ClaimNames::check);
    if (projectClaim.isPresent() && organisationClaim.isEmpty()) {
      throw new IllegalArgumentException(
          "projectClaim needs organisationClaim, for a project is one within an organisation: name"
              + " that claim as well");
    }
  }

  /** None. */
  public static ClaimNames defaults() {
    return new ClaimNames(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static void check(String name) {
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "names of claims have 1 to " + MAX_NAME + " characters, not '" + name + "'");
    }
  }
}
