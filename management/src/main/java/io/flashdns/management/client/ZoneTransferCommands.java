package io.flashdns.management.client;

import com.google.protobuf.Duration;
import io.flashdns.proto.v1.AcceptZoneTransferRequest;
import io.flashdns.proto.v1.AcceptZoneTransferResponse;
import io.flashdns.proto.v1.CancelZoneTransferRequest;
import io.flashdns.proto.v1.CancelZoneTransferResponse;
import io.flashdns.proto.v1.ListZoneTransfersRequest;
import io.flashdns.proto.v1.ListZoneTransfersResponse;
import io.flashdns.proto.v1.TransferZoneRequest;
import io.flashdns.proto.v1.TransferZoneResponse;
import io.flashdns.proto.v1.ZoneTransfer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Zones on their way from one project to another. */
final class ZoneTransferCommands {
  private ZoneTransferCommands() {}

  /** {@code flashdns zone transfer}. */
  @Command(
      name = "transfer",
      header = "Offers a zone to another project.",
      description = {
        "Nothing changes until the other side accepts by 'flashdns zone accept'. It needs the id"
            + " and the key that are printed; the key is shown this once.%n"
      },
      footer = {"  flashdns zone transfer example.org --to bolt/shop"})
  static final class Offer extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(
        names = "--to",
        paramLabel = "ORG/PROJECT",
        description = "Who may accept. Default: whoever shows the key.")
    private @Nullable String to;

    @Option(
        names = "--lifetime",
        paramLabel = "TIME",
        converter = TimeText.class,
        description = "How long the offer stands, up to 30d. Default: 7d.")
    private java.time.@Nullable Duration lifetime;

    @Override
    int run(Session session) throws Exception {
      TransferZoneRequest.Builder request =
          TransferZoneRequest.newBuilder()
              .setZone(ZoneNames.ref(target.zone, target.view))
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId());
      if (to != null) {
        request.setTarget(ZoneNames.project(to));
      }
      if (lifetime != null) {
        request.setLifetime(Duration.newBuilder().setSeconds(lifetime.toSeconds()));
      }
      TransferZoneResponse answer =
          session.ask(() -> session.zones().transferZone(request.build()));
      String id = answer.getTransfer().getId();
      int status =
          Changes.tell(
              session,
              change,
              answer,
              answer.getOutcome(),
              id,
              "zone "
                  + target.zone
                  + " offered until "
                  + ZoneText.time(answer.getTransfer().getExpireTime()));
      if (!change.dryRun && session.printer().form() == OutputForm.table) {
        session.printer().out().println("id   " + id);
        session.printer().out().println("key  " + answer.getKey());
      }
      return status;
    }
  }

  /** {@code flashdns zone accept}. */
  @Command(
      name = "accept",
      header = "Takes an offered zone.",
      description = "The key is read from --key-file, from a pipe, or asked for.%n",
      footer = {"  flashdns zone accept t-4711 --project bolt/shop --key-file key.txt"})
  static final class Accept extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the offer.")
    private String transfer = "";

    @Option(
        names = "--project",
        paramLabel = "ORG/PROJECT",
        description = "Where the zone is to go. Default: the project that it was offered to.")
    private @Nullable String project;

    @Option(names = "--key-file", paramLabel = "FILE", description = "File with the key.")
    private @Nullable Path keyFile;

    @Override
    int run(Session session) throws Exception {
      String key =
          keyFile == null
              ? Secret.ask(session.console(), "key of the transfer")
              : LocalFiles.read(keyFile).strip();
      AcceptZoneTransferRequest.Builder request =
          AcceptZoneTransferRequest.newBuilder()
              .setTransfer(transfer)
              .setKey(key)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId());
      if (project != null) {
        request.setProject(ZoneNames.project(project));
      }
      AcceptZoneTransferResponse answer =
          session.ask(() -> session.zones().acceptZoneTransfer(request.build()));
      String name = ZoneNames.of(answer.getZone());
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          name,
          "zone " + name + " taken into " + ZoneNames.project(answer.getZone().getProject()));
    }
  }

  /** {@code flashdns zone decline}. */
  @Command(
      name = "decline",
      aliases = "cancel-transfer",
      header = "Declines an offered zone, or calls the offer off.",
      description = "The zone stays where it is.%n",
      footer = {"  flashdns zone decline t-4711"})
  static final class Cancel extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the offer.")
    private String transfer = "";

    @Override
    int run(Session session) throws Exception {
      CancelZoneTransferRequest request =
          CancelZoneTransferRequest.newBuilder()
              .setTransfer(transfer)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      CancelZoneTransferResponse answer =
          session.ask(() -> session.zones().cancelZoneTransfer(request));
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          transfer,
          "transfer " + transfer + " called off");
    }
  }

  /** {@code flashdns zone transfers}. */
  @Command(
      name = "transfers",
      header = "Lists offers of zones.",
      description = "Those that your projects made or may accept.%n",
      footer = {"  flashdns zone transfers --filter 'state = offered'"})
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) throws Exception {
      Pages<ZoneTransfer> transfers =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListZoneTransfersRequest request =
                    ListZoneTransfersRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(list.filter)
                        .setOrderBy(list.order)
                        .build();
                ListZoneTransfersResponse page =
                    session.ask(() -> session.zones().listZoneTransfers(request));
                return new Pages.Page<>(page.getTransfersList(), page.getNextPageToken());
              });
      List<Column<ZoneTransfer>> columns =
          List.of(
              Column.of("ID", ZoneTransfer::getId),
              Column.wide("ZONE", transfer -> ZoneNames.apex(transfer.getZoneName())),
              Column.of("FROM", transfer -> ZoneNames.project(transfer.getSource())),
              Column.of(
                  "TO",
                  transfer ->
                      transfer.hasTarget() ? ZoneNames.project(transfer.getTarget()) : "anybody"),
              Column.of(
                  "STATE", transfer -> ZoneText.word(transfer.getState(), "ZONE_TRANSFER_STATE_")),
              Column.of("UNTIL", transfer -> ZoneText.time(transfer.getExpireTime())));
      session.printer().list(transfers, columns, ZoneTransfer::getId);
      return ExitStatus.OK;
    }
  }
}
