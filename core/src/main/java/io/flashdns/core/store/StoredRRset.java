package io.flashdns.core.store;

/**
 * An RRset in a store.
 *
 * @param rrset what it says
 * @param revision when it was changed last: the version that guards go by
 */
public record StoredRRset(RRset rrset, long revision) {}
