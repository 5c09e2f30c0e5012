package io.flashdns.management.fleet;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Message;
import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListRecordsResponse;
import io.flashdns.proto.v1.ListZoneHistoryRequest;
import io.flashdns.proto.v1.ListZoneHistoryResponse;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether all servers have the same: by what they say of themselves, by their DNS, by their API.
 */
final class Digests {
  private static final int PAGE = 1_000;

  private final Fleet fleet;

  Digests(Fleet fleet) {
    this.fleet = fleet;
  }

  /** How far a server is, and the fingerprint of all that it has. */
  private String standing(Server server) throws Exception {
    Door.Reply reply =
        server.host().namespace().call(() -> fleet.door(server).call("NodeService/GetNode", "{}"));
    if (!reply.isGood()) {
      return server + " " + reply.body();
    }
    JsonObject node = reply.json().getAsJsonObject("node");
    String standing = text(node, "standing");
    if (standing.isEmpty()) {
      return server + " does not say where it stands";
    }
    return text(node, "position") + " " + standing + " " + text(node, "servedRevision");
  }

  private static String text(JsonObject node, String field) {
    JsonElement found = node.get(field);
    return found == null ? "" : found.getAsString();
  }

  /** Empty when all say the same of themselves and have the same records, else what differs. */
  String difference() throws Exception {
    Map<String, String> all = new TreeMap<>();
    for (Server server : fleet.servers()) {
      all.put(server.toString(), standing(server));
    }
    if (new HashSet<>(all.values()).size() > 1) {
      return all.toString();
    }
    List<String> first = content(fleet.servers().getFirst());
    for (Server server : fleet.servers()) {
      List<String> other = new ArrayList<>(content(server));
      if (!other.equals(first)) {
        other.removeAll(first);
        return server + " has records that the first has not, or not all: " + other;
      }
    }
    return "";
  }

  /** Empty when the DNS of all servers has what the ledger says, else what is not so. */
  String differenceOfDns(Map<String, List<String>> expected) throws Exception {
    for (Server server : fleet.servers()) {
      String found =
          server
              .host()
              .namespace()
              .call(
                  () -> {
                    try (Asker asker = new Asker(server.dns())) {
                      for (Map.Entry<String, List<String>> one : expected.entrySet()) {
                        String text = asker.text(one.getKey());
                        if (!one.getValue().contains(text)) {
                          return one + " is '" + text + "' at " + server;
                        }
                      }
                    }
                    return "";
                  });
      if (!found.isEmpty()) {
        return found;
      }
    }
    return "";
  }

  private Door.Reply asked(Server server, String call, Message request) throws Exception {
    Door.Reply reply = server.host().namespace().call(() -> fleet.door(server).call(call, request));
    if (!reply.isGood()) {
      throw new IllegalStateException(reply.toString());
    }
    return reply;
  }

  /** All records of the zone that changes, each with the revision of its last change. */
  List<String> content(Server server) throws Exception {
    List<String> all = new ArrayList<>();
    String token = "";
    do {
      ListRecordsRequest request =
          ListRecordsRequest.newBuilder()
              .setZone(ref())
              .setPageSize(PAGE)
              .setPageToken(token)
              .build();
      Door.Reply reply = asked(server, "RecordService/ListRecords", request);
      ListRecordsResponse page = reply.into(ListRecordsResponse.newBuilder()).build();
      for (Record one : page.getRecordsList()) {
        all.add(one.toString());
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  /**
   * Holds the history that a server has against the ledger.
   *
   * @return what is wrong
   */
  List<String> checkHistory(Server server, Writers writers) throws Exception {
    List<String> faults = new ArrayList<>();
    Map<String, Long> acknowledged = new TreeMap<>(writers.revisions());
    Set<String> announced = writers.announced();
    Set<String> seen = new HashSet<>();
    String token = "";
    do {
      ListZoneHistoryRequest request =
          ListZoneHistoryRequest.newBuilder()
              .setZone(ref())
              .setPageSize(PAGE)
              .setPageToken(token)
              .build();
      Door.Reply reply = asked(server, "ZoneService/ListZoneHistory", request);
      ListZoneHistoryResponse page = reply.into(ListZoneHistoryResponse.newBuilder()).build();
      for (Change change : page.getChangesList()) {
        String id = change.getRequestId();
        if (id.isEmpty()) {
          continue;
        }
        if (!seen.add(id)) {
          faults.add(id + " was made twice, at " + server);
        }
        if (!announced.contains(id)) {
          faults.add(id + " was made, and nobody asked for it, at " + server);
        }
        Long revision = acknowledged.remove(id);
        if (revision != null && revision != change.getRevision()) {
          faults.add(id + " was said to be " + revision + ", is " + change.getRevision());
        }
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    acknowledged.keySet().forEach(id -> faults.add(id + " is LOST at " + server));
    return faults;
  }

  private static ZoneRef ref() {
    return ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(Fleet.CHANGING)).build();
  }
}
