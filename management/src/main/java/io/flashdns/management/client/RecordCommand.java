package io.flashdns.management.client;

import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ApplyChangesResponse;
import io.flashdns.proto.v1.DeleteRecordRequest;
import io.flashdns.proto.v1.DeleteRecordResponse;
import io.flashdns.proto.v1.GetRecordRequest;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListRecordsResponse;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.RecordId;
import io.flashdns.proto.v1.UpdateRecordRequest;
import io.flashdns.proto.v1.UpdateRecordResponse;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneEdit;
import io.flashdns.proto.v1.ZoneRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flashdns record}. */
@Command(
    name = "record",
    header = "Records: read and changed.",
    description = {
      "A record is an RRset: all data of one name and type, with one TTL. The zone of a name is"
          + " found from those that you may see. Names are absolute, with the dot at their end or"
          + " without; beside --zone also relative to it, and @ is its apex.%n"
    },
    footer = {
      "  flashdns record set www.example.org A 192.0.2.1 192.0.2.2 --ttl 5m",
      "  flashdns record list example.org --type MX",
    },
    subcommands = {
      RecordCommand.Listing.class,
      RecordCommand.Get.class,
      RecordCommand.Put.class,
      RecordCommand.Add.class,
      RecordCommand.Remove.class,
      RecordCommand.Delete.class
    })
final class RecordCommand {
  private RecordCommand() {}

  /** {@code flashdns record list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists the records of a zone.",
      description = "A line for each datum.%n",
      footer = {
        "  flashdns record list example.org",
        "  flashdns record list example.org --type A --name 'www*'",
        "  flashdns record list example.org -o json | jq '.[].name'",
      })
  static final class Listing extends ClientCommand {
    @Mixin private ZoneArgument target = new ZoneArgument();
    @Mixin private ListOptions list = new ListOptions();

    @Option(names = "--type", paramLabel = "TYPE", description = "Those of this type.")
    private @Nullable String type;

    @Option(
        names = "--name",
        paramLabel = "PATTERN",
        description =
            "Those of this owner, with * at either end; relative to the zone, @ is its apex.")
    private @Nullable String name;

    @Option(
        names = "--data",
        paramLabel = "PATTERN",
        description = "Those with such a datum, with * at either end.")
    private @Nullable String data;

    @Option(
        names = "--label",
        paramLabel = "KEY=VALUE",
        description = "Those with this label; * as the value: whatever it is.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--at", paramLabel = "REVISION", description = "As they were at this revision.")
    private long revision;

    @Option(names = "--show-labels", description = "A column of their labels in the table.")
    private boolean showLabels;

    @Override
    int run(Session session) throws ClientException {
      ZoneRef zone = ZoneNames.ref(target.zone, target.view);
      String filter =
          new Filters()
              .text("name", pattern())
              .part(type == null ? null : "type = " + RecordTypes.name(RecordTypes.parse(type)))
              .text("data", data)
              .labels(labels)
              .part(list.filter)
              .text();
      Pages<Record> records =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListRecordsRequest request =
                    ListRecordsRequest.newBuilder()
                        .setZone(zone)
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(filter)
                        .setOrderBy(list.order)
                        .setAtRevision(revision)
                        .build();
                ListRecordsResponse page =
                    session.ask(() -> session.records().listRecords(request));
                return new Pages.Page<>(page.getRecordsList(), page.getNextPageToken());
              });
      if (session.printer().form() == OutputForm.table) {
        RecordText.table(session, records, showLabels);
      } else {
        session.printer().list(records, List.of(), RecordText::name);
      }
      return ExitStatus.OK;
    }

    private @Nullable String pattern() throws ClientException {
      if (name == null || name.endsWith("*")) {
        return name;
      }
      if (target.zone.startsWith("id:") || (name.startsWith("*") && !name.startsWith("*."))) {
        return name.endsWith(".") ? name : name + ".";
      }
      return DomainName.within(name, DomainName.absolute(target.zone));
    }
  }

  /** {@code flashdns record get}. */
  @Command(
      name = "get",
      aliases = "show",
      header = "Shows a record.",
      description = "One record, now or as it was.%n",
      footer = {"  flashdns record get www.example.org A"})
  static final class Get extends ClientCommand {
    @Mixin private RecordArgument target = new RecordArgument();

    @Option(names = "--at", paramLabel = "REVISION", description = "As it was at this revision.")
    private long revision;

    @Override
    int run(Session session) throws Exception {
      int type = RecordTypes.parse(target.type);
      ZoneFinder.Place place = target.place(session);
      GetRecordRequest request =
          GetRecordRequest.newBuilder().setId(id(place, type)).setAtRevision(revision).build();
      Record record = session.ask(() -> session.records().getRecord(request)).getRecord();
      if (session.printer().form() == OutputForm.table) {
        RecordText.table(session, List.of(record), !record.getLabelsMap().isEmpty());
      } else {
        session.printer().one(record, Map.of(), RecordText.name(record));
      }
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns record set}. */
  @Command(
      name = "set",
      header = "Makes a record what is given.",
      description = {
        "All data are replaced by those that are given; the record is made when it is not there."
            + " TTL, labels and comment stay where they are not given.%n"
      },
      footer = {
        "  flashdns record set www.example.org A 192.0.2.1 192.0.2.2 --ttl 300",
        "  flashdns record set @ MX '10 mail.example.org.' --zone example.org",
        "  flashdns record set example.org TXT '\"v=spf1 -all\"'",
      })
  static final class Put extends ClientCommand {
    @Mixin private DataArguments data = new DataArguments();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(
        names = "--etag",
        paramLabel = "ETAG",
        description = "Only if the record still has this version.")
    private String etag = "";

    @Option(
        names = "--label",
        paramLabel = "KEY=VALUE",
        description = "A mark for people and tools; may be repeated. Those there are go.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--comment", paramLabel = "TEXT", description = "Why the record is there.")
    private @Nullable String comment;

    @Option(names = "--force", description = "Pass the change guard: the serial goes back.")
    private boolean force;

    @Override
    int run(Session session) throws Exception {
      Record.Builder record = data.record();
      ZoneFinder.Place place = data.target.place(session);
      record.setName(place.owner()).putAllLabels(labels);
      if (comment != null) {
        record.setComment(comment);
      }
      UpdateRecordRequest request =
          UpdateRecordRequest.newBuilder()
              .setZone(place.zone())
              .setRecord(record)
              .setEtag(etag)
              .setAllowMissing(etag.isEmpty())
              .setForce(force)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UpdateRecordResponse answer = session.ask(() -> session.records().updateRecord(request));
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          RecordText.name(request.getRecord()),
          RecordText.name(request.getRecord()) + " set");
    }

    @Override
    String argumentOf(String path) {
      return RecordText.argument(path, data.data);
    }
  }

  /** {@code flashdns record add}. */
  @Command(
      name = "add",
      header = "Adds data to a record.",
      description = {
        "The data that it has stay; the record is made when it is not there. Two who add at once do"
            + " not lose each other's data.%n"
      },
      footer = {
        "  flashdns record add www.example.org A 192.0.2.3",
        "  flashdns record add _acme-challenge.example.org TXT dzWf8vq1 --ttl 30 --wait",
      })
  static final class Add extends Edit {
    @Override
    RecordEdit edit(Record record) {
      return RecordEdit.newBuilder().setAdd(record).build();
    }

    @Override
    String done(String name) {
      return "added to " + name;
    }
  }

  /** {@code flashdns record remove}. */
  @Command(
      name = "remove",
      header = "Takes data out of a record.",
      description = {
        "Other data stay; with the last one the record goes. To remove all of it, use 'flashdns"
            + " record delete'.%n"
      },
      footer = {"  flashdns record remove www.example.org A 192.0.2.3"})
  static final class Remove extends Edit {
    @Override
    RecordEdit edit(Record record) {
      return RecordEdit.newBuilder().setRemove(record).build();
    }

    @Override
    String done(String name) {
      return "removed from " + name;
    }
  }

  /** Edits single data. */
  abstract static class Edit extends ClientCommand {
    @Mixin private DataArguments data = new DataArguments();
    @Mixin private ChangeOptions change = new ChangeOptions();

    abstract RecordEdit edit(Record record);

    abstract String done(String name);

    @Override
    int run(Session session) throws Exception {
      Record.Builder record = data.record();
      ZoneFinder.Place place = data.target.place(session);
      record.setName(place.owner());
      ApplyChangesRequest request =
          ApplyChangesRequest.newBuilder()
              .addChanges(
                  ZoneChange.newBuilder()
                      .setEdit(
                          ZoneEdit.newBuilder()
                              .setZone(place.zone())
                              .addEdits(edit(record.build()))))
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      ApplyChangesResponse answer = session.ask(() -> session.records().applyChanges(request));
      String name = RecordText.name(record.build());
      return Changes.tell(session, change, answer, answer.getOutcome(), name, done(name));
    }

    @Override
    String argumentOf(String path) {
      return RecordText.argument(path, data.data);
    }
  }

  /** {@code flashdns record delete}. */
  @Command(
      name = "delete",
      aliases = "rm",
      header = "Deletes a record with all its data.",
      description = "To take single data out, use 'flashdns record remove'.%n",
      footer = {"  flashdns record delete www.example.org A"})
  static final class Delete extends ClientCommand {
    @Mixin private RecordArgument target = new RecordArgument();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Option(
        names = "--etag",
        paramLabel = "ETAG",
        description = "Only if the record still has this version.")
    private String etag = "";

    @Option(names = "--missing-ok", description = "A record that is not there is no error.")
    private boolean missingOk;

    @Option(names = "--force", description = "Pass the change guard.")
    private boolean force;

    @Override
    int run(Session session) throws Exception {
      int type = RecordTypes.parse(target.type);
      ZoneFinder.Place place = target.place(session);
      DeleteRecordRequest request =
          DeleteRecordRequest.newBuilder()
              .setId(id(place, type))
              .setEtag(etag)
              .setAllowMissing(missingOk)
              .setForce(force)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      DeleteRecordResponse answer = session.ask(() -> session.records().deleteRecord(request));
      String name = place.owner() + " " + RecordTypes.name(type);
      return Changes.tell(session, change, answer, answer.getOutcome(), name, name + " deleted");
    }
  }

  private static RecordId id(ZoneFinder.Place place, int type) {
    return RecordId.newBuilder()
        .setZone(place.zone())
        .setName(place.owner())
        .setTypeValue(type)
        .build();
  }
}
