package io.flashdns.core.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What every {@link ZoneStore} is held to, as claims that can be run: the test kit for whoever
 * writes a store. It needs no test framework; with JUnit a store's test is
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> keepsTheContract() {
 *   return StoreContract.claims(MyHarness::new).stream()
 *       .map(claim -> DynamicTest.dynamicTest(claim.name(), claim::run));
 * }
 * }</pre>
 *
 * <p>Every claim opens a fresh store of its own, and fails with an {@link AssertionError} that says
 * in a sentence what the store did and should have done. Most take milliseconds; those with many
 * writers or a large zone take seconds. Claims run one at a time, or several at once when the
 * harness allows it.
 */
public final class StoreContract {
  private StoreContract() {}

  /** A store under test, from fresh to closed. One claim uses it, from several threads. */
  public interface Harness extends AutoCloseable {
    /** The store as it is open now. */
    ZoneStore store();

    /**
     * Closes the store and opens it again, as a restart would: what was acknowledged is there.
     *
     * @return the store as it is open now
     */
    ZoneStore reopen() throws Exception;

    /**
     * Moves the clock that the store goes by.
     *
     * @return false when it cannot be moved: then claims about time are passed over
     */
    boolean advance(Duration time);

    /** Closes the store and removes what it kept. */
    @Override
    void close();
  }

  /** Opens fresh stores. */
  public interface HarnessFactory {
    /** A harness with a store that holds nothing. */
    Harness open() throws Exception;
  }

  /** What a claim does; it throws when the claim does not hold. */
  public interface Body {
    /** Runs it against a fresh store. */
    void run(Harness harness) throws Exception;
  }

  /**
   * One sentence about stores that can be tried.
   *
   * @param name in words, written together
   */
  public record Claim(String name, HarnessFactory factory, Body body) {
    /** Tries it. */
    public void run() throws Exception {
      try (Harness harness = factory.open()) {
        body.run(harness);
      }
    }
  }

  /** All claims, each against stores that {@code factory} opens. */
  public static List<Claim> claims(HarnessFactory factory) {
    List<Claim> claims = new ArrayList<>();
    Claims all = (name, body) -> claims.add(new Claim(name, factory, body));
    ContractChanges.addTo(all);
    ContractRequests.addTo(all);
    ContractRules.addTo(all);
    ContractHistory.addTo(all);
    ContractContent.addTo(all);
    ContractDocuments.addTo(all);
    ContractNames.addTo(all);
    ContractLoad.addTo(all);
    return List.copyOf(claims);
  }

  /** Takes claims. */
  interface Claims {
    void add(String name, Body body);
  }
}
