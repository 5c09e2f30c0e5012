/**
 * Zone files: from text in master format to zones (RFC 1035 §5, RFC 2308 §4, RFC 3597).
 *
 * <p>{@link io.flashdns.core.zonefile.ZoneFile} is the way in. It reads a file in blocks, cuts it
 * into entries and tokens, and gives each record to the builder of a zone image in wire form: names
 * uncompressed and in the case in which they are written. All errors are found in one run, those of
 * the text and those of the zone, each with file, line, the line's text and a reason that says what
 * to do. A zone with an error is not built; one with warnings is.
 *
 * <h2>What is read</h2>
 *
 * <ul>
 *   <li>Entries of one line, or of several within parentheses; comments from {@code ;} to the end
 *       of the line; lines that end in LF or CRLF, the last one also in nothing; a UTF-8 byte order
 *       mark at the beginning.
 *   <li>{@code owner [ttl] [class] type data} with TTL and class in either order. An entry that
 *       begins with a blank has the owner before it; {@code @} is the origin; a name without a
 *       final dot is completed by the origin.
 *   <li>{@code \DDD} and {@code \X} in names and strings, so that labels and strings can hold any
 *       octet. Octets above 127 may stand in strings as they are. In names they are refused: write
 *       the {@code xn--} form. An octet of value zero is refused everywhere but in comments, as it
 *       means a damaged file.
 *   <li>Strings of at most 255 octets, with or without quotes. A quote ends with its line. {@code
 *       a"b"c} is three strings, as in BIND; {@code key="value"} is one parameter in SVCB and
 *       HTTPS.
 *   <li>TTLs and the times of SOA with units: {@code 3600}, {@code 1h30m}, {@code 2W}.
 *   <li>The origin in the beginning comes from the file's name: {@code example.com.zone} gives
 *       {@code example.com.}, {@code root.zone} the root. Where that is no name, {@code $ORIGIN}
 *       must come first.
 *   <li>A record without a TTL has that of {@code $TTL}, else the one stated last, else, for the
 *       SOA and what follows it, the minimum of the SOA, with a warning. Without any of these it is
 *       an error.
 *   <li>Class IN alone. Types that exist in questions and messages only (OPT, ANY, 128 to 255) are
 *       refused.
 *   <li>All registered types by name in their own text form, any other as {@code TYPEnnn}; {@code
 *       \# length hex} for any type. Octets given so for a type that is known must be right data of
 *       it, names in it without pointers.
 *   <li>Digests in DS, CDS, SSHFP and ZONEMD must have the length of their algorithm: what is
 *       shorter was not copied whole.
 *   <li>SVCB and HTTPS parameters in any order; they are sorted, and must not contradict one
 *       another (RFC 9460 §8).
 * </ul>
 *
 * <h2>Directives</h2>
 *
 * <ul>
 *   <li>{@code $ORIGIN name} and {@code $TTL ttl} hold until the next of their kind; a relative
 *       name in {@code $ORIGIN} is completed by the one before.
 *   <li>{@code $INCLUDE file [origin]} is off until the operator allows it. Then it reads files
 *       below the zone file's folder only, links resolved; names are relative to that folder, also
 *       in a file that is included itself. The file begins with the origin given or the current
 *       one, and with the current owner; behind it origin and owner are again those before, while
 *       {@code $TTL} stays. Depth and number of files are bounded.
 *   <li>{@code $GENERATE start-stop[/step] owner [ttl] [class] type data} as in BIND: {@code $},
 *       <code>${offset,width,base}</code> with the bases d, o, x, X, n and N, and {@code $$} or
 *       {@code \$} for a dollar sign. Data that is one string in quotes is read without them, as
 *       BIND does; beyond BIND, any type and data of several tokens are allowed. Steps are bounded
 *       over the whole zone, and what is generated counts against its size.
 * </ul>
 *
 * Other directives are refused; an owner that begins with a dollar sign is written {@code \$}.
 *
 * <h2>After an error</h2>
 *
 * Reading goes on with the next entry. Within parentheses, that is the next line that looks like
 * the beginning of one. A parenthesis that is never closed, or that another one opens in, is
 * reported where it was opened, and the lines behind it are read as entries of their own:
 * parentheses do not nest here. Records whose owner or origin was wrong are checked, but not
 * counted as data of the zone. Bounds on the size of an entry, of a file, of all files together and
 * on the number of problems ({@link io.flashdns.core.zonefile.ZoneFileLimits}) keep any file from
 * costing much memory or time.
 *
 * <h2>Single records</h2>
 *
 * {@link io.flashdns.core.zonefile.RdataText} reads and writes the data of one record without a
 * file around it, {@link io.flashdns.core.zonefile.RdataCheck} says what is wrong with octets.
 *
 * <h2>Inside</h2>
 *
 * {@code EntryScanner} knows lines and tokens, {@code MasterFileReader} entries and directives,
 * {@code TypeText} which fields the data of each type has, {@code RdataReader} how fields become
 * octets, {@code RdataPrinter} how octets become text, {@code RdataCheck} which octets are right. A
 * new type is one row in {@code TypeText}. The text of a few old types (WKS, NXT, A6, APL) is left
 * to dnsjava. Nothing is allocated per record on the way of the common types.
 */
@NullMarked
package io.flashdns.core.zonefile;

import org.jspecify.annotations.NullMarked;
