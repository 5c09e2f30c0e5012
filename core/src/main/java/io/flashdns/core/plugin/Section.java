package io.flashdns.core.plugin;

/** Sections of a response, in the order in which they must be written (RFC 1035 §4.1). */
public enum Section {
  ANSWER,
  AUTHORITY,
  ADDITIONAL
}
