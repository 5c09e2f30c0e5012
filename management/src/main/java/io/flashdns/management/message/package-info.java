/**
 * The messages of the API and what they mean in the core, in both directions; no state.
 *
 * <p>From a request: {@link io.flashdns.management.message.RecordMessages}, {@link
 * io.flashdns.management.message.ZoneMessages} and {@link
 * io.flashdns.management.message.FieldMasks} read it; what is wrong is gathered in {@link
 * io.flashdns.management.message.Violations}, each with the path of its field, and told together.
 * {@link io.flashdns.management.message.Filter}, {@link io.flashdns.management.message.Order} and
 * {@link io.flashdns.management.message.PageTokens} read what lists are asked for.
 *
 * <p>To an answer: records in the form that says exactly their octets ({@link
 * io.flashdns.management.message.RecordMessages#data(int, io.flashdns.core.store.RecordData)
 * typed}, else text, else octets), zones, differences ({@link
 * io.flashdns.management.message.ZoneDiffs}), what looks wrong ({@link
 * io.flashdns.management.message.Lints}), zone files ({@link
 * io.flashdns.management.message.ZoneFileWriter}), pages ({@link
 * io.flashdns.management.message.Page}), and refusals ({@link
 * io.flashdns.management.message.CallException}, {@link
 * io.flashdns.management.message.StoreProblems}).
 *
 * <p>Labels and comments of records are not in the zones of the store: {@link
 * io.flashdns.management.message.Notes} keeps them beside.
 */
@NullMarked
package io.flashdns.management.message;

import org.jspecify.annotations.NullMarked;
