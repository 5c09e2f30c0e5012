package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class BackgroundThreadTest {
  @Test
  void workIsDoneWithALowerPriorityAndItsCallerKeepsTheOwn() throws Exception {
    int own = nice();
    assumeThat(own).as("the build itself runs behind others").isLessThan(BackgroundThread.NICE);
    CompletableFuture<Integer> found = new CompletableFuture<>();
    Thread thread = BackgroundThread.factory("later").newThread(() -> found.complete(nice()));
    thread.start();
    thread.join();
    assertThat(found.get()).isEqualTo(BackgroundThread.NICE);
    assertThat(nice()).isEqualTo(own).isNotEqualTo(BackgroundThread.NICE);
  }

  @Test
  void compilersOfTheJvmAreLoweredAndNobodyElse() throws Exception {
    int own = nice();
    assumeThat(own).as("the build itself runs behind others").isLessThan(BackgroundThread.NICE);
    BackgroundThread.lowerCompilers();

    int compilers = 0;
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      for (Path thread : threads.toList()) {
        String name = Files.readString(thread.resolve("comm"));
        if (name.startsWith("C1 Comp") || name.startsWith("C2 Comp")) {
          compilers++;
          assertThat(nice(thread)).as(name).isEqualTo(BackgroundThread.NICE);
        } else if (name.startsWith("VM Thread")) {
          assertThat(nice(thread)).as(name).isEqualTo(own);
        }
      }
    }
    assertThat(compilers).isPositive();
    assertThat(nice()).isEqualTo(own);
  }

  /** Field 19 of the thread's own line; its name is in parentheses before them. */
  private static int nice() {
    return nice(Path.of("/proc/thread-self"));
  }

  private static int nice(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
