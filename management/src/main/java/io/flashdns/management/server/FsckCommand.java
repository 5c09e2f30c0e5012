package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.zone.Views;
import io.flashdns.management.store.EmbeddedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flashdns fsck}. */
@Command(
    name = "fsck",
    header = "Checks the store, and what is served from against it.",
    description = {
      "Of the store: the structure of its file, the checksum of every row, counters and digests of"
          + " every zone, the history. Then every zone's image is built anew and held against the one in"
          + " the image files, octet by octet, and the saved catalog against the zones.%n",
      "With --repair, images and catalog that are wrong are made anew from the store. A store that is"
          + " damaged itself is not repaired: restore a backup.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all is sound, or was made so",
      "1:something is damaged",
      "2:wrong use, or nothing could be checked: there is no store, or a server has it open"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns fsck --data /var/lib/flashdns",
      "  flashdns fsck --data /var/lib/flashdns --repair",
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class FsckCommand implements Callable<Integer> {
  /** Nothing could be checked. */
  static final int UNCHECKED = 2;

  /** So many problems of images are told one by one. */
  private static final int MAX_SAID = 100;

  @Mixin private StoreOptions options = new StoreOptions();

  @Option(
      names = "--repair",
      description = "Makes images and catalog anew from the store when they are wrong.")
  private boolean repair;

  private final Terminal terminal;
  private final AtomicInteger ofImages = new AtomicInteger();
  private int ofStore;

  FsckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      ServerConfig config = options.config(terminal);
      Path data = options.data(config);
      Path folder = data.resolve(ZoneService.STORE);
      if (Files.notExists(folder)) {
        terminal.failure("there is no store in " + data + ": name another data folder by --data");
        return UNCHECKED;
      }
      return check(config, data, folder);
    } catch (StartException e) {
      terminal.failure(e.reason());
    } catch (StoreException e) {
      terminal.failure(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      terminal.failure("the image files cannot be read: " + e);
    }
    return ofStore + ofImages.get() > 0 ? RootCommand.FAILED : UNCHECKED;
  }

  private int check(ServerConfig config, Path data, Path folder)
      throws StartException, StoreException, IOException, InterruptedException {
    NameHash hash = StoreOptions.hash(data);
    List<String> summary = new ArrayList<>();
    try (EmbeddedStore store = EmbeddedStore.open(folder, config.store())) {
      checkStore(folder);
      summary.add(
          "store      revision %,d, %,d zones, %s"
              .formatted(store.state().revision(), store.state().zones(), soundOr(ofStore)));
      Path images = data.resolve(ZoneService.IMAGES);
      if (Files.isDirectory(images)) {
        LoadProgress progress =
            new LoadProgress(terminal, System::nanoTime, "comparing images", "zones");
        ImageCheck check =
            new ImageCheck(store, images, hash, this::storeProblem, this::imageProblem, progress);
        check.run();
        progress.end();
        summary.add(
            check.hasCatalog() || ofImages.get() > 0
                ? "images     %,d compared, %s".formatted(check.compared(), soundOr(ofImages.get()))
                : "images     no catalog is saved: the next start makes them");
      } else {
        summary.add("images     none: the next start makes them");
      }
    } catch (StoreException.Damaged e) {
      storeProblem(String.valueOf(e.getMessage()));
      summary.add("store      cannot be opened");
    }
    if (repair && ofImages.get() > 0 && ofStore == 0) {
      summary.add(makeAnew(config, data, hash));
    } else if (ofStore > 0) {
      summary.add("remedy     restore a backup: flashdns restore --replace FILE");
    } else if (ofImages.get() > 0) {
      summary.add("remedy     flashdns fsck --repair makes the images anew");
    }
    terminal.print(summary);
    return ofStore + ofImages.get() == 0 ? RootCommand.OK : RootCommand.FAILED;
  }

  private void checkStore(Path folder) throws StoreException {
    var _ = EmbeddedStore.check(folder, this::storeProblem, this::storeProgress);
    if (terminal.errIsTerminal()) {
      terminal.endProgress();
    }
  }

  private void storeProgress(String what) {
    if (terminal.errIsTerminal()) {
      terminal.progress(what);
    }
  }

  private String makeAnew(ServerConfig config, Path data, NameHash hash)
      throws StartException, StoreException, IOException, InterruptedException {
    RestoreCommand.removeImages(data);
    // Of a copy as well, without its etcd: nothing is written to the store.
    EmbeddedStore store = EmbeddedStore.open(data.resolve(ZoneService.STORE), config.store());
    Path images = data.resolve(ZoneService.IMAGES);
    try (ZoneService service =
        ZoneService.over(store, images, config.index().memoryBytes(), hash, new Views(), false)) {
      service.start(_ -> {});
      ofImages.set(0);
      return "repaired   %,d images and the catalog are made anew"
          .formatted(service.catalog().size());
    }
  }

  private void storeProblem(String sentence) {
    ofStore++;
    terminal.problems(List.of(Problem.error(sentence)));
  }

  private void imageProblem(String sentence) {
    int count = ofImages.incrementAndGet();
    if (count <= MAX_SAID) {
      terminal.problems(List.of(Problem.error(sentence)));
    } else if (count == MAX_SAID + 1) {
      terminal.problems(
          List.of(
              Problem.error("more than " + MAX_SAID + " images are wrong: the rest is not told")));
    }
  }

  private static String soundOr(int problems) {
    return problems == 0 ? "sound" : "%,d problems".formatted(problems);
  }
}
