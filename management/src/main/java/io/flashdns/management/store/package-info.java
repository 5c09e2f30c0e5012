/**
 * The stores of zones that come with the server: a local file, by way of SQLite.
 *
 * <p><b>What it promises.</b> An acknowledged change survives a kill and a power cut: the
 * write-ahead log is synced first (WAL, {@code synchronous=FULL}). A change set is made whole or
 * not at all. Every row has a checksum that is verified when it is read, and rows prove what is not
 * there, so that damage of the file is an error and never content. {@link
 * io.flashdns.management.store.EmbeddedStore#check} reads everything.
 *
 * <p><b>How it writes.</b> One thread takes all change sets that wait, works each out by {@link
 * io.flashdns.core.store.ChangeRules}, and commits them in one transaction with one fsync. A change
 * of one RRset writes one row of some hundred octets, however large its zone is. The same thread
 * copies the log into the database, forgets history and journal beyond the configured bounds, and
 * gives free pages back. Decisions run in that thread, one after the other: so they are serial.
 *
 * <p><b>How it reads.</b> A snapshot is a read transaction on a connection of its own, 64 at most
 * at a time; an earlier revision is the present one with the later events of each zone taken back.
 * A snapshot that stays open keeps the write-ahead log from being cut: it grows meanwhile. Zones
 * are also found in the order of their names and by their owners; documents have no earlier
 * revisions.
 *
 * <p><b>When the disk fails.</b> Without space, or below the configured floor, changes are refused
 * and are taken again by themselves within seconds of there being space. After an I/O error nothing
 * is written until the store is opened anew, since nobody knows what an fsync that failed has left.
 * Reads go on in both cases.
 *
 * <p><b>What it needs.</b> A folder on a local disk, for one process: {@code flashdns.db} with its
 * {@code -wal} and {@code -shm}, which belong together and are never removed by hand; {@code lock},
 * which says who has it; {@code acknowledged}, the revision that was told last; {@code native},
 * SQLite's own code. All is readable by its owner alone.
 *
 * <p><b>Versions.</b> The file says which version of the schema it has. An older one is brought up
 * to date when it is opened, in one transaction and some seconds for a million zones, and so is an
 * older backup when it is restored; a newer one is refused.
 */
@NullMarked
package io.flashdns.management.store;

import org.jspecify.annotations.NullMarked;
