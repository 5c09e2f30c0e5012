package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;

/**
 * What one living zone alone has: its apex in its view.
 *
 * @param view name of the view, {@link io.flashdns.core.zone.Views#PUBLIC_NAME} for everybody's
 * @param apex in lower case
 */
public record ZoneKey(String view, DomainName apex) {
  public ZoneKey {
    apex = apex.folded();
  }
}
