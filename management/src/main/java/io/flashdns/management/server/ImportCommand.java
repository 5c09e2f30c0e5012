package io.flashdns.management.server;

import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.zone.Views;
import io.flashdns.management.store.EmbeddedStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flashdns import}. */
@Command(
    name = "import",
    header = "Takes zone files into the store of a server that does not run.",
    description = {
      "Reads zone files, and all *.zone directly in folders, and puts their zones into the store. From"
          + " then on they belong to the store and not to their files: changes of the files mean"
          + " nothing, and each change moves the serial by one.%n",
      "A zone that is there already is refused without --replace, and one that a zone file of the"
          + " server's folder keeps is always refused. All that is wrong is printed; the good zones are"
          + " taken all the same. What is served from is made as well, so that the next start serves at"
          + " once.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Parameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all zones were taken",
      "1:a file has errors, a zone was refused, or the store cannot be opened",
      "2:wrong use"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns import --data /var/lib/flashdns ./zones",
      "  flashdns import --replace --tenant acme/shop shop.example.zone",
      "  flashdns import --dry-run --replace ./zones",
      "      Says what would be refused, and changes nothing.",
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class ImportCommand implements Callable<Integer> {
  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(
      arity = "1..*",
      paramLabel = "PATH",
      description = "Zone files, and folders of *.zone files.")
  private List<Path> paths = List.of();

  @Option(names = "--replace", description = "Gives zones that are there already the new content.")
  private boolean replace;

  @Option(
      names = "--tenant",
      paramLabel = "ORG/PROJECT",
      description = "Whose the new zones are. Without it: nobody's, which is the operator's.")
  private @Nullable String tenant;

  @Option(
      names = "--view",
      paramLabel = "NAME",
      description = "The view that the zones stand in. Default: ${DEFAULT-VALUE}.",
      defaultValue = Views.PUBLIC_NAME)
  private String view = Views.PUBLIC_NAME;

  @Option(
      names = "--force",
      description = {
        "Replaces also where more than half of a zone's names would go, or its serial go back."
      })
  private boolean force;

  @Option(names = "--dry-run", description = "Says what would be refused, and changes nothing.")
  private boolean dryRun;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Terminal terminal;

  ImportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    ZonePlace place = place();
    try {
      ServerConfig config = options.config(terminal);
      Path data = options.data(config);
      ZoneImport.Wish wish = new ZoneImport.Wish(place, replace, force, dryRun);
      return dryRun ? tryOut(config, data, wish) : run(config, data, wish);
    } catch (StartException e) {
      terminal.failure(e.reason());
    } catch (StoreException e) {
      terminal.failure(String.valueOf(e.getMessage()));
    }
    return RootCommand.FAILED;
  }

  private int run(ServerConfig config, Path data, ZoneImport.Wish wish)
      throws StartException, StoreException, InterruptedException {
    long startNanos = System.nanoTime();
    try (ZoneService service =
        ZoneService.open(data, config, StoreOptions.hash(data), new Views(), false)) {
      service.start(_ -> {});
      StoreLedger ledger = new StoreLedger(service.store(), _ -> {}, service::catchUp);
      return read(new ZoneImport(ledger, config.zones().limits(), wish), startNanos);
    }
  }

  private int tryOut(ServerConfig config, Path data, ZoneImport.Wish wish)
      throws StartException, StoreException, InterruptedException {
    long startNanos = System.nanoTime();
    Path folder = data.resolve(ZoneService.STORE);
    if (Files.notExists(folder)) {
      return read(new ZoneImport(new MemoryLedger(), config.zones().limits(), wish), startNanos);
    }
    try (EmbeddedStore store = EmbeddedStore.open(folder, config.store())) {
      if (!config.etcd().isShared()) {
        ZoneService.refuseCopy(store, folder);
      }
      return read(
          new ZoneImport(new PreviewLedger(store), config.zones().limits(), wish), startNanos);
    }
  }

  private int read(ZoneImport task, long startNanos) throws StoreException, InterruptedException {
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    List<Problem> problems = task.run(paths, ParallelReading.threads(), progress);
    progress.end();
    terminal.problems(problems);
    terminal.print(List.of(task.summary(System.nanoTime() - startNanos)));
    return problems.stream().anyMatch(Problem::isError) ? RootCommand.FAILED : RootCommand.OK;
  }

  private ZonePlace place() {
    if (!ZonePlace.isName(view)) {
      throw wrong("--view: a view's name has letters, digits, '-', '_' and '.', at most 63", view);
    }
    if (tenant == null) {
      return new ZonePlace("", "", view);
    }
    int slash = tenant.indexOf('/');
    if (slash < 0
        || !ZonePlace.isName(tenant.substring(0, slash))
        || !ZonePlace.isName(tenant.substring(slash + 1))) {
      throw wrong("--tenant: must be ORGANISATION/PROJECT", tenant);
    }
    ZoneOwner owner = new ZoneOwner(tenant.substring(0, slash), tenant.substring(slash + 1));
    return new ZonePlace(owner.organisation(), owner.project(), view);
  }

  private ParameterException wrong(String what, String given) {
    return new ParameterException(spec.commandLine(), what + ", not '" + given + "'");
  }
}
