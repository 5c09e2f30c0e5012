package io.flashdns.management.client;

import io.flashdns.proto.v1.DeleteSettingsRequest;
import io.flashdns.proto.v1.DeleteSettingsResponse;
import io.flashdns.proto.v1.GetSettingsRequest;
import io.flashdns.proto.v1.ListSettingsRequest;
import io.flashdns.proto.v1.ListSettingsResponse;
import io.flashdns.proto.v1.Settings;
import io.flashdns.proto.v1.UpdateSettingsRequest;
import io.flashdns.proto.v1.UpdateSettingsResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns settings}. */
@Command(
    name = "settings",
    header = "Settings: sections of the configuration that all nodes share.",
    description = {
      "A section that stands in the store takes the place of the one in each node's configuration"
          + " file, at once and without a restart. Two plugins have such sections: acl and"
          + " ratelimit. For operators of the platform.%n"
    },
    footer = {
      "  flashdns settings list",
      "  flashdns settings set ratelimit --file ratelimit.yaml --wait",
      "  flashdns settings reset ratelimit",
    },
    subcommands = {
      SettingsCommand.Listing.class,
      SettingsCommand.Show.class,
      SettingsCommand.Put.class,
      SettingsCommand.Reset.class
    })
final class SettingsCommand {
  private SettingsCommand() {}

  /** {@code flashdns settings list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists the sections that stand in the store.",
      description = "For all others each node's configuration file says what holds.%n",
      footer = {"  flashdns settings list"})
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) {
      Pages<Settings> settings =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListSettingsRequest request =
                    ListSettingsRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(list.filter)
                        .setOrderBy(list.order)
                        .build();
                ListSettingsResponse page =
                    session.ask(() -> session.settings().listSettings(request));
                return new Pages.Page<>(page.getSettingsList(), page.getNextPageToken());
              });
      List<Column<Settings>> columns =
          List.of(
              Column.of("SECTION", Settings::getSection),
              Column.of("CHANGED", one -> ZoneText.time(one.getUpdateTime())),
              Column.wide("BY", Settings::getUpdater),
              Column.wide("SETTINGS", one -> String.join("; ", one.getYaml().lines().toList())));
      session.printer().list(settings, columns, Settings::getSection);
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns settings show}. */
  @Command(
      name = "show",
      aliases = "get",
      header = "Shows a section that stands in the store.",
      description = "As a text that can be changed and given back to 'settings set'.%n",
      footer = {"  flashdns settings show ratelimit > ratelimit.yaml"})
  static final class Show extends ClientCommand {
    @Parameters(paramLabel = "SECTION", description = "acl or ratelimit.")
    private String section = "";

    @Override
    int run(Session session) throws Exception {
      GetSettingsRequest request = GetSettingsRequest.newBuilder().setSection(section).build();
      Settings found = session.ask(() -> session.settings().getSettings(request)).getSettings();
      Printer printer = session.printer();
      switch (printer.form()) {
        case json, yaml -> printer.message(found);
        case name -> printer.out().println(Printable.text(found.getSection()));
        case table -> {
          if (!printer.isQuiet()) {
            String by = found.getUpdater() + ", " + ZoneText.time(found.getUpdateTime());
            printer.out().println(Printable.text("# " + found.getSection() + ", set by " + by));
          }
          found.getYaml().lines().forEach(line -> printer.out().println(Printable.text(line)));
        }
      }
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns settings set}. */
  @Command(
      name = "set",
      aliases = "update",
      header = "Gives a section to all nodes.",
      description = {
        "All of it: a key that is left out has its default, whatever the configuration files say."
            + " The text is checked as 'flashdns check' checks a file; what is wrong is told, and"
            + " nothing is changed.%n"
      },
      footer = {
        "  flashdns settings set ratelimit --file ratelimit.yaml --dry-run",
        "  flashdns settings set ratelimit --file - --wait < ratelimit.yaml",
      })
  static final class Put extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "SECTION", description = "acl or ratelimit.")
    private String section = "";

    @Option(
        names = {"-f", "--file"},
        required = true,
        paramLabel = "FILE",
        description = {
          "What stands below the plugin's name in a configuration file, without that name; - is"
              + " standard input."
        })
    private Path file = Path.of("-");

    @Override
    int run(Session session) throws Exception {
      String yaml =
          file.toString().equals("-")
              ? new String(session.console().in().readAllBytes(), StandardCharsets.UTF_8)
              : LocalFiles.read(file);
      UpdateSettingsRequest request =
          UpdateSettingsRequest.newBuilder()
              .setSection(section)
              .setYaml(yaml)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UpdateSettingsResponse answer = session.ask(() -> session.settings().updateSettings(request));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), section, "settings of " + section + " set");
    }

    @Override
    String argumentOf(String path) {
      return switch (path) {
        case "section" -> "SECTION";
        case "yaml" -> file.toString().equals("-") ? "standard input" : file.toString();
        default -> "";
      };
    }
  }

  /** {@code flashdns settings reset}. */
  @Command(
      name = "reset",
      aliases = {"delete", "rm"},
      header = "Takes a section out of the store.",
      description = "Asks first. Each node's configuration file says again what holds.%n",
      footer = {"  flashdns settings reset ratelimit --yes --wait"})
  static final class Reset extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "SECTION", description = "acl or ratelimit.")
    private String section = "";

    @Override
    int run(Session session) throws Exception {
      if (!change.dryRun) {
        Confirmation.ask(
            session, change, "let each node's file say again what holds for " + section + "?");
      }
      DeleteSettingsRequest request =
          DeleteSettingsRequest.newBuilder()
              .setSection(section)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      DeleteSettingsResponse answer = session.ask(() -> session.settings().deleteSettings(request));
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          section,
          "settings of " + section + " are each node's own again");
    }
  }
}
