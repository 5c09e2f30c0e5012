package io.flashdns.management.escape;

/** The things of one project, or of nobody: what a request can name. Filled once, then read. */
final class Place {
  /** In the order in which the matrix goes through them. */
  enum Kind {
    /** The caller's own project. */
    OWN,
    /** Another zone in it, for who is narrowed to one zone. */
    BESIDE,
    /** Another project of the caller's organisation. */
    SIBLING,
    /** Another organisation's: what nobody else may know of. */
    FOREIGN,
    /** What was there once, in the caller's own project. */
    GONE,
    /** What was there once, in the other organisation. */
    FOREIGN_GONE,
    /** What never was. */
    ABSENT,
    /** The operator's own. */
    OPERATOR
  }

  final Kind kind;
  final String organisation;
  final String project;
  final String apex;
  String zoneId = "";
  String deletedApex = "";
  String token = "";
  String policy = "";
  String grant = "";
  String transfer = "";
  String transferKey = "";
  long revision;

  Place(Kind kind, String organisation, String project, String apex) {
    this.kind = kind;
    this.organisation = organisation;
    this.project = project;
    this.apex = apex;
  }

  /** True for a place where nothing is. */
  boolean isEmpty() {
    return kind == Kind.ABSENT || kind == Kind.GONE || kind == Kind.FOREIGN_GONE;
  }

  @Override
  public String toString() {
    return kind + " " + organisation + "/" + project;
  }
}
