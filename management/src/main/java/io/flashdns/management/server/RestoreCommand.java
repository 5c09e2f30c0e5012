package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns restore}. */
@Command(
    name = "restore",
    header = "Makes a backup the store of a server that does not run.",
    description = {
      "The backup is checked first, and takes the place of what is there as a whole or not at all."
          + " The images, which are of another store then, are removed; the next start makes them anew."
          + " Zones that come from files are brought up to their files at that start.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Parameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:restored",
      "1:not restored: the backup is damaged, a server runs, or there is a store and no --replace",
      "2:wrong use"
    },
    footerHeading = "%nExamples:%n",
    footer = {"  flashdns restore --data /var/lib/flashdns --replace /backup/zones-2026-11-23.db"},
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class RestoreCommand implements Callable<Integer> {
  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(paramLabel = "FILE", description = "What flashdns backup made.")
  private Path file = Path.of("");

  @Option(
      names = "--replace",
      description = "Also when there is a store. What is in it is lost: back it up before.")
  private boolean replace;

  private final Terminal terminal;

  RestoreCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      Path data = options.data(options.config(terminal));
      long revision = EmbeddedStore.restore(file, data.resolve(ZoneService.STORE), replace);
      removeImages(data);
      List<String> lines = new ArrayList<>();
      lines.add("restored revision %,d from %s into %s".formatted(revision, file, data));
      if (!EmbeddedStore.positionOf(file).equals(Position.NONE)) {
        lines.add(
            "this is a copy of a store that many nodes share: with --store it is brought up to what"
                + " etcd has; to have all nodes go back to it, stop them and put it there by"
                + " 'flashdns migrate --replace --to etcd://…'");
      }
      terminal.print(lines);
      return RootCommand.OK;
    } catch (StartException e) {
      terminal.failure(e.reason());
    } catch (StoreException e) {
      terminal.failure(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      terminal.failure(
          "the store is restored, but its old images cannot be removed (%s): remove the folder %s of the data folder before the next start"
              .formatted(e, ZoneService.IMAGES));
    }
    return RootCommand.FAILED;
  }

  /** An older store may give revisions anew that images of the newer one have. */
  static void removeImages(Path data) throws IOException, StartException {
    Path images = data.resolve(ZoneService.IMAGES);
    if (Files.isDirectory(images)) {
      long seed = new DataFolder(data, new SecureRandom()).seed();
      try (ImageFiles files = ImageFiles.open(images, new NameHash(seed), _ -> {})) {
        files.deleteAll();
      }
    }
  }
}
