package io.flashdns.core.zonefile;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.RecordSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a master file and gives its records to a sink. Each error ends one entry, is noted, and
 * reading goes on, so that one run finds them all; whatever an error makes doubtful is still
 * checked, but not delivered. Reads one zone once; not thread-safe.
 */
final class MasterFileReader {
  private static final String SUFFIX = ".zone";

  /**
   * Files that one zone may include, each time counted: small files that include others could else
   * be read for ever.
   */
  private static final int MAX_INCLUSIONS = 1_024;

  private final RecordSink sink;
  private final ProblemLog log;
  private final ZoneFileLimits limits;
  private final Budget budget;
  private final Entry entry = new Entry();
  private final RdataReader rdata = new RdataReader();

  /** Made for the first {@code $GENERATE}. */
  private @Nullable Generator generator;

  private @Nullable IncludeFolder folder;
  private int inclusions;
  private int depth;

  /** The file that is being read. */
  private int fileIndex;

  private byte @Nullable [] origin;

  /** A wrong {@code $ORIGIN} makes every relative name after it doubtful. */
  private boolean originDoubtful;

  private final byte[] owner = new byte[Wire.MAX_NAME_BYTES + 1];
  private int ownerLength;
  private boolean ownerDoubtful;

  private long defaultTtl = -1;
  private long lastTtl = -1;

  private int type;
  private boolean delivered;
  private boolean mayLackApex;

  MasterFileReader(RecordSink sink, ProblemLog log, ZoneFileLimits limits) {
    this.sink = sink;
    this.log = log;
    this.limits = limits;
    this.budget = new Budget(limits);
  }

  /** True when at least one record went to the sink. */
  boolean deliveredAny() {
    return delivered;
  }

  /**
   * True when an error may have hidden the SOA or an NS record: their absence is then no finding.
   */
  boolean mayLackApex() {
    return mayLackApex;
  }

  /** Reads the zone file {@code file}, with the origin that its name gives. */
  void read(Path file) {
    readWhole(file, originOf(file));
  }

  /** Reads the zone file {@code file}, which begins with {@code first} as its origin. */
  void read(Path file, DomainName first) {
    readWhole(file, first.wire());
  }

  private void readWhole(Path file, byte @Nullable [] first) {
    int index = log.fileIndex(file);
    folder = new IncludeFolder(file);
    origin = first;
    try {
      long octets = readFile(file, file, index);
      if (octets == 0) {
        log.error(
            ProblemLog.position(index, 0),
            "the file is empty: a zone has at least an SOA and an NS record");
      }
    } catch (ReadingStopped stopped) {
      mayLackApex = true;
      log.error(ProblemLog.position(fileIndex, 0), stopped.reason());
    }
  }

  /**
   * Reads a zone from memory: names must be absolute or follow an {@code $ORIGIN}, and nothing can
   * be included.
   */
  void read(Path shown, byte[] text) {
    int index = log.textIndex(shown, text);
    try {
      EntryScanner scanner = new EntryScanner(budget, limits.maxLineBytes());
      scanner.reset(text, text.length, 1);
      readEntries(scanner);
    } catch (ReadingStopped stopped) {
      mayLackApex = true;
      log.error(ProblemLog.position(index, 0), stopped.reason());
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail to be read", e);
    }
  }

  /** The origin that the name of a zone file gives, or null where that is no domain name. */
  static byte @Nullable [] originOf(Path file) {
    String name = String.valueOf(file.getFileName());
    String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    if (stem.equals("root")) {
      return DomainName.ROOT.wire();
    }
    try {
      return stem.equals("@") ? null : DomainName.parse(stem).wire();
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /**
   * Reads one file.
   *
   * @param shown its name for people
   * @param path the same file, links resolved where that matters
   * @return its size
   */
  private long readFile(Path shown, Path path, int index) throws ReadingStopped {
    int line = 0;
    EntryScanner scanner = null;
    int includer = fileIndex;
    fileIndex = index;
    try {
      if (!Files.isRegularFile(path)) {
        throw Files.isDirectory(path)
            ? new FileSystemException(shown.toString(), null, "it is a folder, not a file")
            : Files.exists(path)
                ? new FileSystemException(shown.toString(), null, "it is no regular file")
                : new NoSuchFileException(shown.toString());
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        long octets = channel.size();
        if (octets > limits.maxFileBytes()) {
          throw new ReadingStopped(
              "the file has "
                  + octets
                  + " octets, at most "
                  + limits.maxFileBytes()
                  + " are allowed: split the zone or raise the limit");
        }
        scanner = new EntryScanner(channel, budget, limits.maxLineBytes());
        readEntries(scanner);
        return octets;
      }
    } catch (IOException e) {
      mayLackApex = true;
      line = scanner == null ? 0 : scanner.line();
      log.error(ProblemLog.position(index, line), "the file cannot be read: " + reason(e));
      return -1;
    } finally {
      fileIndex = includer;
    }
  }

  private void readEntries(EntryScanner scanner) throws IOException, ReadingStopped {
    if (!scanner.skipByteOrderMark()) {
      error(1, "the file is in UTF-16: save it as plain text (UTF-8 without accents in names)");
      return;
    }
    boolean more = true;
    while (more) {
      type = 0;
      try {
        more = scanner.next(entry);
        if (entry.unclosedLine > 0) {
          reportUnclosed(scanner);
        } else if (more) {
          readEntry();
        }
      } catch (BadEntry bad) {
        error(bad.line(), bad.reason());
      }
    }
  }

  private void error(int line, String reason) throws ReadingStopped {
    log.error(ProblemLog.position(fileIndex, line), reason);
    mayLackApex |= type == 0 || type == RecordType.SOA || type == RecordType.NS;
    log.checkWorthwhile();
  }

  private void readEntry() throws BadEntry, IOException, ReadingStopped {
    if (entry.blankOwner) {
      if (ownerLength == 0) {
        // Once is enough: those that follow have the same cause.
        ownerLength = 1;
        ownerDoubtful = true;
        throw entry.bad(
            0,
            "the line begins with a blank, which means the owner of the record before, but there is none");
      }
      readRecord(entry, 0, owner, ownerLength, ownerDoubtful);
    } else if (entry.first(0) == '$' && !entry.quoted(0)) {
      readDirective();
    } else {
      ownerDoubtful = true;
      ownerLength = Math.max(ownerLength, 1);
      ownerLength = NameText.parse(entry, 0, owner, 0, origin);
      ownerDoubtful = originDoubtful;
      readRecord(entry, 1, owner, ownerLength, ownerDoubtful);
    }
  }

  /** Reads a record of which the owner is known. */
  private void readRecord(Entry tokens, int first, byte[] name, int nameLength, boolean doubtful)
      throws BadEntry {
    int at = first;
    long ttl = -1;
    boolean hasClass = false;
    int number = -1;
    while (number < 0) {
      if (at >= tokens.count) {
        throw tokens.bad(at, "the record ends too early: its type is missing");
      }
      byte[] text = tokens.text;
      int octet = tokens.first(at);
      if (octet >= '0' && octet <= '9' && !tokens.quoted(at)) {
        if (ttl >= 0) {
          throw tokens.bad(at, "a second TTL " + tokens.show(at) + ": remove one");
        }
        ttl = TextValues.seconds(tokens, at++, TextValues.MAX_TTL);
        continue;
      }
      number = tokens.quoted(at) ? -1 : TypeText.number(text, tokens.start[at], tokens.end[at]);
      if (number < 0) {
        int recordClass =
            tokens.quoted(at) ? -1 : TypeText.classNumber(text, tokens.start[at], tokens.end[at]);
        if (recordClass < 0) {
          throw tokens.bad(at, unknownType(tokens, at));
        }
        if (recordClass != RecordClass.IN || hasClass) {
          throw tokens.bad(
              at,
              hasClass
                  ? "a second class " + tokens.show(at) + ": remove one"
                  : "class " + tokens.show(at) + " cannot be served: only IN can");
        }
        hasClass = true;
        at++;
      }
    }
    type = number;
    if (type == 0 || RecordType.isMeta(type)) {
      throw tokens.bad(
          at,
          "type "
              + RecordType.text(type)
              + " exists in questions and messages only and cannot stand in a zone");
    }
    int length = rdata.read(tokens, at + 1, type, origin);
    int seconds = (int) ttlOf(tokens, ttl, length);
    if (!doubtful && !originDoubtful) {
      delivered = true;
      sink.add(
          name,
          0,
          nameLength,
          type,
          seconds,
          rdata.out,
          0,
          length,
          ProblemLog.position(fileIndex, tokens.line[0]));
    }
  }

  private static String unknownType(Entry tokens, int at) {
    String shown = tokens.show(at);
    if (tokens.first(at) == '$') {
      return "a directive as "
          + shown
          + " must begin in the first column: remove the blanks before it";
    }
    return shown
        + " is no record type that is known here: correct it, or write TYPEnnn \\# LENGTH HEX (RFC 3597)";
  }

  /**
   * The TTL rule: its own, else {@code $TTL} (RFC 2308 §4), else the one before, else the SOA's
   * minimum.
   */
  private long ttlOf(Entry tokens, long ttl, int rdataLength) throws BadEntry {
    if (ttl >= 0) {
      lastTtl = ttl;
      return ttl;
    }
    if (defaultTtl >= 0) {
      return defaultTtl;
    }
    if (lastTtl >= 0) {
      return lastTtl;
    }
    // What follows without a TTL would bring the same message again.
    defaultTtl = 0;
    if (type == RecordType.SOA && rdataLength >= 4) {
      defaultTtl = Wire.u32(rdata.out, rdataLength - 4);
      if (defaultTtl > TextValues.MAX_TTL) {
        defaultTtl = 0;
      }
      log.warning(
          ProblemLog.position(fileIndex, tokens.line[0]),
          "neither the SOA record nor $TTL gives a TTL: the SOA's minimum is taken, add $TTL");
      return defaultTtl;
    }
    throw tokens.bad(
        0, "the record has no TTL and none was given before: put $TTL at the head of the file");
  }

  private void readDirective() throws BadEntry, IOException, ReadingStopped {
    if (entry.is(0, "$ORIGIN")) {
      readOrigin();
    } else if (entry.is(0, "$TTL")) {
      // Records after a wrong $TTL must not be called wrong for the lack of one.
      defaultTtl = Math.max(defaultTtl, 0);
      wantTokens(2, 2, "$TTL has one value, the TTL");
      defaultTtl = TextValues.seconds(entry, 1, TextValues.MAX_TTL);
    } else if (entry.is(0, "$INCLUDE")) {
      readInclude();
    } else if (entry.is(0, "$GENERATE")) {
      readGenerate();
    } else {
      throw entry.bad(
          0,
          entry.show(0)
              + " is no directive that is known here: $ORIGIN, $TTL, $INCLUDE and $GENERATE are; an owner is written \\$");
    }
  }

  private void wantTokens(int least, int most, String sentence) throws BadEntry {
    if (entry.count < least || entry.count > most) {
      throw entry.bad(
          most, sentence + (entry.count < least ? ": it is missing" : ": remove the rest"));
    }
  }

  private void readOrigin() throws BadEntry {
    boolean doubtful = originDoubtful;
    originDoubtful = true;
    wantTokens(2, 2, "$ORIGIN has one value, a name");
    byte[] name = new byte[Wire.MAX_NAME_BYTES + 1];
    int length = NameText.parse(entry, 1, name, 0, origin);
    boolean relative = !endsInDot(1);
    origin = Arrays.copyOf(name, length);
    originDoubtful = doubtful && relative;
  }

  private boolean endsInDot(int token) {
    int end = entry.end[token];
    if (end == entry.start[token] || entry.text[end - 1] != '.') {
      return false;
    }
    int backslashes = 0;
    while (end - 2 - backslashes >= entry.start[token]
        && entry.text[end - 2 - backslashes] == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 0;
  }

  private void readInclude() throws BadEntry, ReadingStopped {
    IncludeFolder reach = folder;
    if (reach == null) {
      throw entry.bad(
          0, "$INCLUDE cannot be used here, as the zone has no folder: put the text itself here");
    }
    if (!limits.include()) {
      throw entry.bad(
          0,
          "$INCLUDE is switched off: set "
              + ZoneFileLimits.INCLUDE_OPTION
              + " to allow it for files in the folder of the zone file");
    }
    wantTokens(2, 3, "$INCLUDE has a file name and, if need be, an origin");
    int line = entry.firstLine();
    byte[] ownOrigin = origin;
    if (entry.count == 3) {
      byte[] name = new byte[Wire.MAX_NAME_BYTES + 1];
      ownOrigin = Arrays.copyOf(name, NameText.parse(entry, 2, name, 0, origin));
    }
    if (depth >= limits.maxIncludeDepth()) {
      throw entry.bad(
          0,
          "$INCLUDE is nested deeper than "
              + limits.maxIncludeDepth()
              + " files: include less deep");
    }
    if (++inclusions > MAX_INCLUSIONS) {
      throw new ReadingStopped(
          "more than " + MAX_INCLUSIONS + " files are included: put them together");
    }
    IncludeFolder.Target target = reach.resolve(entry, 1);
    byte[] outerOrigin = origin;
    boolean outerDoubtful = originDoubtful;
    byte[] outerOwner = Arrays.copyOf(owner, ownerLength);
    boolean outerOwnerDoubtful = ownerDoubtful;
    origin = ownOrigin;
    depth++;
    try {
      readIncluded(target, line);
    } finally {
      depth--;
      origin = outerOrigin;
      originDoubtful = outerDoubtful;
      ownerLength = outerOwner.length;
      ownerDoubtful = outerOwnerDoubtful;
      System.arraycopy(outerOwner, 0, owner, 0, outerOwner.length);
    }
  }

  private void readIncluded(IncludeFolder.Target target, int line) throws ReadingStopped {
    try {
      readFile(target.shown(), target.real(), log.fileIndex(target.shown()));
    } catch (ReadingStopped stopped) {
      log.error(
          ProblemLog.position(fileIndex, line), "reading ended in a file that is included here");
      throw stopped;
    }
  }

  private void readGenerate() throws BadEntry, IOException, ReadingStopped {
    int line = entry.firstLine();
    byte[] name = new byte[Wire.MAX_NAME_BYTES + 1];
    if (this.generator == null) {
      this.generator = new Generator(budget, limits.maxLineBytes());
    }
    Generator generator = this.generator;
    generator.begin(entry);
    for (long step = generator.first(); step <= generator.last(); step += generator.step()) {
      type = 0;
      try {
        Entry generated = generator.generate(step, line);
        int length = NameText.parse(generated, 0, name, 0, origin);
        readRecord(generated, 1, name, length, originDoubtful);
      } catch (BadEntry bad) {
        // One step stands for all: the others would fail in the same way.
        throw new BadEntry(line, "in step " + step + " of $GENERATE " + bad.reason());
      }
    }
  }

  private void reportUnclosed(EntryScanner scanner) throws IOException, ReadingStopped {
    int line = entry.unclosedLine;
    int resume = 0;
    int surplus = firstSurplusToken();
    if (surplus > 0) {
      resume = entry.line[surplus];
    }
    error(
        line,
        entry.nestedLine > 0
            ? "the parenthesis that is opened here is not closed before line "
                + entry.nestedLine
                + " opens another: add the missing ), parentheses do not nest"
            : "the parenthesis that is opened here is never closed: add the missing )");
    scanner.resumeAfterUnclosed(line, resume);
  }

  /**
   * The first token that the record can have no use for, as one finds after a missing parenthesis,
   * or −1.
   */
  private int firstSurplusToken() {
    for (int token = entry.blankOwner ? 0 : 1; token < Math.min(entry.count, 4); token++) {
      int number =
          entry.quoted(token)
              ? -1
              : TypeText.number(entry.text, entry.start[token], entry.end[token]);
      if (number >= 0) {
        int fixed = RdataReader.fixedTokens(number);
        int surplus = token + 1 + fixed;
        return fixed >= 0 && surplus < entry.count ? surplus : -1;
      }
    }
    return -1;
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such file";
      case AccessDeniedException _ -> "the server's user may not read it";
      case FileSystemException f -> f.getReason() == null ? f.toString() : f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
