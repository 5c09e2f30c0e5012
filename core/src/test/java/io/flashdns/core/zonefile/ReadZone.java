package io.flashdns.core.zonefile;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zone.ZoneProblem.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the reader makes of a zone file: the records that it delivers and the problems that it
 * notes.
 */
record ReadZone(List<Delivered> records, List<ZoneFileProblem> problems, List<Path> files) {
  /** The zone of most tests; the file is named after it. */
  static final String FILE_NAME = "example.com.zone";

  /** A record as the sink got it, its names copied. */
  record Delivered(byte[] owner, int type, int ttl, byte[] rdata, long position) {
    String ownerText() {
      return DomainName.ofWire(owner, 0).toString();
    }

    String hex() {
      return HexFormat.of().formatHex(rdata);
    }

    /** Owner, TTL, type and data in hexadecimal digits. */
    @Override
    public String toString() {
      return ownerText() + " " + ttl + " " + RecordType.text(type) + " " + hex();
    }
  }

  static final ZoneFileLimits INCLUDING =
      new ZoneFileLimits(true, 5, 65_536, 65_536, 256L << 20, 1_000);

  /**
   * Reads {@code text}, octets 0 to 255 as characters of that number, as example.com.zone in {@code
   * folder}.
   */
  static ReadZone text(Path folder, String text) {
    return text(folder, text, ZoneFileLimits.defaults());
  }

  static ReadZone text(Path folder, String text, ZoneFileLimits limits) {
    return file(write(folder, FILE_NAME, text), limits);
  }

  static ReadZone file(Path file, ZoneFileLimits limits) {
    return read(limits, reader -> reader.read(file));
  }

  /** Reads text from memory, without a folder or an origin. */
  static ReadZone memory(byte[] text, ZoneFileLimits limits) {
    return read(limits, reader -> reader.read(Path.of("<text>"), text));
  }

  private static ReadZone read(ZoneFileLimits limits, Consumer<MasterFileReader> action) {
    ProblemLog log = new ProblemLog(limits.maxProblems());
    List<Delivered> records = new ArrayList<>();
    action.accept(
        new MasterFileReader(
            (owner, ownerAt, ownerLength, type, ttl, rdata, rdataAt, rdataLength, position) ->
                records.add(
                    new Delivered(
                        Arrays.copyOfRange(owner, ownerAt, ownerAt + ownerLength),
                        type,
                        ttl,
                        Arrays.copyOfRange(rdata, rdataAt, rdataAt + rdataLength),
                        position)),
            log,
            limits));
    return new ReadZone(records, log.report(), log.files());
  }

  static Path write(Path folder, String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Owners, TTLs and types in the order of the file. */
  List<String> heads() {
    return records.stream()
        .map(one -> one.ownerText() + " " + one.ttl() + " " + RecordType.text(one.type()))
        .toList();
  }

  List<String> lines() {
    return records.stream().map(Delivered::toString).toList();
  }

  /** Problems as {@code LINE severity}, those of included files with the file's name before. */
  List<String> places() {
    return problems.stream()
        .map(
            problem ->
                (problem.file().endsWith(FILE_NAME) ? "" : problem.file().getFileName() + ":")
                    + problem.line()
                    + (problem.severity() == Severity.ERROR ? " error" : " warning"))
        .toList();
  }

  /** The only record, where there is one and no problem. */
  Delivered only() {
    if (records.size() != 1 || !problems.isEmpty()) {
      throw new AssertionError("not one record alone: " + records + problems);
    }
    return records.getFirst();
  }
}
