package io.flashdns.management.client;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** The client commands, to be added to the command line of the program. */
public final class ClientCommands {
  /** In the order of the help. */
  private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("login", LoginCommands.Login.class);
    COMMANDS.put("logout", LoginCommands.Logout.class);
    COMMANDS.put("whoami", LoginCommands.Whoami.class);
    COMMANDS.put("context", ContextCommand.class);
    COMMANDS.put("zone", ZoneCommand.class);
    COMMANDS.put("record", RecordCommand.class);
    COMMANDS.put("apply", ApplyCommand.class);
    COMMANDS.put("export", ZoneFileCommands.Export.class);
    COMMANDS.put("diff", ZonePastCommands.Diff.class);
    COMMANDS.put("history", ZonePastCommands.History.class);
    COMMANDS.put("rollback", ZonePastCommands.Rollback.class);
    COMMANDS.put("wait", WaitCommand.class);
    COMMANDS.put("watch", WatchCommand.class);
    COMMANDS.put("token", TokenCommand.class);
    COMMANDS.put("policy", PolicyCommand.class);
    COMMANDS.put("tenant", TenantCommand.class);
    COMMANDS.put("node", NodeCommand.class);
    COMMANDS.put("settings", SettingsCommand.class);
    COMMANDS.put("audit", AuditCommand.class);
    COMMANDS.put("completion", CompletionCommands.Script.class);
    COMMANDS.put("__complete", CompletionCommands.Names.class);
  }

  private ClientCommands() {}

  /** True for the name of one of these commands. */
  public static boolean isCommand(String name) {
    return COMMANDS.containsKey(name);
  }

  /**
   * Adds the commands that {@code arguments} may be about: the one that is named, all where help,
   * completion or a mistake may need them, none where a command is named that is there already.
   * Handlers, streams and the version are those of {@code root}, so this is called when they are
   * set.
   */
  public static void addTo(CommandLine root, Console console, String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    boolean isOther = !first.equals("help") && root.getSubcommands().containsKey(first);
    boolean isOne = COMMANDS.containsKey(first) && !first.equals("completion");
    COMMANDS.forEach(
        (name, type) -> {
          if (isOne ? name.equals(first) : !isOther) {
            add(root, console, name, type);
          }
        });
  }

  private static void add(CommandLine root, Console console, String name, Class<?> type) {
    CommandLine line = new CommandLine(type, new Factory(console));
    HelpLayout.prepare(line, root.getCommandSpec());
    root.addSubcommand(name, line);
    line.setOut(root.getOut());
    line.setErr(root.getErr());
    line.setParameterExceptionHandler(root.getParameterExceptionHandler());
    line.setExecutionExceptionHandler(root.getExecutionExceptionHandler());
  }

  private record Factory(Console console) implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      K made = CommandLine.defaultFactory().create(type);
      if (made instanceof ClientCommand command) {
        command.console = console;
      }
      return made;
    }
  }
}
