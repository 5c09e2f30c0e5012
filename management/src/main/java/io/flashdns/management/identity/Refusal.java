package io.flashdns.management.identity;

/** Why a caller was not recognised, for metrics. */
public enum Refusal {
  /** It brought nothing. */
  NO_CREDENTIALS,
  /** The header {@code authorization} is not one bearer token of at most 8 KiB. */
  BAD_HEADER,
  /** An API token that is mistyped, unknown, has ended, or came from a wrong network. */
  API_TOKEN,
  /** A client certificate out of its time, or without a name. */
  CERTIFICATE,
  /** No JSON Web Token (JWT), or one with what has no place in it. */
  MALFORMED,
  /** An encrypted token. */
  ENCRYPTED,
  /** Its issuer is not configured. */
  UNKNOWN_ISSUER,
  /** Signed by an algorithm that is not allowed for its issuer. */
  ALGORITHM,
  /** Of another type, such as an ID token. */
  TYPE,
  /** Its issuer has no such key. */
  UNKNOWN_KEY,
  /** The keys of its issuer cannot be had. */
  KEYS_UNAVAILABLE,
  /** The signature is wrong. */
  SIGNATURE,
  /** For somebody else. */
  AUDIENCE,
  /** Issued to a party that is not allowed. */
  PARTY,
  /** A claim that is needed is missing, or is of the wrong form. */
  CLAIMS,
  /** It has expired. */
  EXPIRED,
  /** It does not hold yet. */
  NOT_YET,
  /** It lives longer than is allowed. */
  LIFETIME
}
