package io.flashdns.management.store;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneId;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The other process: opens a store and says so, or writes to it until it is killed. */
final class StoreChild {
  private StoreChild() {}

  static Process start(String command, Path folder) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            StoreChild.class.getName(),
            command,
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (EmbeddedStore store = EmbeddedStore.open(Path.of(args[1]), TestZones.CONFIG)) {
      switch (args[0]) {
        case "open" -> out.println("opened");
        case "write" -> write(store, out);
        default -> throw new IllegalArgumentException(args[0]);
      }
    } catch (StoreException e) {
      out.println(e.getMessage());
    }
  }

  /**
   * Four writers, each with its own host in two zones that must always change together, and with a
   * document and an entry of the journal; each acknowledgement is a line: host, value, revision.
   */
  private static void write(EmbeddedStore store, PrintStream out) throws Exception {
    ZoneId first = new ZoneId(1);
    ZoneId second = new ZoneId(2);
    out.println("ready");
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(
                host ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              try {
                                for (int value = 1; true; value++) {
                                  int salted = (int) (ProcessHandle.current().pid() * 31) + value;
                                  CommitResult done =
                                      store.commit(
                                          ChangeSet.of(
                                                  "child",
                                                  TestZones.put(first, "one.", host, salted),
                                                  TestZones.put(second, "two.", host, salted))
                                              .deciding((_, plan, _) -> noted(host, salted, plan)));
                                  out.println(host + " " + salted + " " + done.revision());
                                }
                              } catch (StoreException | InterruptedException e) {
                                out.println("! " + e);
                              }
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static Effects noted(int host, int value, Plan plan) {
    return new Effects(
        List.of(DocumentEdit.put("host/" + host, Octets.of(Integer.toString(value)))),
        List.of(Octets.of(host + " " + value + " " + plan.revision())),
        Octets.EMPTY);
  }
}
