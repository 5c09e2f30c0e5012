package io.flashdns.management.campaign;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A record of the system calls of {@link StoreWriters}, made by strace, and what it says of the
 * order of writing, syncing and acknowledging.
 *
 * <p>For an acknowledgement to be honest, the first write to the write-ahead log in which its
 * request id stands, the end of that transaction in the log, the begin of a sync of the log, its
 * good end, and the writing of the acknowledgement must follow each other in this order. A call
 * that was interrupted by others has a line where it begins and one where it ends; the order is
 * that of the lines.
 */
final class SyncTrace {
  /** What strace is told; the file for its output follows. */
  static final List<String> COMMAND =
      List.of(
          "strace",
          "-f",
          "-qqq",
          "-y",
          "--seccomp-bpf",
          "-s",
          "4200",
          "-e",
          "trace=openat,open,creat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat",
          "-o");

  private static final Pattern LINE =
      Pattern.compile("^(\\d+) +(?:<\\.\\.\\. (\\w+) resumed>)?(.*)$");
  private static final Pattern FD = Pattern.compile("^\\w+\\((\\d+)<([^>]*)>");
  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final int FRAME_HEADER_BYTES = 24;
  private static final String WAL = "-wal";

  /** Proves something when it is there, and its loss means nothing. */
  private static final String NEVER_SYNCED = "/acknowledged";

  /**
   * A system call.
   *
   * @param begin line at which it was entered
   * @param end line at which it came back
   */
  private record Call(int begin, int end, String text) {
    boolean isGood() {
      int at = text.lastIndexOf(" = ");
      return at >= 0 && !text.startsWith("-1", at + 3) && !text.startsWith("?", at + 3);
    }

    String name() {
      return text.substring(0, Math.max(0, text.indexOf('(')));
    }

    /** The file of its first argument, empty for none. */
    String file() {
      Matcher matcher = FD.matcher(text);
      return matcher.find() ? matcher.group(2) : "";
    }
  }

  private final List<Call> calls = new ArrayList<>();
  private final Map<String, Integer> firstAppend = new HashMap<>();
  private final List<Integer> commitFrames = new ArrayList<>();
  private final List<Call> logSyncs = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private int acknowledged;
  private int folderSyncs;
  private int failedSyncs;

  private SyncTrace() {}

  /** Reads the record, as far as it goes, of a run over an empty folder. */
  static SyncTrace read(Path log, Path data) throws IOException {
    SyncTrace trace = new SyncTrace();
    trace.parse(log);
    trace.judgeAcknowledgements();
    trace.judgeNames(data.toRealPath().toString());
    return trace;
  }

  private void parse(Path log) throws IOException {
    Map<String, Call> begun = new HashMap<>();
    int number = 0;
    try (BufferedReader in = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
          continue;
        }
        String thread = matcher.group(1);
        String rest = matcher.group(3);
        if (matcher.group(2) != null) {
          Call first = begun.remove(thread);
          if (first != null) {
            calls.add(new Call(first.begin(), number, first.text() + rest));
          }
        } else if (rest.endsWith("<unfinished ...>")) {
          String text = rest.substring(0, rest.length() - "<unfinished ...>".length());
          begun.put(thread, new Call(number, number, text));
        } else if (rest.contains("(")) {
          calls.add(new Call(number, number, rest));
        }
      }
    }
  }

  private void judgeAcknowledgements() {
    Set<String> announced = new HashSet<>();
    List<Call> acknowledgements = new ArrayList<>();
    for (Call call : calls) {
      switch (call.name()) {
        case "write" -> {
          String text = quoted(call.text());
          if (call.text().startsWith("write(1<pipe:") && text.startsWith("I ")) {
            announced.add(text.split(" ")[1]);
          } else if (call.text().startsWith("write(1<pipe:") && text.startsWith("A ")) {
            acknowledgements.add(call);
          }
        }
        case "pwrite64" -> {
          if (call.file().endsWith(WAL)) {
            append(call, announced);
          }
        }
        case "fsync", "fdatasync" -> {
          if (!call.isGood()) {
            failedSyncs++;
          } else if (call.file().endsWith(WAL)) {
            logSyncs.add(call);
          }
        }
        default -> {}
      }
    }
    acknowledgements.forEach(this::judge);
  }

  private void append(Call call, Set<String> announced) {
    String octets = unescaped(quoted(call.text()));
    if (octets.length() == FRAME_HEADER_BYTES) {
      // The header of a frame: page number, then the size of the database in the last frame of a
      // transaction and 0 in the others.
      boolean ends = octets.chars().skip(4).limit(4).anyMatch(c -> c != 0);
      if (ends) {
        commitFrames.add(call.end());
      }
      return;
    }
    for (String id : announced) {
      if (!firstAppend.containsKey(id) && octets.contains(id)) {
        firstAppend.put(id, call.end());
      }
    }
  }

  private void judge(Call acknowledgement) {
    String[] words = quoted(acknowledgement.text()).split(" ");
    String id = words[1];
    if (!words[3].equals("true")) {
      return; // nothing was changed: nothing to be written
    }
    acknowledged++;
    Integer append = firstAppend.get(id);
    if (append == null) {
      faults.add(id + " was acknowledged and never written to the log");
      return;
    }
    int whole =
        commitFrames.stream().mapToInt(i -> i).filter(line -> line >= append).min().orElse(-1);
    boolean synced =
        whole >= 0
            && logSyncs.stream()
                .anyMatch(sync -> sync.begin() > whole && sync.end() < acknowledgement.begin());
    if (!synced) {
      faults.add(
          id
              + " was written at line "
              + append
              + ", its transaction ended at "
              + whole
              + ", acknowledged at "
              + acknowledgement.begin()
              + ", without a sync in between");
    }
  }

  /** Names that were made or changed in folders must be synced there before they count. */
  private void judgeNames(String data) {
    Map<String, TreeSet<Integer>> syncs = new HashMap<>();
    for (Call call : calls) {
      if (call.name().equals("fsync") && call.isGood()) {
        syncs.computeIfAbsent(call.file(), _ -> new TreeSet<>()).add(call.begin());
      }
    }
    int firstAck =
        calls.stream()
            .filter(c -> c.text().startsWith("write(1<pipe:") && quoted(c.text()).startsWith("A "))
            .mapToInt(Call::begin)
            .min()
            .orElse(Integer.MAX_VALUE);
    Set<String> seen = new HashSet<>();
    for (Call call : calls) {
      boolean creates = call.name().equals("openat") && call.text().contains("O_CREAT");
      boolean renames = call.name().startsWith("rename");
      boolean makes = call.name().startsWith("mkdir");
      if (!(creates || renames || makes) || !call.isGood()) {
        continue;
      }
      String file = last(call.text(), renames);
      // Images are derived and checked: one that is gone is built again. Native code is compared
      // with what it should be, and unpacked anew.
      boolean needed =
          !(file + "/").contains("/native/")
              && (renames
                  || (file + "/").contains("/store/")
                      && !file.endsWith("-shm")
                      && !file.endsWith(NEVER_SYNCED));
      if (!file.startsWith(data) || !needed || creates && !seen.add(file)) {
        continue;
      }
      String parent = file.substring(0, file.lastIndexOf('/'));
      boolean mustBeBeforeFirst = !renames;
      Integer sync = syncs.getOrDefault(parent, new TreeSet<>()).ceiling(call.end());
      // At the end of the record the sync may not have come yet.
      boolean late = calls.getLast().end() - call.end() > 2_000;
      if (sync == null ? late : mustBeBeforeFirst && sync > firstAck) {
        faults.add(
            call.name()
                + " of "
                + file
                + " at line "
                + call.end()
                + ": its folder is "
                + (sync == null
                    ? "never synced"
                    : "synced at "
                        + sync
                        + " only, after the first"
                        + " acknowledgement at "
                        + firstAck));
      } else {
        folderSyncs++;
      }
    }
  }

  private static String last(String text, boolean second) {
    Matcher matcher = QUOTED.matcher(text);
    String found = "";
    while (matcher.find()) {
      found = matcher.group(1);
      if (!second) {
        break;
      }
    }
    return found;
  }

  private static String quoted(String text) {
    int from = text.indexOf('"');
    int to = text.lastIndexOf('"');
    return from < 0 || to <= from ? "" : text.substring(from + 1, to);
  }

  /** Undoes the escapes of C strings. */
  static String unescaped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        out.append(c);
        continue;
      }
      char next = text.charAt(++i);
      if (next >= '0' && next <= '7') {
        int value = 0;
        int digits = 0;
        while (digits < 3 && i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '7') {
          value = value * 8 + text.charAt(i++) - '0';
          digits++;
        }
        i--;
        out.append((char) value);
      } else {
        out.append(
            switch (next) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 'r' -> '\r';
              case 'v' -> '\u000b';
              case 'f' -> '\f';
              default -> next;
            });
      }
    }
    return out.toString();
  }

  List<String> faults() {
    return faults;
  }

  /** Acknowledged changes that were looked at. */
  int acknowledged() {
    return acknowledged;
  }

  /** Good syncs of the log. */
  int logSyncs() {
    return logSyncs.size();
  }

  /** New names that were synced in their folders. */
  int folderSyncs() {
    return folderSyncs;
  }

  int failedSyncs() {
    return failedSyncs;
  }
}
