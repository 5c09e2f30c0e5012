package io.flashdns.core.zone;

/**
 * Who zones belong to: a project of an organisation.
 *
 * @param number from 1, the same as long as the process runs; 0 is {@link #NOBODY}
 * @param organisation its name
 * @param project the project's name within the organisation
 * @param suspended true while none of its zones is answered from
 * @param queriesPerSecond how many queries to its zones are answered; 0 means as many as come
 */
public record Tenant(
    int number, String organisation, String project, boolean suspended, int queriesPerSecond) {
  /** Owns the zones that nobody was named as the owner of. */
  public static final Tenant NOBODY = new Tenant(0, "", "", false, 0);

  /** Refuses values out of bounds. */
  public Tenant {
    if (number < 0 || queriesPerSecond < 0) {
      throw new IllegalArgumentException(
          "a tenant's number and its queries per second are 0 or more");
    }
  }

  /** {@code organisation/project}. */
  @Override
  public String toString() {
    return number == 0 ? "nobody" : organisation + "/" + project;
  }
}
