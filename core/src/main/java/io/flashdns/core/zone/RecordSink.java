package io.flashdns.core.zone;

/**
 * Takes the records of one zone, in any order, from whatever source they come: a zone file, a
 * store, a transfer.
 */
public interface RecordSink {
  /**
   * Takes one record of class IN.
   *
   * <p>The arrays stay the caller's and may be filled anew after the call.
   *
   * @param owner owner name in wire form without pointers, in any case
   * @param ownerLength its octets, the root's included: 1 to 255
   * @param type the type's number, 1 to 65,535; the caller has refused meta types
   * @param ttl seconds, 0 to 2<sup>31</sup> − 1 (RFC 2181 §8)
   * @param rdata record data in wire form, names in it uncompressed
   * @param position where the record came from, in the source's own terms: given back with each
   *     {@link ZoneProblem}
   */
  void add(
      byte[] owner,
      int ownerOffset,
      int ownerLength,
      int type,
      int ttl,
      byte[] rdata,
      int rdataOffset,
      int rdataLength,
      long position);
}
