package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class BackgroundThreadTest {
  @Test
  void workIsDoneWithALowerPriorityAndItsCallerKeepsTheOwn() throws Exception {
    int own = nice();
    CompletableFuture<Integer> found = new CompletableFuture<>();
    Thread thread = BackgroundThread.factory("later").newThread(() -> found.complete(nice()));
    thread.start();
    thread.join();
    assertThat(found.get()).isEqualTo(BackgroundThread.NICE);
    assertThat(nice()).isEqualTo(own).isNotEqualTo(BackgroundThread.NICE);
  }

  /** Field 19 of the thread's own line; its name is in parentheses before them. */
  private static int nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
