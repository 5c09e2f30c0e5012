package io.flashdns.plugins.cookies;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Secrets that the operator keeps in a file, the same on all servers that answer at one address.
 *
 * <p>One secret a line, 32 hexadecimal digits; the first one signs. Empty lines, and lines that
 * begin with {@code #}, mean nothing.
 */
final class OperatorSecrets implements SecretSource {
  private static final String KEY = "the secret-file";

  private final Path file;

  /** Empty when the file could not be looked at. */
  private Map<String, Object> seen = Map.of();

  OperatorSecrets(Path file) {
    this.file = file;
  }

  @Override
  public Secrets peek() {
    return read();
  }

  @Override
  public Secrets open(long epochSeconds) {
    seen = SecretFile.stamp(file);
    return read();
  }

  @Override
  public Secrets look(Secrets before, long epochSeconds) {
    // The stamp is older than what is read: a change in between is seen the next time.
    Map<String, Object> now = SecretFile.stamp(file);
    if (now.equals(seen)) {
      return before;
    }
    seen = now;
    return read();
  }

  private Secrets read() {
    List<byte[]> keys = new ArrayList<>();
    List<String> lines = SecretFile.read(file, KEY);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.isEmpty() && !line.startsWith("#")) {
        keys.add(key(line, i + 1));
      }
    }
    if (keys.isEmpty() || keys.size() > Secrets.MAX) {
      throw new IllegalArgumentException(
          "%s %s holds %d secrets, 1 to %d are allowed"
              .formatted(KEY, file, keys.size(), Secrets.MAX));
    }
    return new Secrets(keys);
  }

  private byte[] key(String line, int number) {
    if (line.length() == 2 * SipHash.KEY_BYTES) {
      try {
        return HexFormat.of().parseHex(line);
      } catch (IllegalArgumentException _) {
        // Its message shows the line: the one below does not.
      }
    }
    throw new IllegalArgumentException(
        "%s %s has no 32 hexadecimal digits in line %d".formatted(KEY, file, number));
  }
}
