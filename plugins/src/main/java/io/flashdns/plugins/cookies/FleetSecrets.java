package io.flashdns.plugins.cookies;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Secrets that all nodes of a shared store have, while the server keeps a file of them in the data
 * folder; without that file the server's own.
 *
 * <p>The file has a line for each secret: 32 hexadecimal digits and the second since 1970 from
 * which it signs. Of those whose time has come the latest signs, all are accepted: so the next one
 * is known everywhere before it signs anywhere.
 */
final class FleetSecrets implements SecretSource {
  /** In the data folder. */
  static final String FILE = "cookies.shared";

  private static final int NOBODY = -1;

  private final Path file;
  private final OwnSecrets own;
  private boolean isOwnOpen;

  /** Empty while there is no file. */
  private Map<String, Object> seen = Map.of();

  /** What the file holds, the latest first; empty for the server's own. */
  private List<OwnSecrets.Made> shared = List.of();

  /** The number of the one of them that signs. */
  private int signer = NOBODY;

  FleetSecrets(Path folder, OwnSecrets own) {
    this.file = folder.resolve(FILE);
    this.own = own;
  }

  @Override
  public Secrets peek() {
    return SecretFile.stamp(file).isEmpty() ? own.peek() : secrets(read(), 0);
  }

  @Override
  public Secrets open(long epochSeconds) {
    readWhenChanged();
    return shared.isEmpty() ? openOwn(epochSeconds) : signing(epochSeconds);
  }

  @Override
  public Secrets look(Secrets before, long epochSeconds) {
    readWhenChanged();
    if (shared.isEmpty()) {
      return isOwnOpen ? own.look(before, epochSeconds) : openOwn(epochSeconds);
    }
    return signer(shared, epochSeconds) == signer ? before : signing(epochSeconds);
  }

  private Secrets openOwn(long epochSeconds) {
    isOwnOpen = true;
    return own.open(epochSeconds);
  }

  private Secrets signing(long epochSeconds) {
    signer = signer(shared, epochSeconds);
    return secrets(shared, signer);
  }

  private void readWhenChanged() {
    // The stamp is older than what is read: a change in between is seen the next time.
    Map<String, Object> now = SecretFile.stamp(file);
    if (!now.equals(seen)) {
      seen = now;
      shared = now.isEmpty() ? List.of() : read();
      signer = NOBODY;
    }
  }

  private List<OwnSecrets.Made> read() {
    List<OwnSecrets.Made> all = new ArrayList<>(OwnSecrets.read(file));
    all.sort(Comparator.comparingLong(OwnSecrets.Made::seconds).reversed());
    return List.copyOf(all);
  }

  /** The number of the one that signs: the first one whose time has come, or the oldest. */
  private static int signer(List<OwnSecrets.Made> from, long epochSeconds) {
    int i = 0;
    while (i < from.size() - 1 && from.get(i).seconds() > epochSeconds) {
      i++;
    }
    return i;
  }

  private static Secrets secrets(List<OwnSecrets.Made> from, int signer) {
    List<byte[]> keys = new ArrayList<>();
    for (OwnSecrets.Made one : from) {
      keys.add(HexFormat.of().parseHex(one.digits()));
    }
    keys.addFirst(keys.remove(signer));
    return new Secrets(keys);
  }
}
