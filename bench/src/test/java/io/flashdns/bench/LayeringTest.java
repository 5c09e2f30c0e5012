package io.flashdns.bench;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import org.junit.jupiter.api.Test;

// THINK HARD BEFORE YOU CHANGE A RULE BELOW.
//
// These arrows are what keeps six modules six. Each was drawn so that one sentence stays true:
//
//   core        can be embedded and tested without a socket, and a stranger's plugin needs nothing
// else;
//   transport   is the only place where bytes meet Netty, so another transport can stand beside it;
//   plugins     of ours have no door that a stranger's plugin lacks;
//   management  is the sink: it knows everybody and nobody knows it, so a slim node can leave parts
// of it out;
//               inside it, what serves the API sees stores and zones, never the engine's sockets.
//
// A build that fails here has usually found a class in the wrong module. Move the class. If a rule
// itself is wrong,
// change it in a commit of its own, with the reason in ARCHITECTURE.md.
//
// It stands in bench because bench is the one module that depends on all others.

/** The arrows between modules and the names that this code base does not use. */
class LayeringTest {
  private static final String CORE = "io.flashdns.core..";
  private static final String TRANSPORT = "io.flashdns.transport..";
  private static final String PLUGINS = "io.flashdns.plugins..";
  private static final String MANAGEMENT = "io.flashdns.management..";
  private static final String OPERATIONS = "io.flashdns.management.operations..";
  private static final String PROTO = "io.flashdns.proto..";
  private static final String BENCH = "io.flashdns.bench..";
  private static final String ETCD_CLIENT = "io.flashdns.management.etcd.Etcd";

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.flashdns");

  /** A rule over no classes always holds. This test is what makes the others mean something. */
  @Test
  void everyModuleIsSeen() {
    for (var module : Set.of(CORE, TRANSPORT, PLUGINS, MANAGEMENT, PROTO, BENCH)) {
      assertThat(OURS.that(resideInAPackage(module))).as(module).isNotEmpty();
    }
  }

  @Test
  void everyClassBelongsToAModule() {
    holds(
        classes().should().resideInAnyPackage(CORE, TRANSPORT, PLUGINS, MANAGEMENT, PROTO, BENCH));
  }

  @Test
  void coreKnowsTheJdkAndThreeLibraries() {
    holds(
        classes()
            .that()
            .resideInAPackage(CORE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                CORE,
                "java..",
                // Allocated bytes of a thread, for the embedded server.
                "com.sun.management..",
                "org.jspecify..",
                "com.github.benmanes.caffeine..",
                "org.xbill.."));
  }

  @Test
  void onlyZoneFilesSpeakThroughDnsjava() {
    holds(
        noClasses()
            .that(
                resideInAPackage("io.flashdns..")
                    .and(not(resideInAnyPackage("io.flashdns.core.zonefile", BENCH))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.xbill.."));
  }

  @Test
  void coreOpensNoSocket() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(CORE)
            .should()
            .dependOnClassesThat(
                describe(
                    "open sockets",
                    c ->
                        (c.getPackageName().equals("java.net")
                                && c.getSimpleName().contains("Socket")
                                && !c.getSimpleName().endsWith("SocketAddress"))
                            || (c.getPackageName().equals("java.nio.channels")
                                && (c.getSimpleName().contains("Socket")
                                    || c.getSimpleName().contains("DatagramChannel"))))));
  }

  @Test
  void transportKnowsCoreAndNetty() {
    holds(
        classes()
            .that()
            .resideInAPackage(TRANSPORT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                TRANSPORT,
                CORE,
                "java..",
                // The limit of file descriptors.
                "com.sun.management..",
                "org.jspecify..",
                "io.netty.."));
  }

  @Test
  void etcdIsSpokenToInOnePackage() {
    holds(
        noClasses()
            .that(
                resideInAPackage("io.flashdns..")
                    .and(not(resideInAnyPackage("io.flashdns.management.etcd.."))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.etcd..", "io.vertx.."));
  }

  @Test
  void nettyStaysInTransportAndUnderGrpc() {
    holds(
        noClasses()
            .that(
                resideInAPackage("io.flashdns..")
                    .and(not(resideInAnyPackage(TRANSPORT, "io.flashdns.management.grpc..", BENCH)))
                    // etcd's client takes its certificates by Netty's builder, and by nothing else.
                    .and(describe("is not etcd's client", c -> !c.getName().equals(ETCD_CLIENT))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void pluginsKnowCoreAlone() {
    holds(
        classes()
            .that()
            .resideInAPackage(PLUGINS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(PLUGINS, CORE, "java..", "org.jspecify.."));
  }

  @Test
  void protoKnowsNothingOfOurs() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(PROTO)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CORE, TRANSPORT, PLUGINS, MANAGEMENT, BENCH));
  }

  @Test
  void nothingDependsOnManagement() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(MANAGEMENT, BENCH)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(MANAGEMENT));
  }

  @Test
  void nothingDependsOnBench() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage(BENCH)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BENCH));
  }

  @Test
  void insideManagementOnlyTheServerKnowsTransport() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(MANAGEMENT)
            .and()
            .resideOutsideOfPackage("io.flashdns.management.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(TRANSPORT)
            // Holds from the first class beside .server on.
            .allowEmptyShould(true));
  }

  @Test
  void operationsKnowTheEngineAndTheFormatOfMetrics() {
    holds(
        classes()
            .that()
            .resideInAPackage(OPERATIONS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                OPERATIONS,
                "io.flashdns.core.engine..",
                "io.flashdns.core.plugin..",
                "java..",
                // The JDK's own HTTP server, and its numbers of the process.
                "com.sun.net.httpserver..",
                "com.sun.management..",
                "org.jspecify..",
                "org.slf4j..",
                "io.prometheus.."));
  }

  @Test
  void onlyOperationsSpeakHttpAndPrometheus() {
    holds(
        noClasses()
            .that(resideInAPackage("io.flashdns..").and(not(resideInAnyPackage(OPERATIONS, BENCH))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.sun.net.httpserver..", "io.prometheus.."));
  }

  @Test
  void insideManagementOnlyTheServerKnowsOperations() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(MANAGEMENT)
            .and()
            .resideOutsideOfPackages(OPERATIONS, "io.flashdns.management.server..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(OPERATIONS)
            // Holds from the first class beside these two on.
            .allowEmptyShould(true));
  }

  @Test
  void insideManagementGrpcDoesNotKnowTheEngine() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.flashdns.management.grpc..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.flashdns.core.engine..", TRANSPORT)
            // Holds from the first class of that package on.
            .allowEmptyShould(true));
  }

  /** Packages named after what they are not: the class belongs to the concept that it serves. */
  @Test
  void noPackageIsADrawer() {
    holds(
        noClasses()
            .should()
            .resideInAnyPackage(
                "..util..", "..utils..", "..common..", "..impl..", "..helper..", "..helpers.."));
  }

  @Test
  void noClassIsAManagerOrAbstract() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage(PROTO)
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameStartingWith("Abstract"));
  }

  @Test
  void nobodyUsesUnsafe() {
    holds(
        noClasses()
            .should()
            .dependOnClassesThat(
                // Netty's Channel.Unsafe is the transport half of a channel and touches no memory.
                describe(
                    "are an Unsafe of the JDK",
                    (JavaClass c) ->
                        c.getSimpleName().equals("Unsafe")
                            && !c.getPackageName().startsWith("io.netty.channel"))));
  }

  private static void holds(ArchRule rule) {
    rule.check(OURS);
  }
}
