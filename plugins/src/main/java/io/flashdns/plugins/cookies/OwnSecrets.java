package io.flashdns.plugins.cookies;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Secrets that this server makes itself: a new one from time to time, which signs from then on,
 * while the one before it is accepted until the next. They stay in the data folder over a restart;
 * without a data folder they die with the process.
 *
 * <p>The file has a line for each secret, the one that signs first: 32 hexadecimal digits and the
 * second since 1970 in which it was made.
 */
final class OwnSecrets implements SecretSource {
  /** In the data folder. */
  static final String FILE = "cookies.secret";

  private static final String KEY = "the file of cookie secrets";
  private static final String LINE = "[0-9a-f]{32} [0-9]{1,12}";

  /** A secret in hexadecimal digits, and when it was made. */
  record Made(String digits, long seconds) {}

  private final @Nullable Path file;
  private final long rotateSeconds;
  private final SecureRandom random;

  /** The one that signs and, if there is one, the one before it. */
  private List<Made> made = List.of();

  private Secrets secrets;

  /**
   * @param folder the data folder, or null
   * @param rotateSeconds how long a secret signs
   */
  OwnSecrets(@Nullable Path folder, long rotateSeconds, SecureRandom random) {
    this.file = folder == null ? null : folder.resolve(FILE);
    this.rotateSeconds = rotateSeconds;
    this.random = random;
    this.secrets = new Secrets(List.of(newKey()));
  }

  @Override
  public Secrets peek() {
    return file != null && Files.exists(file) ? secrets(read(file)) : secrets;
  }

  @Override
  public Secrets open(long epochSeconds) {
    if (file != null && Files.exists(file)) {
      made = read(file);
      secrets = secrets(made);
    }
    return look(secrets, epochSeconds);
  }

  @Override
  public Secrets look(Secrets before, long epochSeconds) {
    if (made.isEmpty() || Math.abs(epochSeconds - made.getFirst().seconds()) >= rotateSeconds) {
      rotate(epochSeconds);
    }
    return secrets;
  }

  /** The new secret is taken also when it cannot be kept: the next look gives it. */
  private void rotate(long epochSeconds) {
    List<Made> next = new ArrayList<>();
    next.add(new Made(HexFormat.of().formatHex(newKey()), epochSeconds));
    if (!made.isEmpty()) {
      next.add(made.getFirst());
    }
    made = List.copyOf(next);
    secrets = secrets(made);
    if (file != null) {
      write(file);
    }
  }

  private byte[] newKey() {
    byte[] key = new byte[SipHash.KEY_BYTES];
    random.nextBytes(key);
    return key;
  }

  private static Secrets secrets(List<Made> from) {
    return new Secrets(from.stream().map(one -> HexFormat.of().parseHex(one.digits())).toList());
  }

  static List<Made> read(Path file) {
    List<Made> all = new ArrayList<>();
    for (String line : SecretFile.read(file, KEY)) {
      if (!line.matches(LINE) || all.size() == Secrets.MAX) {
        throw new IllegalArgumentException(
            "%s %s does not hold what this server wrote: remove it for new secrets"
                .formatted(KEY, file));
      }
      String[] words = line.split(" ");
      all.add(new Made(words[0], Long.parseLong(words[1])));
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "%s %s is empty: remove it for new secrets".formatted(KEY, file));
    }
    return List.copyOf(all);
  }

  private void write(Path to) {
    StringBuilder content = new StringBuilder();
    for (Made one : made) {
      content.append(one.digits()).append(' ').append(one.seconds()).append('\n');
    }
    try {
      SecretFile.write(to, content.toString());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s %s cannot be written (%s): after a restart older secrets sign again"
              .formatted(KEY, to, SecretFile.said(e)),
          e);
    }
  }
}
