package io.flashdns.core.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every scenario file over UDP and TCP: one test for each query and protocol. */
final class ScenarioTest {
  @TestFactory
  @Tag("rfc1034")
  Stream<DynamicTest> rfc1034() {
    return ScenarioRun.of("rfc1034");
  }

  @TestFactory
  @Tag("rfc2181")
  Stream<DynamicTest> rfc2181() {
    return ScenarioRun.of("rfc2181");
  }

  @TestFactory
  @Tag("rfc2308")
  Stream<DynamicTest> rfc2308() {
    return ScenarioRun.of("rfc2308");
  }

  @TestFactory
  @Tag("rfc4592")
  Stream<DynamicTest> rfc4592() {
    return ScenarioRun.of("rfc4592");
  }

  @TestFactory
  @Tag("rfc6604")
  Stream<DynamicTest> rfc6604() {
    return ScenarioRun.of("rfc6604");
  }

  @TestFactory
  @Tag("rfc6672")
  Stream<DynamicTest> rfc6672() {
    return ScenarioRun.of("rfc6672");
  }

  @TestFactory
  Stream<DynamicTest> chains() {
    return ScenarioRun.of("chains");
  }

  @TestFactory
  @Tag("rfc8482")
  Stream<DynamicTest> rfc8482() {
    return ScenarioRun.of("rfc8482");
  }

  @TestFactory
  @Tag("rfc6891")
  Stream<DynamicTest> rfc6891() {
    return ScenarioRun.of("rfc6891");
  }

  @TestFactory
  @Tag("rfc8906")
  Stream<DynamicTest> rfc8906() {
    return ScenarioRun.of("rfc8906");
  }

  @TestFactory
  @Tag("rfc8020")
  Stream<DynamicTest> rfc8020() {
    return ScenarioRun.of("rfc8020");
  }

  @TestFactory
  @Tag("rfc9460")
  Stream<DynamicTest> rfc9460() {
    return ScenarioRun.of("rfc9460");
  }

  @TestFactory
  @Tag("rfc9471")
  Stream<DynamicTest> rfc9471() {
    return ScenarioRun.of("rfc9471");
  }

  @TestFactory
  @Tag("rfc3597")
  Stream<DynamicTest> rfc3597() {
    return ScenarioRun.of("rfc3597");
  }

  @TestFactory
  Stream<DynamicTest> nested() {
    return ScenarioRun.of("nested");
  }

  @TestFactory
  Stream<DynamicTest> root() {
    return ScenarioRun.of("root");
  }

  @TestFactory
  Stream<DynamicTest> tld() {
    return ScenarioRun.of("tld");
  }

  @TestFactory
  Stream<DynamicTest> names() {
    return ScenarioRun.of("names");
  }

  @TestFactory
  @Tag("rfc4035")
  Stream<DynamicTest> rfc4035() {
    return ScenarioRun.of("rfc4035");
  }

  @TestFactory
  @Tag("rfc5155")
  Stream<DynamicTest> rfc5155() {
    return ScenarioRun.of("rfc5155");
  }

  @Test
  void everyScenarioFileHasItsFactory() throws IOException {
    Set<String> factories = new TreeSet<>();
    for (Method method : ScenarioTest.class.getDeclaredMethods()) {
      if (method.isAnnotationPresent(TestFactory.class)) {
        factories.add(method.getName() + ".txt");
      }
    }
    Set<String> files = new TreeSet<>();
    try (Stream<Path> all = Files.list(ScenarioRun.folder())) {
      all.map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".txt"))
          .forEach(files::add);
    }

    assertThat(factories).isEqualTo(files);
  }
}
