/**
 * Fuzzing of the packet path: whatever octets come, the server answers rightly or not at all.
 *
 * <p>Four ways in, one judge ({@link io.flashdns.core.fuzz.PacketProbe}), one catalog of awkward
 * zones ({@link io.flashdns.core.fuzz.FuzzCatalog}), with and without hooks that write options
 * ({@link io.flashdns.core.fuzz.FuzzHooks}):
 *
 * <ul>
 *   <li>the saved corpus, replayed in each build: {@link io.flashdns.core.fuzz.PacketFuzzTest} and
 *       {@link io.flashdns.core.fuzz.NameKeyFuzzTest};
 *   <li>coverage-guided fuzzing from that corpus on, by Jazzer, one test at a time:
 *       <pre>
 * JAZZER_FUZZ=1 JAZZER_MAX_DURATION=5m mvn -pl core -am test -Dtest=PacketFuzzTest
 * JAZZER_FUZZ=1 JAZZER_MAX_DURATION=5m mvn -pl core -am test -Dtest=NameKeyFuzzTest</pre>
 *   <li>messages made by a grammar and then damaged, a seed each ({@link
 *       io.flashdns.core.fuzz.GrammarFuzzTest}): 200,000 in each build, as many as you like by
 *       <pre>
 * mvn -pl core -am test -Dtest=GrammarFuzzTest -Dcampaign -Dflashdns.fuzz.executions=10000000 -Dflashdns.fuzz.seed=1
 *       </pre>
 *   <li>sweeps that leave nothing out: every type with every opcode, every seed cut at every octet.
 * </ul>
 *
 * <p>Output goes to {@code core/target/surefire-reports/*-output.txt}. A finding is a file with the
 * octets of the message: Jazzer puts it beside the corpus, the others into {@code
 * core/target/fuzz-findings}. Move it to {@code
 * src/test/resources/io/flashdns/core/fuzz/PacketFuzzTestInputs} under a name that says what it is,
 * mend the server, and leave the file there. The seeds are written by {@link
 * io.flashdns.core.fuzz.SeedCorpus}.
 */
@NullMarked
package io.flashdns.core.fuzz;

import org.jspecify.annotations.NullMarked;
