package io.flashdns.management.client;

import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.Zone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Completion of commands, options and names by the shell. */
final class CompletionCommands {
  private CompletionCommands() {}

  /** {@code flashdns completion}. */
  @Command(
      name = "completion",
      header = "Prints a script by which the shell completes commands and names.",
      description = "Names of zones, records and contexts are asked for at the server.%n",
      footer = {
        "  source <(flashdns completion bash)",
        "  flashdns completion zsh > ~/.zsh/flashdns && echo 'source ~/.zsh/flashdns' >> ~/.zshrc",
      })
  static final class Script extends ClientCommand {
    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private String shell = "";

    @Override
    int run(Session session) throws ClientException {
      if (!shell.equals("bash") && !shell.equals("zsh")) {
        throw ClientException.usage(
            "completion is there for bash and zsh, not for '" + shell + "'");
      }
      String script = AutoComplete.bash("flashdns", spec.root().commandLine());
      session.printer().out().print(script);
      session.printer().out().print(NAMES);
      return ExitStatus.OK;
    }

    /**
     * Takes over where picocli's function found no option or command: names that the server knows.
     */
    private static final String NAMES =
        """

        # Names that the server knows, where commands and options are exhausted.
        _flashdns_with_names() {
          COMPREPLY=()
          local cur="${COMP_WORDS[COMP_CWORD]}"
          case "$cur" in
            -*) ;;
            *)
              case "${COMP_WORDS[1]}" in
                zone | record | export | diff | history | rollback | watch | context)
                  local IFS=$'\\n'
                  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
                  COMPREPLY=($(timeout 2 flashdns __complete -- "${words[@]}" 2>/dev/null))
                  ;;
              esac
              ;;
          esac
          if [ "${#COMPREPLY[@]}" -eq 0 ]; then
            _complete_flashdns
          fi
        }
        complete -o default -F _flashdns_with_names flashdns
        """;
  }

  /** {@code flashdns __complete}: names that go on from what was typed, one a line. */
  @Command(
      name = "__complete",
      hidden = true,
      header = "Names for the completion of the shell.",
      description = "Silent when anything goes wrong, and over within a second.%n",
      footer = {"  flashdns __complete -- zone get exa"})
  static final class Names extends ClientCommand {
    private static final Duration PATIENCE = Duration.ofMillis(900);
    private static final int MOST = 200;
    private static final int MOST_ZONES = 5;

    @Parameters(
        arity = "0..*",
        paramLabel = "WORD",
        description = "The words of the command line, the last one as far as it was typed.")
    private List<String> words = new ArrayList<>();

    @Override
    int run(Session session) {
      session.waitAtMost(PATIENCE);
      try {
        for (String name : names(session)) {
          session.printer().out().println(name);
        }
      } catch (ClientException | RuntimeException _) {
        // There is nobody to tell.
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      return ExitStatus.OK;
    }

    private Set<String> names(Session session) throws ClientException, InterruptedException {
      if (words.size() < 2) {
        return Set.of();
      }
      String typed = words.getLast();
      boolean isGroup = Set.of("zone", "record", "context").contains(words.getFirst());
      boolean isFirstArgument = words.size() == (isGroup ? 3 : 2);
      String group = words.getFirst();
      if (words.get(words.size() - 2).equals("--zone")) {
        return zones(session, typed, MOST);
      }
      if (group.equals("context")) {
        Set<String> names = new LinkedHashSet<>();
        for (String name : ClientConfig.read(session.console()).contexts().keySet()) {
          if (isFirstArgument && name.startsWith(typed)) {
            names.add(name);
          }
        }
        return names;
      }
      if (group.equals("watch") || (isFirstArgument && !group.equals("record"))) {
        return zones(session, typed, MOST);
      }
      if (!isFirstArgument) {
        return Set.of();
      }
      Set<String> names = zones(session, typed, MOST);
      return words.get(1).matches("list|ls") ? names : records(session, typed, names);
    }

    private static Set<String> records(Session session, String typed, Set<String> zones)
        throws InterruptedException {
      Set<String> names = new LinkedHashSet<>(zones);
      int dot = typed.indexOf('.');
      String below = dot < 0 ? "" : typed.substring(dot + 1);
      for (String zone : dot < 0 ? Set.<String>of() : zones(session, below, MOST_ZONES)) {
        ListRecordsRequest request =
            ListRecordsRequest.newBuilder()
                .setZone(
                    io.flashdns.proto.v1.ZoneRef.newBuilder()
                        .setName(io.flashdns.proto.v1.ZoneName.newBuilder().setApex(zone + ".")))
                .setFilter(new Filters().text("name", typed + "*").text())
                .setPageSize(MOST)
                .build();
        for (Record record :
            session.ask(() -> session.records().listRecords(request)).getRecordsList()) {
          names.add(withoutDot(record.getName()));
        }
      }
      return names;
    }

    private static Set<String> zones(Session session, String typed, int most)
        throws InterruptedException {
      ListZonesRequest request =
          ListZonesRequest.newBuilder()
              .setFilter(typed.isEmpty() ? "" : new Filters().text("name", typed + "*").text())
              .setPageSize(most)
              .build();
      Set<String> names = new LinkedHashSet<>();
      for (Zone zone : session.ask(() -> session.zones().listZones(request)).getZonesList()) {
        names.add(withoutDot(zone.getName().getApex()));
      }
      return names;
    }

    private static String withoutDot(String name) {
      return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
  }
}
