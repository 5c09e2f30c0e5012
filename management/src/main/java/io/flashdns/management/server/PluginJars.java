package io.flashdns.management.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The jars of one plugin's folder, read whole into memory.
 *
 * <p>Immutable, but for the arrays that it hands out to be read. Multi-release jars give the
 * entries for this Java; signatures of jars are not looked at, pins are ({@link PluginPin}).
 */
final class PluginJars {
  /** Octets that the jars of one plugin may hold unpacked. */
  static final long MAX_BYTES = 256L << 20;

  private static final String SUFFIX = ".jar";
  private static final String VERSIONS = "META-INF/versions/";
  private static final String SERVERS_OWN = "io/flashdns/core/";
  private static final int END_BYTES = 22;

  private final Path folder;
  private final String name;
  private final Map<String, List<Entry>> entries;
  private final Map<String, String> digests;
  private final List<FileStamp> stamps;

  private PluginJars(
      Path folder,
      String name,
      Map<String, List<Entry>> entries,
      Map<String, String> digests,
      List<FileStamp> stamps) {
    this.folder = folder;
    this.name = name;
    this.entries = entries;
    this.digests = digests;
    this.stamps = stamps;
  }

  /** One entry of a jar. */
  static final class Entry {
    private final String jar;
    private final byte[] content;

    Entry(String jar, byte[] content) {
      this.jar = jar;
      this.content = content;
    }

    /** File name of its jar. */
    String jar() {
      return jar;
    }

    /** To be read, not written. */
    byte[] content() {
      return content;
    }
  }

  /**
   * Reads a plugin's folder.
   *
   * @param name of the plugin, which is the folder's too
   */
  static PluginJars read(Path folder, String name) throws PluginRefusedException {
    FileTrust.require(folder);
    Map<String, List<Entry>> entries = new HashMap<>();
    Map<String, String> digests = new TreeMap<>();
    List<FileStamp> stamps = new ArrayList<>();
    long left = MAX_BYTES;
    for (Path jar : list(folder)) {
      FileTrust.require(jar);
      try {
        // Before the reading: a file that is written meanwhile must look changed next time.
        stamps.add(FileStamp.of(jar, Instant.now()));
        byte[] packed = Files.readAllBytes(jar);
        String file = jar.getFileName().toString();
        digests.put(file, sha256(packed));
        left -= unpack(jar, packed, left, entries);
      } catch (IOException e) {
        throw new PluginRefusedException(
            "the jar "
                + jar
                + " cannot be read ("
                + said(e)
                + "): build it again and put it in whole, under another name first",
            e);
      }
    }
    if (stamps.isEmpty()) {
      throw new PluginRefusedException(
          "the folder "
              + folder
              + " holds no jar: put the jar of the plugin "
              + name
              + " into it, with those of its libraries");
    }
    return new PluginJars(folder, name, entries, digests, stamps);
  }

  /** The first entry of this path, or null. */
  @Nullable Entry first(String path) {
    List<Entry> found = all(path);
    return found.isEmpty() ? null : found.getFirst();
  }

  /** All entries of this path, in the order of their jars' names. */
  List<Entry> all(String path) {
    return entries.getOrDefault(path, List.of());
  }

  Path folder() {
    return folder;
  }

  /** Name of the plugin. */
  String name() {
    return name;
  }

  /** File names of the jars and the SHA-256 of each, in order of the names. */
  Map<String, String> digests() {
    return digests;
  }

  /** True when the folder holds the same files as when it was read, by all that a look tells. */
  boolean isUnchanged() throws PluginRefusedException {
    List<Path> now = list(folder);
    return now.equals(stamps.stream().map(FileStamp::file).toList())
        && stamps.stream().allMatch(FileStamp::isUnchanged);
  }

  /** Throws when others could write the folder or a jar by now. */
  void requireTrust() throws PluginRefusedException {
    FileTrust.require(folder);
    for (FileStamp jar : stamps) {
      FileTrust.require(jar.file());
    }
  }

  /** True when two readings gave the same octets under the same names. */
  boolean isSame(PluginJars other) {
    return digests.equals(other.digests);
  }

  private static List<Path> list(Path folder) throws PluginRefusedException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PluginJars::isJar)) {
      files.forEach(jars::add);
    } catch (IOException | DirectoryIteratorException e) {
      throw new PluginRefusedException(
          "the folder " + folder + " cannot be read (" + said(e) + "): give us leave to read it",
          e);
    }
    jars.sort(Comparator.naturalOrder());
    return jars;
  }

  private static boolean isJar(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX) && !name.startsWith(".");
  }

  /** Adds what a jar holds to {@code entries}; returns how many octets that is. */
  private static long unpack(Path jar, byte[] packed, long left, Map<String, List<Entry>> entries)
      throws IOException, PluginRefusedException {
    String file = jar.getFileName().toString();
    Map<String, byte[]> contents = new HashMap<>();
    long bytes = 0;
    int count = 0;
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(packed))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        count++;
        String path = entry.getName();
        if (entry.isDirectory()) {
          continue;
        }
        int limit = (int) Math.min(left - bytes + 1, Integer.MAX_VALUE - 8);
        byte[] content = zip.readNBytes(limit);
        bytes += content.length;
        if (bytes > left) {
          throw new PluginRefusedException(
              "the jars in "
                  + jar.getParent()
                  + " hold more than "
                  + ConfigText.print(MAX_BYTES)
                  + " unpacked: leave libraries out that the plugin does not need");
        }
        contents.put(path, content);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("an entry's name is no text", e);
    }
    int meant = entriesMeant(packed);
    if (meant != count && meant != 0xffff) {
      throw new IOException("it has " + count + " entries of " + meant);
    }
    for (Map.Entry<String, byte[]> content : forThisJava(contents).entrySet()) {
      String path = content.getKey();
      if (path.startsWith(SERVERS_OWN) && path.endsWith(".class")) {
        throw new PluginRefusedException(
            "the jar "
                + jar
                + " holds classes of the server itself, as "
                + path
                + ": give the dependency on flashdns-core the scope 'provided', and take its classes out of the folder");
      }
      entries
          .computeIfAbsent(path, _ -> new ArrayList<>(1))
          .add(new Entry(file, content.getValue()));
    }
    return bytes;
  }

  /** Puts the entries for this Java into the place of the general ones, if the jar has such. */
  private static Map<String, byte[]> forThisJava(Map<String, byte[]> contents) throws IOException {
    byte[] text = contents.get(JarFile.MANIFEST_NAME);
    if (text == null) {
      return contents;
    }
    Attributes attributes = new Manifest(new ByteArrayInputStream(text)).getMainAttributes();
    if (!"true".equalsIgnoreCase(attributes.getValue(Attributes.Name.MULTI_RELEASE))) {
      return contents;
    }
    Map<String, byte[]> chosen = new HashMap<>(contents);
    Map<String, Integer> versions = new HashMap<>();
    for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
      String path = entry.getKey();
      int slash = path.indexOf('/', VERSIONS.length());
      if (path.startsWith(VERSIONS) && slash > 0) {
        String digits = path.substring(VERSIONS.length(), slash);
        int version = digits.matches("\\d{1,4}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
        String general = path.substring(slash + 1);
        if (version <= Runtime.version().feature()
            && version > versions.getOrDefault(general, 0)
            && !general.startsWith("META-INF/")) {
          versions.put(general, version);
          chosen.put(general, entry.getValue());
        }
      }
    }
    return chosen;
  }

  /**
   * How many entries the jar's end says that there are. Reading entry by entry, the way that needs
   * no file, takes what was cut off for the end.
   */
  private static int entriesMeant(byte[] packed) throws IOException {
    for (int at = packed.length - END_BYTES; at >= 0; at--) {
      if (packed[at] == 'P'
          && packed[at + 1] == 'K'
          && packed[at + 2] == 5
          && packed[at + 3] == 6) {
        return (packed[at + 10] & 0xff) | (packed[at + 11] & 0xff) << 8;
      }
    }
    throw new IOException("it is no jar, or its end is missing");
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String said(Exception e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "user " + System.getProperty("user.name") + " has no permission"
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
