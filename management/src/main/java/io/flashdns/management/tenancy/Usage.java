package io.flashdns.management.tenancy;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;

/**
 * What a tenant uses, as a document says: {@link Keys#usage}.
 *
 * @param zones zones
 * @param records records (data) in all of them
 */
public record Usage(long zones, long records) {
  /** Never below nothing. */
  public Usage {
    zones = Math.max(0, zones);
    records = Math.max(0, records);
  }

  /** What stands under a key; nothing when there is none. */
  public static Usage read(ContentView view, String key) throws StoreException {
    GetQuotasResponse stored = Documents.read(view, key, GetQuotasResponse.parser());
    if (stored == null) {
      return new Usage(0, 0);
    }
    long zones = 0;
    long records = 0;
    for (Quota quota : stored.getQuotasList()) {
      if (quota.getKind() == QuotaKind.QUOTA_KIND_ZONES) {
        zones = quota.getUsed();
      } else if (quota.getKind() == QuotaKind.QUOTA_KIND_RECORDS) {
        records = quota.getUsed();
      }
    }
    return new Usage(zones, records);
  }

  DocumentEdit write(String key) {
    return Documents.put(
        key,
        GetQuotasResponse.newBuilder()
            .addQuotas(Quota.newBuilder().setKind(QuotaKind.QUOTA_KIND_ZONES).setUsed(zones))
            .addQuotas(Quota.newBuilder().setKind(QuotaKind.QUOTA_KIND_RECORDS).setUsed(records))
            .build());
  }
}
