package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import java.util.Arrays;

/**
 * A zone whose image is not in memory. Complete in all that decides which zone a name lies in, so
 * that a zone that was evicted is never a zone that does not exist.
 *
 * <p>Immutable, safe for all threads. 56 octets, and the name in an array that many of them may
 * share.
 */
public final class ColdZone implements CatalogEntry {

  private final byte[] names;
  private final int nameAt;
  private final int number;
  private final int view;
  private final int tenant;
  private final int imageBytes;
  private final long revision;
  private final long location;
  private final byte apexLength;
  private final byte apexLabels;
  private final byte standing;

  /**
   * @param names array that holds the apex in wire form, in lower case, at {@code nameAt}; it must
   *     not be changed any more
   * @param standing of bits: 1 the zone is suspended, 2 its tenant is
   */
  public ColdZone(
      byte[] names,
      int nameAt,
      int number,
      int view,
      int tenant,
      int standing,
      long revision,
      long location,
      int imageBytes) {
    this.names = names;
    this.nameAt = nameAt;
    this.number = number;
    this.view = view;
    this.tenant = tenant;
    this.standing = (byte) standing;
    this.revision = revision;
    this.location = location;
    this.imageBytes = imageBytes;
    int labels = 0;
    int at = nameAt;
    while (names[at] != 0) {
      labels++;
      at += 1 + names[at];
    }
    this.apexLabels = (byte) labels;
    this.apexLength = (byte) (at + 1 - nameAt);
  }

  @Override
  public DomainName apex() {
    return DomainName.ofWire(names, nameAt);
  }

  /** True when the suffix of {@code name} that starts at {@code label} is this zone's apex. */
  boolean isApex(NameKey name, int label) {
    int from = name.labelOffset(label);
    int length = apexLength & 0xff;
    return name.length() - from == length
        && Arrays.equals(name.folded(), from, from + length, names, nameAt, nameAt + length);
  }

  @Override
  public int apexLabels() {
    return apexLabels;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public int view() {
    return view;
  }

  @Override
  public int tenant() {
    return tenant;
  }

  @Override
  public long imageBytes() {
    return imageBytes;
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public long location() {
    return location;
  }

  @Override
  public int standing() {
    return standing;
  }

  @Override
  public int writeApex(byte[] target, int at) {
    int length = apexLength & 0xff;
    System.arraycopy(names, nameAt, target, at, length);
    return at + length;
  }

  /** The same zone with its image elsewhere. The name is shared, not copied. */
  public ColdZone located(long elsewhere) {
    return new ColdZone(
        names, nameAt, number, view, tenant, standing, revision, elsewhere, imageBytes);
  }

  /** The array that holds the apex, at {@link #nameAt}. */
  byte[] names() {
    return names;
  }

  int nameAt() {
    return nameAt;
  }

  @Override
  public String toString() {
    return apex() + " (not in memory)";
  }
}
