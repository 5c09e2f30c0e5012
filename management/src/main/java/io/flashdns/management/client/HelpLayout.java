package io.flashdns.management.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** How the help of client commands looks: what is special to a command stands first. */
final class HelpLayout {
  private static final int WIDTH = 100;

  /** Options that every command has, in the order of the help. */
  private static final List<String> COMMON =
      List.of(
          "--output",
          "--no-headers",
          "--quiet",
          "--context",
          "--server",
          "--token-file",
          "--ca",
          "--cert",
          "--key",
          "--timeout",
          "--help",
          "--version");

  private HelpLayout() {}

  /** Sets it for a command and all below it. */
  static void prepare(CommandLine line, CommandSpec root) {
    CommandSpec spec = line.getCommandSpec();
    spec.mixinStandardHelpOptions(true);
    spec.versionProvider(root.versionProvider());
    UsageMessageSpec usage = spec.usageMessage();
    usage.synopsisHeading("%nUsage: ");
    usage.abbreviateSynopsis(true);
    usage.descriptionHeading("%n");
    usage.parameterListHeading("Parameters:%n");
    usage.commandListHeading("%nCommands:%n");
    usage.footerHeading("%nExamples:%n");
    usage.width(WIDTH);
    usage.autoWidth(true);
    if (spec.subcommands().isEmpty()) {
      usage.optionListHeading("");
      usage.exitCodeListHeading("%nExit status:%n");
      Map<String, String> statuses = new LinkedHashMap<>();
      for (String entry : ExitStatus.lines()) {
        int colon = entry.indexOf(':');
        statuses.put(entry.substring(0, colon), entry.substring(colon + 1));
      }
      usage.exitCodeList(statuses);
      usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpLayout::options);
    } else {
      usage.optionListHeading("Options:%n");
      usage.synopsisSubcommandLabel("COMMAND");
    }
    spec.subcommands().values().forEach(below -> prepare(below, root));
  }

  private static String options(Help help) {
    List<OptionSpec> own = new ArrayList<>();
    List<OptionSpec> common = new ArrayList<>();
    for (OptionSpec option : help.commandSpec().options()) {
      (COMMON.contains(option.longestName()) ? common : own).add(option);
    }
    common.sort((a, b) -> COMMON.indexOf(a.longestName()) - COMMON.indexOf(b.longestName()));
    own.sort((a, b) -> a.longestName().compareTo(b.longestName()));
    boolean hasParameters = !help.commandSpec().positionalParameters().isEmpty();
    return (own.isEmpty()
            ? ""
            : (hasParameters ? "%nOptions:%n" : "Options:%n").formatted() + list(help, own))
        + (own.isEmpty() && !hasParameters ? "" : "%n".formatted())
        + "Options of every command:%n".formatted()
        + list(help, common);
  }

  private static String list(Help help, List<OptionSpec> options) {
    Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
    layout.addAllOptions(options, help.createDefaultParamLabelRenderer());
    return layout.toString();
  }
}
