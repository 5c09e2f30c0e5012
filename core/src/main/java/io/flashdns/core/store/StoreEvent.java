package io.flashdns.core.store;

import java.util.List;

/**
 * One change set as it was made.
 *
 * @param revision its own
 * @param epochMillis when
 * @param who asked for it
 * @param where from
 * @param requestId empty for none
 * @param forced whether it was made past the change guard
 * @param zones what it did to zones, in the order of the changes
 * @param documents what it did to documents
 */
public record StoreEvent(
    long revision,
    long epochMillis,
    String who,
    String where,
    String requestId,
    boolean forced,
    List<ZoneEvent> zones,
    List<DocumentEvent> documents) {
  public StoreEvent {
    zones = List.copyOf(zones);
    documents = List.copyOf(documents);
  }

  /** One that changed zones alone. */
  public StoreEvent(
      long revision,
      long epochMillis,
      String who,
      String where,
      String requestId,
      boolean forced,
      List<ZoneEvent> zones) {
    this(revision, epochMillis, who, where, requestId, forced, zones, List.of());
  }
}
