package io.flashdns.differential;

/**
 * What a name is to the servers, as this test sees it by itself (RFC 1034 §4.3.2, RFC 4592, RFC
 * 6672).
 */
enum NameKind {
  /** In no zone. */
  OUTSIDE,
  /** At a zone cut. */
  CUT,
  /** Below a zone cut. */
  BELOW_CUT,
  /** Below a DNAME. */
  BELOW_DNAME,
  /** Has a CNAME and was not asked for it. */
  ALIAS,
  /** Has the type. */
  HIT,
  /** Exists without the type. */
  NO_DATA,
  /** Exists because of names below it only. */
  EMPTY_NON_TERMINAL,
  /** Does not exist, and a wildcard has the type. */
  WILDCARD,
  /** Does not exist, and a wildcard has a CNAME. */
  WILDCARD_ALIAS,
  /** Does not exist, and a wildcard does not have the type. */
  WILDCARD_NO_DATA,
  /** Does not exist. */
  NAME_ERROR
}
