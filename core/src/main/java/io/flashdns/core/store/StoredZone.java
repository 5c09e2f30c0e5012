package io.flashdns.core.store;

/**
 * A zone as a store has it at one revision, without its content.
 *
 * @param id its identity
 * @param settings its name, owner, policy
 * @param createdRevision when it was created
 * @param revision when anything of it was changed last: the version that guards go by
 * @param contentRevision when its content was changed last: what an image was built from
 * @param serial of its SOA (RFC 1982), unsigned 32 bits
 * @param nameCount owner names that have records
 * @param rrsetCount RRsets
 * @param recordCount records
 * @param digest 64 bits that go with the content: equal content has equal digests on every node, in
 *     whatever order it came to be
 */
public record StoredZone(
    ZoneId id,
    ZoneSettings settings,
    long createdRevision,
    long revision,
    long contentRevision,
    long serial,
    int nameCount,
    int rrsetCount,
    int recordCount,
    long digest) {}
