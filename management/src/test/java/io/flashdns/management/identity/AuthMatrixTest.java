package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.flashdns.management.identity.ForgedTokens.Forged;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Forged credentials against two issuers that run: none is taken, and to say so is cheap. */
class AuthMatrixTest {
  private static final InetSocketAddress SOMEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4_711);
  private static final int MIN_CASES = 300;
  private static final long MAX_DENIAL_NANOS = 1_000_000;
  private static final long MAX_DENIAL_BYTES = 64 * 1_024;

  private static final TestClock CLOCK = new TestClock();
  private static RealIssuer rsa;
  private static RealIssuer ec;
  private static ForgedTokens forged;
  private static Authenticators authenticators;

  @BeforeAll
  static void start() throws Exception {
    rsa = RealIssuer.rsa("tenants");
    ec = RealIssuer.ec("clusters");
    forged = new ForgedTokens(rsa, ec, CLOCK.instant());
    authenticators = new Authenticators(forged.configs(), (_, _) -> null, CLOCK);
  }

  @AfterAll
  static void stop() {
    authenticators.close();
    rsa.close();
    ec.close();
  }

  static Stream<Forged> forged() {
    return forged.all().stream();
  }

  @ParameterizedTest
  @MethodSource("forged")
  void forgedCredentialsAreRefusedForWhatIsWrongWithThem(Forged one) {
    long before = authenticators.refusals().count(one.expected());
    assertThatThrownBy(() -> call(one.authorization()))
        .isInstanceOf(UnauthenticatedException.class)
        .message()
        .hasSizeBetween(20, 400);
    assertThat(authenticators.refusals().count(one.expected()))
        .as("refused as %s", one.expected())
        .isEqualTo(before + 1);
  }

  @ParameterizedTest
  @MethodSource("forged")
  void refusalsTellNothingOfTheTokenButItsIssuer(Forged one) {
    String told = told(one);
    for (String value : one.authorization()) {
      for (String part : value.split("[ .,]+")) {
        if (part.length() > 12) {
          assertThat(told).doesNotContain(part);
        }
      }
    }
    assertThat(told).doesNotContain("alice", "console", "root").matches("\\P{Cntrl}*");
  }

  @Test
  void whatTheyAreMadeOfIsTaken() {
    for (String honest : forged.honest()) {
      assertThatCode(() -> call(List.of(honest))).doesNotThrowAnyException();
    }
  }

  @Test
  void thereAreEnoughCasesForEveryReason() {
    assertThat(forged.all()).hasSizeGreaterThanOrEqualTo(MIN_CASES);
    Set<Refusal> seen = forged().map(Forged::expected).collect(Collectors.toSet());
    Set<Refusal> all = EnumSet.allOf(Refusal.class);
    all.removeAll(
        // Not of a header; and of an issuer that is down, which has tests of its own.
        EnumSet.of(Refusal.NO_CREDENTIALS, Refusal.CERTIFICATE, Refusal.KEYS_UNAVAILABLE));
    assertThat(seen).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void keysAreFetchedOnceWhateverIsSent() {
    for (Forged one : forged.all()) {
      told(one);
    }
    // Once at first; unknown key ids come within 30 seconds of that, by the clock of this test.
    assertThat(authenticators.keyFetches(rsa.url())).isEqualTo(1);
    assertThat(authenticators.keyFetches(ec.url())).isEqualTo(1);
    assertThat(authenticators.keyFetches("https://issuer.example")).isZero();
  }

  @Test
  void refusingIsCheap() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int rounds = 5;
    for (int i = 0; i < 4 * rounds; i++) {
      forged.all().forEach(AuthMatrixTest::told);
    }
    for (Forged one : forged.all()) {
      Credentials credentials = new Credentials(one.authorization(), List.of(), SOMEWHERE);
      long nanosEach = Long.MAX_VALUE;
      long bytesEach = Long.MAX_VALUE;
      // The best of some: what others do to the machine meanwhile is not the cost of a refusal.
      for (int batch = 0; batch < 4; batch++) {
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long nanos = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < rounds; i++) {
          refuse(credentials);
        }
        nanosEach = Math.min(nanosEach, (threads.getCurrentThreadCpuTime() - nanos) / rounds);
        bytesEach =
            Math.min(bytesEach, (threads.getCurrentThreadAllocatedBytes() - bytes) / rounds);
      }
      assertThat(nanosEach).as("CPU of '%s'", one).isLessThan(MAX_DENIAL_NANOS);
      assertThat(bytesEach).as("memory of '%s'", one).isLessThan(MAX_DENIAL_BYTES);
    }
  }

  private static String told(Forged one) {
    return refuse(new Credentials(one.authorization(), List.of(), SOMEWHERE));
  }

  private static String refuse(Credentials credentials) {
    try {
      throw new AssertionError(authenticators.authenticate(credentials).name());
    } catch (UnauthenticatedException e) {
      return e.getMessage();
    }
  }

  private static Principal call(List<String> authorization) throws UnauthenticatedException {
    return authenticators.authenticate(new Credentials(authorization, List.of(), SOMEWHERE));
  }
}
