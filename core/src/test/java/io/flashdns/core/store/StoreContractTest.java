package io.flashdns.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit against the plainest store, and against stores that are wrong in one way each. */
class StoreContractTest {
  @TestFactory
  Stream<DynamicTest> thePlainestStoreKeepsTheContract() {
    return StoreContract.claims(MemoryHarness::new).stream()
        .map(claim -> DynamicTest.dynamicTest(claim.name(), claim::run));
  }

  @ParameterizedTest
  @EnumSource
  void aWrongStoreIsCaught(MemoryStore.Fault fault) {
    List<String> caught = new ArrayList<>();
    for (StoreContract.Claim claim : StoreContract.claims(() -> new MemoryHarness(fault))) {
      try {
        claim.run();
      } catch (AssertionError | Exception e) {
        caught.add(claim.name() + ": " + e.getMessage());
        break;
      }
    }
    assertThat(caught).as("claims that fail for %s", fault).isNotEmpty();
  }

  @Test
  void claimsHaveNamesOfTheirOwn() {
    List<StoreContract.Claim> claims = StoreContract.claims(MemoryHarness::new);
    Set<String> names = new HashSet<>();
    for (StoreContract.Claim claim : claims) {
      assertThat(names.add(claim.name())).as(claim.name()).isTrue();
    }
    assertThat(claims).hasSizeGreaterThanOrEqualTo(60);
  }
}
