package io.flashdns.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.bench.compare.Contender.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written for each server, and how it is called. */
class PeerTest {
  @TempDir Path folder;
  private Path zones = Path.of("");
  private Path home = Path.of("");

  @BeforeEach
  void zones() throws IOException {
    zones = Files.createDirectories(folder.resolve("zones"));
    home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(zones.resolve("b.test.zone"), "");
    Files.writeString(zones.resolve("root.zone"), "");
    Files.writeString(zones.resolve("a.test.zone"), "");
    Files.writeString(zones.resolve("README"), "");
  }

  private Site site(int workers) throws CompareException {
    return new Site(home, ZoneFolder.of(zones), 5400, workers);
  }

  @Test
  void folderHasItsZonesInOrderAndTheRoot() throws CompareException {
    assertThat(ZoneFolder.of(zones).apexes()).containsExactly(".", "a.test", "b.test");
    assertThat(ZoneFolder.of(zones).probe()).isEqualTo("b.test");
  }

  @Test
  void folderWithoutZonesIsRefused() {
    assertThatThrownBy(() -> ZoneFolder.of(home))
        .isInstanceOf(CompareException.class)
        .hasMessage("no file APEX.zone is in " + home);
    assertThatThrownBy(() -> ZoneFolder.of(folder.resolve("none")))
        .hasMessageStartingWith("there is no folder ");
  }

  @Test
  void knotHasItsWorkersAndAllZones() throws Exception {
    List<String> command = Peer.KNOT.prepare(site(2));

    assertThat(command).endsWith("-c", home.resolve("knot.conf").toString());
    assertThat(home.resolve("knot.conf"))
        .content()
        .contains(
            "listen: [127.0.0.1@5400]",
            "udp-workers: 2",
            "tcp-workers: 2",
            "storage: " + zones,
            "  - domain: \".\"\n    file: \"root.zone\"\n",
            "  - domain: \"b.test\"\n    file: \"b.test.zone\"\n");
  }

  @Test
  void nsdHasItsWorkersAndAllZones() throws Exception {
    List<String> command = Peer.NSD.prepare(site(1));

    assertThat(command).contains("-d");
    assertThat(home.resolve("nsd.conf"))
        .content()
        .contains(
            "ip-address: 127.0.0.1@5400",
            "server-count: 1",
            "reuseport: no",
            "zonesdir: " + zones,
            "zone:\n  name: \"a.test\"\n  zonefile: \"a.test.zone\"\n");
  }

  @Test
  void bindHasItsWorkersOnTheCommandLine() throws Exception {
    List<String> command = Peer.BIND.prepare(site(2));

    assertThat(command).containsSubsequence("-f", "-n", "2", "-c");
    assertThat(home.resolve("named.conf"))
        .content()
        .contains(
            "listen-on port 5400 { 127.0.0.1; };",
            "zone \"a.test\" { type primary; file \"%s/a.test.zone\"; };".formatted(zones));
  }

  @Test
  void powerDnsServesFilesOfBind() throws Exception {
    List<String> command = Peer.POWERDNS.prepare(site(2));

    assertThat(command).contains("--config-dir=" + home, "--daemon=no");
    assertThat(home.resolve("pdns.conf"))
        .content()
        .contains("local-port=5400", "receiver-threads=2", "reuseport=yes");
    assertThat(home.resolve("zones.conf"))
        .content()
        .contains("zone \".\" { type master; file \"%s/root.zone\"; };".formatted(zones));
  }

  @Test
  void flashDnsIsStartedByItsLauncherWithPortsOfItsOwn() throws Exception {
    FlashDns build = new FlashDns("flashdns", folder.resolve("dist"), folder.resolve("cache"));

    assertThat(build.prepare(site(1)))
        .startsWith(folder.resolve("dist/bin/flashdns").toString(), "serve")
        .containsSubsequence("--zones", zones.toString(), "--listen", "127.0.0.1:5400")
        .containsSubsequence("--workers", "1", "--data", home.resolve("data").toString())
        .containsSubsequence("--operations", "127.0.0.1:0");
    assertThat(build.missing())
        .isEqualTo(
            "%s is no distribution, it has no bin/flashdns".formatted(folder.resolve("dist")));
  }

  @Test
  void processorsAreReadAsTheKernelWritesThem() {
    assertThat(Cores.parse("0-2,5,7-8")).containsExactly(0, 1, 2, 5, 7, 8);
  }

  @Test
  void serverAndGeneratorHaveProcessorsOfTheirOwnWhereThereAreEnough() {
    Cores four = new Cores(List.of(0, 1, 2, 3));
    Cores two = new Cores(List.of(4, 6));

    assertThat(List.of(four.server(1), four.generator(1))).containsExactly("0", "1,2,3");
    assertThat(List.of(four.server(2), four.generator(2))).containsExactly("0,1", "2,3");
    assertThat(List.of(two.server(1), two.generator(1))).containsExactly("4", "6");
    assertThat(List.of(two.server(2), two.generator(2))).containsExactly("4,6", "6");
    assertThat(two.isShared(1)).isFalse();
    assertThat(two.isShared(2)).isTrue();
  }

  @Test
  void probeIsAnsweredByAnAuthoritativeAnswerAlone() {
    byte[] query = ServerProcess.probe("a.test");
    byte[] reply = query.clone();
    assertThat(ServerProcess.isAnswer(reply, reply.length)).as("the query itself").isFalse();
    reply[2] = (byte) 0x84;
    assertThat(ServerProcess.isAnswer(reply, reply.length)).as("no answer record").isFalse();
    reply[7] = 1;
    assertThat(ServerProcess.isAnswer(reply, reply.length)).isTrue();
    reply[3] = 2;
    assertThat(ServerProcess.isAnswer(reply, reply.length)).as("SERVFAIL").isFalse();
    assertThat(ServerProcess.isAnswer(reply, 11)).isFalse();
  }
}
