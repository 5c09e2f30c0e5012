package io.flashdns.management.server;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.EmbeddedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code flashdns backup}. */
@Command(
    name = "backup",
    header = "Copies the store into one file, also while a server runs.",
    description = {
      "All zones and their history as they are at one revision. The file is read again and checked"
          + " before it gets its name, and may be read by its owner alone. Images are not in it: they are"
          + " made from the store.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Parameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the backup is there and whole",
      "1:it could not be made, or the store is damaged",
      "2:wrong use"
    },
    footerHeading = "%nExamples:%n",
    footer = {"  flashdns backup --data /var/lib/flashdns /backup/zones-$(date +%%F).db"},
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class BackupCommand implements Callable<Integer> {
  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(paramLabel = "FILE", description = "Where to; must not be there yet.")
  private Path file = Path.of("");

  private final Terminal terminal;

  BackupCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      Path data = options.data(options.config(terminal));
      long revision = EmbeddedStore.backup(data.resolve(ZoneService.STORE), file);
      terminal.print(
          List.of(
              "backed up revision %,d into %s, %,d octets"
                  .formatted(revision, file, Files.size(file))));
      return RootCommand.OK;
    } catch (StartException e) {
      terminal.failure(e.reason());
    } catch (StoreException e) {
      terminal.failure(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      terminal.failure("the backup " + file + " has gone: " + e);
    }
    return RootCommand.FAILED;
  }
}
