package io.flashdns.management.client;

import io.flashdns.proto.v1.ExportZoneRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Zones from files and to files. */
final class ZoneFileCommands {
  private ZoneFileCommands() {}

  /** {@code flashdns zone import}. */
  @Command(
      name = "import",
      header = "Makes a zone equal to a zone file.",
      description = {
        "The server reads the file, tells all that is wrong with it, and makes the zone equal to it"
            + " in one change that is visible as a whole. Only what differs is changed. The zone"
            + " must be there, unless --create is given.%n"
      },
      footer = {
        "  flashdns zone import example.org example.org.zone",
        "  flashdns zone import example.org example.org.zone --dry-run",
        "  flashdns zone import example.org - --create --project acme/web < example.org.zone",
      })
  static final class Import extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ZoneSettingsOptions settings = new ZoneSettingsOptions();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(index = "1", paramLabel = "FILE", description = "Zone file; - for standard input.")
    private Path file = Path.of("-");

    @Option(names = "--create", description = "Create the zone; it must not be there.")
    private boolean create;

    @Option(
        names = "--merge",
        description = "Leave records that the file does not have; its SOA is left out.")
    private boolean merge;

    @Option(
        names = "--force",
        description =
            "Pass the change guard: more than half of the names go, or the serial goes back.")
    private boolean force;

    @Override
    int run(Session session) throws Exception {
      ZoneImporter.Wish wish = new ZoneImporter.Wish().merge(merge).force(force);
      if (create) {
        wish.create(settings.zone(target.zone, target.view));
      } else {
        wish.into(ZoneNames.ref(target.zone, target.view), target.zone);
      }
      return new ZoneImporter(session, change).run(wish, file, create ? "created" : "imported");
    }
  }

  /** {@code flashdns export}. */
  @Command(
      name = "export",
      header = "Writes a zone as a zone file.",
      description = {
        "The file is one that every name server takes. Labels and comments are not in it.%n"
      },
      footer = {
        "  flashdns export example.org > example.org.zone",
        "  flashdns export example.org --file example.org.zone --at 1200",
      })
  static final class Export extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description =
            "File to write; it is replaced when the zone is there whole. Default: standard output.")
    private @Nullable Path file;

    @Option(names = "--at", paramLabel = "REVISION", description = "As it was at this revision.")
    private long revision;

    @Override
    int run(Session session) throws ClientException, IOException, InterruptedException {
      session.destination();
      ExportZoneRequest request =
          ExportZoneRequest.newBuilder()
              .setZone(ZoneNames.ref(target.zone, target.view))
              .setAtRevision(revision)
              .build();
      Path to = file;
      if (to == null) {
        ZoneExporter.copy(session, request, session.printer().out());
        return ExitStatus.OK;
      }
      Path folder = to.toAbsolutePath().getParent();
      if (folder == null || Files.isDirectory(to) || !Files.isDirectory(folder)) {
        throw ClientException.usage(
            "--file: "
                + to
                + (Files.isDirectory(to)
                    ? " is a folder: name a file in it"
                    : " is in no folder that is there: make it first"));
      }
      Path fresh = to.resolveSibling(to.getFileName() + ".part");
      try {
        try (OutputStream out = Files.newOutputStream(fresh)) {
          ZoneExporter.copy(session, request, out);
        }
        Files.move(fresh, to, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
      return ExitStatus.OK;
    }
  }
}
