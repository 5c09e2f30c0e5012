package io.flashdns.core.store;

/**
 * Whose a zone is.
 *
 * @param organisation empty for zones that belong to nobody, which are the operator's
 * @param project of the organisation; empty exactly when the organisation is
 */
public record ZoneOwner(String organisation, String project) {
  /** The operator's own. */
  public static final ZoneOwner NOBODY = new ZoneOwner("", "");

  public ZoneOwner {
    if (organisation.isEmpty() != project.isEmpty()) {
      throw new IllegalArgumentException("an organisation and its project are given together");
    }
  }
}
