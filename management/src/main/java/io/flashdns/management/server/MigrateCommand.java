package io.flashdns.management.server;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.etcd.EtcdConfig;
import io.flashdns.management.etcd.Migration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flashdns migrate}. */
@Command(
    name = "migrate",
    header = "Moves this node's store into etcd, or back.",
    description = {
      "With --to etcd://… the store of the data folder is put into etcd, where other nodes can share"
          + " it; the data folder then has this node's copy of it. With --to embedded the copy is"
          + " brought up to date and becomes this node's own store again; etcd keeps what it has.%n%n"
          + "Zones, history, tenants, tokens, the audit log and request ids go with it. The digests"
          + " of both sides are compared before it says that it is done. The server must not"
          + " run.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the store was moved, and is the same on both sides",
      "1:it was not moved",
      "2:wrong use"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns migrate --data /var/lib/flashdns --to etcd://10.0.0.1:2379,10.0.0.2:2379",
      "  flashdns migrate --data /var/lib/flashdns --to embedded",
      "  flashdns migrate --data /var/lib/flashdns --to embedded --as-is",
      "      When etcd is lost: the copy goes on alone."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class MigrateCommand implements Callable<Integer> {
  @Mixin private StoreOptions options = new StoreOptions();

  @Option(
      names = "--to",
      paramLabel = "URL",
      required = true,
      description = {
        "Where to: etcd://HOST:PORT,HOST:PORT/PREFIX, or embedded. User and certificates for etcd"
            + " stand in the configuration file."
      })
  private String to = "";

  @Option(
      names = "--from",
      paramLabel = "URL",
      defaultValue = "",
      description = "With --to embedded: the etcd, when the configuration does not name it.")
  private String from = "";

  @Option(
      names = "--replace",
      description = {
        "Take the place of the store that etcd has there. Nodes that follow that one take no more"
            + " changes until their copies are removed."
      })
  private boolean replace;

  @Option(
      names = "--as-is",
      description = {
        "With --to embedded: do not ask etcd, which may be lost. What others changed since this copy"
            + " was brought up to date is not in it."
      })
  private boolean asIs;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Terminal terminal;

  MigrateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      ServerConfig config = options.config(terminal);
      Path folder = options.data(config).resolve(ZoneService.STORE);
      boolean toShared = !to.equals("embedded");
      if (asIs) {
        return asItIs(folder, config, toShared);
      }
      EtcdConfig etcd = etcd(config.etcd(), toShared ? to : from);
      Migration.Moved moved =
          toShared
              ? Migration.toShared(folder, config.store(), etcd, replace, this::say)
              : Migration.toOwn(folder, config.store(), etcd, this::say);
      terminal.print(
          List.of(
              "moved %,d zones at revision %,d %s; both sides have the digest %s"
                  .formatted(
                      moved.standing().zones(),
                      moved.standing().revision(),
                      toShared ? "to " + etcd.url() : "from " + etcd.url(),
                      moved.standing().text()),
              toShared
                  ? "start the server with --store " + etcd.url()
                  : "start the server without --store"));
      return RootCommand.OK;
    } catch (StartException e) {
      terminal.failure(e.reason());
    } catch (StoreException | IOException e) {
      terminal.failure(String.valueOf(e.getMessage()));
    }
    return RootCommand.FAILED;
  }

  private int asItIs(Path folder, ServerConfig config, boolean toShared)
      throws StoreException, InterruptedException {
    if (toShared) {
      throw new ParameterException(spec.commandLine(), "--as-is goes with --to embedded alone");
    }
    Migration.Moved moved = Migration.asItIs(folder, config.store());
    terminal.print(
        List.of(
            "the copy of %,d zones at revision %,d is this node's own store now, as it stood"
                .formatted(moved.standing().zones(), moved.standing().revision()),
            "start the server without --store"));
    return RootCommand.OK;
  }

  private void say(String doing) {
    terminal.print(List.of(doing));
  }

  private EtcdConfig etcd(EtcdConfig configured, String url) {
    try {
      EtcdConfig etcd = url.isEmpty() ? configured : configured.at(url);
      if (!etcd.isShared()) {
        throw new IllegalArgumentException(
            "which etcd? name it by --from, or by 'etcd.endpoints' in a configuration");
      }
      return etcd;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
