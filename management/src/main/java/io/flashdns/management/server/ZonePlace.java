package io.flashdns.management.server;

import io.flashdns.core.zone.Views;
import java.util.regex.Pattern;

/**
 * Whose zones the files of a folder are, and in which view they stand.
 *
 * @param organisation empty for zones that belong to nobody
 * @param project of the organisation; empty for zones that belong to nobody
 * @param view name of the view
 */
record ZonePlace(String organisation, String project, String view) {
  /** Of the files directly in the zone folder: everybody's view, nobody's zones. */
  static final ZonePlace OF_NOBODY = new ZonePlace("", "", Views.PUBLIC_NAME);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  /** True for what organisations, projects and views may be called. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches() && !text.startsWith(".");
  }

  /** {@code ORGANISATION/PROJECT}, or empty for nobody. */
  String tenant() {
    return organisation.isEmpty() ? "" : organisation + "/" + project;
  }
}
