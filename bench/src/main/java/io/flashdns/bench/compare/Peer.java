package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Other servers, each with as little configuration as serves the zones: as its package ships it,
 * without transfers, control channel and logs, with minimal responses, with room for the TCP
 * connections that are measured.
 */
enum Peer implements Contender {
  KNOT("knot", "knotd", "knot", "-V") {
    @Override
    List<String> command(Path program, Site site) throws IOException {
      StringBuilder text =
          new StringBuilder(
              """
              server:
                listen: [127.0.0.1@%1$d]
                rundir: %2$s
                udp-workers: %3$d
                tcp-workers: %3$d
                background-workers: 2
              log:
                - target: stderr
                  any: error
              database:
                storage: %2$s
              template:
                - id: default
                  storage: %4$s
                  zonefile-sync: -1
                  journal-content: none
              zone:
              """
                  .formatted(site.port(), site.folder(), site.workers(), site.zones().folder()));
      zones(text, site, "  - domain: \"%s\"\n    file: \"%s\"\n");
      return run(program, site, "knot.conf", text, "-c");
    }
  },
  NSD("nsd", "nsd", "nsd", "-v") {
    @Override
    List<String> command(Path program, Site site) throws IOException {
      StringBuilder text =
          new StringBuilder(
              """
              server:
                ip-address: 127.0.0.1@%1$d
                username: ""
                database: ""
                server-count: %3$d
                reuseport: %5$s
                tcp-count: 1000
                pidfile: %2$s/nsd.pid
                zonesdir: %4$s
                xfrdfile: %2$s/xfrd.state
                zonelistfile: %2$s/zone.list
                xfrdir: %2$s
                logfile: %2$s/nsd.log
                round-robin: no
                minimal-responses: yes
                rrl-ratelimit: 0
              remote-control:
                control-enable: no
              """
                  .formatted(
                      site.port(),
                      site.folder(),
                      site.workers(),
                      site.zones().folder(),
                      site.workers() > 1 ? "yes" : "no"));
      zones(text, site, "zone:\n  name: \"%s\"\n  zonefile: \"%s\"\n");
      return run(program, site, "nsd.conf", text, "-d", "-c");
    }
  },
  BIND("bind", "named", "bind9", "-v") {
    @Override
    List<String> command(Path program, Site site) throws IOException {
      StringBuilder text =
          new StringBuilder(
              """
              options {
                directory "%2$s";
                listen-on port %1$d { 127.0.0.1; };
                listen-on-v6 { none; };
                recursion no;
                pid-file none;
                session-keyfile none;
                managed-keys-directory "%2$s";
                minimal-responses yes;
                notify no;
                tcp-clients 1000;
                empty-zones-enable no;
                check-integrity no;
                check-names primary ignore;
                check-mx ignore;
                check-spf ignore;
                check-srv-cname ignore;
                check-mx-cname ignore;
              };
              controls { };
              logging { channel errors { stderr; severity warning; }; category default { errors; }; };
              """
                  .formatted(site.port(), site.folder()));
      zones(text, site, bindZone("primary", site));
      return run(
          program, site, "named.conf", text, "-f", "-n", Integer.toString(site.workers()), "-c");
    }
  },
  POWERDNS("powerdns", "pdns_server", "pdns-server and pdns-backend-bind", "--version") {
    @Override
    List<String> command(Path program, Site site)
        throws IOException, CompareException, InterruptedException {
      StringBuilder zones = new StringBuilder();
      zones(zones, site, bindZone("master", site));
      Files.writeString(site.folder().resolve("zones.conf"), zones);
      Files.writeString(
          site.folder().resolve("pdns.conf"),
          """
          launch=bind
          bind-config=%2$s/zones.conf
          local-address=127.0.0.1
          local-port=%1$d
          socket-dir=%2$s
          receiver-threads=%3$d
          distributor-threads=1
          reuseport=%4$s
          max-tcp-connections=1000
          loglevel=3
          %5$s
          """
              .formatted(
                  site.port(),
                  site.folder(),
                  site.workers(),
                  site.workers() > 1 ? "yes" : "no",
                  site.signed() ? "bind-dnssec-db=" + site.file(SIGNED_ZONES) : ""));
      if (site.signed()) {
        presigned(site);
      }
      return List.of(
          program.toString(),
          "--config-dir=" + site.folder(),
          "--daemon=no",
          "--guardian=no",
          "--disable-syslog");
    }
  };

  private static final String SIGNED_ZONES = "signed.db";

  /** SHA-1, no flags, no further iterations, no salt: as {@link SignedZones} are signed. */
  private static final String NSEC3_PARAMETERS = "1 0 0 -";

  private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+[0-9A-Za-z.+~-]*");

  private final String title;
  private final String program;
  private final String packages;
  private final String versionFlag;

  Peer(String title, String program, String packages, String versionFlag) {
    this.title = title;
    this.program = program;
    this.packages = packages;
    this.versionFlag = versionFlag;
  }

  /** The peer of a name; null when there is none. */
  static @Nullable Peer ofTitle(String title) {
    for (Peer peer : values()) {
      if (peer.title.equals(title.toLowerCase(Locale.ROOT))) {
        return peer;
      }
    }
    return null;
  }

  abstract List<String> command(Path program, Site site)
      throws IOException, CompareException, InterruptedException;

  @Override
  public String title() {
    return title;
  }

  @Override
  public @Nullable String missing() {
    return Contender.find(program) == null
        ? "%s is left out: the program %s is not there, install the Debian package %s"
            .formatted(title, program, packages)
        : null;
  }

  @Override
  public String version() throws InterruptedException {
    Matcher version = VERSION.matcher(Programs.said(List.of(path().toString(), versionFlag)));
    return version.find() ? version.group() : "unknown";
  }

  @Override
  public List<String> prepare(Site site)
      throws IOException, CompareException, InterruptedException {
    return command(path(), site);
  }

  private Path path() {
    Path found = Contender.find(program);
    return found == null ? Path.of(program) : found;
  }

  /** PowerDNS takes signatures of a zone file for what they are only when a database says so. */
  private static void presigned(Site site)
      throws IOException, CompareException, InterruptedException {
    Path database = site.folder().resolve(SIGNED_ZONES);
    Path complete = site.folder().resolve("complete");
    if (Files.exists(complete)) {
      return;
    }
    Files.deleteIfExists(database);
    Path found = Contender.find("pdnsutil");
    String program = found == null ? "pdnsutil" : found.toString();
    String config = "--config-dir=" + site.folder();
    Programs.run(
        "making PowerDNS's database",
        site.folder(),
        List.of(program, config, "create-bind-db", database.toString()));
    for (String apex : site.zones().apexes()) {
      tell(site, List.of(program, config, "set-presigned", apex));
      if (site.zones().denial() == SignedZones.Denial.NSEC3) {
        tell(site, List.of(program, config, "set-nsec3", apex, NSEC3_PARAMETERS));
      }
    }
    Files.writeString(complete, "");
  }

  private static void tell(Site site, List<String> command)
      throws CompareException, InterruptedException {
    Programs.run("telling PowerDNS of a signed zone", site.folder(), command);
  }

  private static String bindZone(String type, Site site) {
    String folder = site.zones().folder().toString().replace("%", "%%");
    return "zone \"%s\" { type " + type + "; file \"" + folder + "/%s\"; };\n";
  }

  /** A line or more for each zone: {@code %s} is its apex, the second one its file. */
  private static void zones(StringBuilder text, Site site, String form) {
    for (String apex : site.zones().apexes()) {
      text.append(form.formatted(apex, ZoneFolder.fileName(apex)));
    }
  }

  private static List<String> run(
      Path program, Site site, String name, CharSequence text, String... flags) throws IOException {
    Path file = Files.writeString(site.folder().resolve(name), text);
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(flags));
    command.add(file.toString());
    return List.copyOf(command);
  }
}
