package io.flashdns.management.client;

/** How answers are printed. */
enum OutputForm {
  /** For people. */
  table,
  /** The JSON form of the API's messages. */
  json,
  /** The same as YAML. */
  yaml,
  /** Names alone, one a line. */
  name
}
