#!/usr/bin/python3
"""A client that knows nothing but the .proto files: tenants, zones and records by gRPC, looked at by DNS.

After each acknowledged change the DNS is asked until all that the change says is to be seen, by sockets with ports of
their own and for a share of the changes by dig as well. Prints one JSON object a line: {"change": ...} for each change
with the nanoseconds from its acknowledgement until the DNS had it, {"check": ...} for each rule that held, and at the
end {"done": ...}. Ends with a traceback and status 1 when something does not hold.

  python3 -m grpc_tools.protoc -I PROTO --python_out=STUBS --grpc_python_out=STUBS PROTO/flashdns/v1/*.proto
  client.py --stubs STUBS --api 127.0.0.1:8053 --dns 127.0.0.1:5353 --token-file DATA/admin-token
"""

import argparse
import importlib
import ipaddress
import json
import random
import resource
import struct
import subprocess
import sys
import time

import grpc

import packets
from packets import NOERROR, NXDOMAIN, REFUSED, TYPES, name

SOCKETS = 8
PATIENCE_NANOS = 10_000_000_000
# Between questions: without it the client would take a processor from the server.
PAUSE_SECONDS = 0.000_5
SEED = 7


def load(stubs):
    """The generated modules, by the last part of their names."""
    sys.path.insert(0, stubs)
    services = ("access_service", "record_service", "tenant_service", "zone_service")
    parts = services + ("access", "annotations", "change", "record", "tenant", "zone", "zone_file")
    modules = {part: importlib.import_module("flashdns.v1.%s_pb2" % part) for part in parts}
    for part in services:
        modules[part + "_grpc"] = importlib.import_module("flashdns.v1.%s_pb2_grpc" % part)
    modules["status"] = importlib.import_module("google.rpc.status_pb2")
    modules["details"] = importlib.import_module("google.rpc.error_details_pb2")
    return type("Proto", (), modules)


class Has:
    """The RRset is there with exactly these data."""

    def __init__(self, owner, kind, data, ttl=3600):
        self.owner, self.kind, self.data, self.ttl = owner, kind, set(data), ttl

    def holds(self, reply):
        found = reply.rrsets.get((name(self.owner), TYPES[self.kind]))
        return reply.rcode == NOERROR and found == (self.ttl, self.data)


class Lacks:
    """The RRset is not there; the reply has this code."""

    def __init__(self, owner, kind, rcode):
        self.owner, self.kind, self.rcode = owner, kind, rcode

    def holds(self, reply):
        return reply.rcode == self.rcode and (name(self.owner), TYPES[self.kind]) not in reply.rrsets


class Serves:
    """The zone is answered from: its SOA is there."""

    def __init__(self, apex):
        self.owner, self.kind = apex, "SOA"

    def holds(self, reply):
        return reply.rcode == NOERROR and reply.authoritative and (name(self.owner), TYPES["SOA"]) in reply.rrsets


def tell(**what):
    print(json.dumps(what), flush=True)


class Client:
    def __init__(self, proto, options):
        self.proto = proto
        self.dns_at = options.dns.rsplit(":", 1)
        self.dns = packets.Sockets(self.dns_at[0], int(self.dns_at[1]), SOCKETS)
        self.dig_every = options.dig_every
        self.channel = grpc.insecure_channel(options.api)
        self.zones = proto.zone_service_grpc.ZoneServiceStub(self.channel)
        self.records = proto.record_service_grpc.RecordServiceStub(self.channel)
        self.tenants = proto.tenant_service_grpc.TenantServiceStub(self.channel)
        self.access = proto.access_service_grpc.AccessServiceStub(self.channel)
        self.changes = self.checks = self.waits = 0

    # --- calls ---------------------------------------------------------------------------------------------------

    def details(self, error, kind):
        """The detail of this kind in the status of an error; None without one."""
        for key, value in error.trailing_metadata():
            if key == "grpc-status-details-bin":
                status = self.proto.status.Status.FromString(value)
                assert status.code == error.code().value[0] and status.message == error.details(), status
                for detail in status.details:
                    message = kind()
                    if detail.Unpack(message):
                        return message
        return None

    def call(self, method, request, token):
        """A call as this principal; "" is nobody. Too many changes in a second are waited for as the server says."""
        identity = (("authorization", "Bearer " + token),) if token else ()
        while True:
            try:
                return method(request, metadata=identity, timeout=10)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
                retry = self.details(error, self.proto.details.RetryInfo)
                if retry is None:
                    raise
                self.waits += 1
                time.sleep(retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9)

    def changed(self, call, method, request, token, views):
        """A change: it is not to be seen before, and is to be seen soon after its acknowledgement."""
        assert not all(view.holds(self.dns.ask(0, view.owner, TYPES[view.kind])) for view in views), call
        begin = time.monotonic_ns()
        answer = self.call(method, request, token)
        acknowledged = time.monotonic_ns()
        asked = self.dns.asked
        for which in range(SOCKETS):
            for view in views:
                while not view.holds(reply := self.dns.ask(which, view.owner, TYPES[view.kind])):
                    if time.monotonic_ns() - acknowledged > PATIENCE_NANOS:
                        raise AssertionError("%s of %s %s is not to be seen: %r" % (call, view.owner, view.kind, reply))
                    time.sleep(PAUSE_SECONDS)
        seen = time.monotonic_ns()
        self.changes += 1
        line = {
            "change": call,
            "call_ns": acknowledged - begin,
            "visible_ns": seen - acknowledged,
            "queries": self.dns.asked - asked,
        }
        if self.changes % self.dig_every == 0:
            line["dig_ns"] = self.dig(views[0], seen)
        tell(**line)
        return answer

    def dig(self, view, since):
        """Asks by dig, which must see the view at once."""
        command = ["dig", "@" + self.dns_at[0], "-p", self.dns_at[1], "+norecurse", "+tries=1", "+time=5"]
        text = subprocess.run(command + [view.owner, view.kind], stdout=subprocess.PIPE, check=True).stdout.decode()
        ended = time.monotonic_ns()
        code = text.split("status: ")[1].split(",")[0]
        owner = view.owner.rstrip(".") + "."
        lines = [line.split() for line in text.splitlines() if line and not line.startswith(";")]
        found = [line for line in lines if line[0].lower() == owner and line[3] == view.kind]
        if isinstance(view, Lacks):
            assert code == {NOERROR: "NOERROR", NXDOMAIN: "NXDOMAIN", REFUSED: "REFUSED"}[view.rcode], text
            assert not found, text
        else:
            assert code == "NOERROR" and found, text
        if isinstance(view, Has):
            assert len(found) == len(view.data) and all(int(line[1]) == view.ttl for line in found), text
            if view.kind in ("A", "AAAA"):
                assert {ipaddress.ip_address(line[4]).packed for line in found} == view.data, text
        return ended - since

    def refused(self, rule, code, method, request, token, views=()):
        """A call that must be refused with this code and leave the DNS as it is."""
        try:
            self.call(method, request, token)
        except grpc.RpcError as error:
            assert error.code() == code, "%s: %s" % (rule, error)
            for view in views:
                assert view.holds(self.dns.ask(0, view.owner, TYPES[view.kind])), rule
            self.holds(rule, error.details())
            return error
        raise AssertionError(rule + " was not refused")

    def holds(self, rule, said=""):
        self.checks += 1
        tell(check=rule, said=said)

    # --- messages ------------------------------------------------------------------------------------------------

    def ref(self, apex):
        return self.proto.zone.ZoneRef(name=self.proto.zone.ZoneName(apex=apex))

    def record(self, owner, kind, *data, ttl=None):
        number = TYPES[kind] if kind == "TYPE65280" else self.proto.record.RecordType.Value("RECORD_TYPE_" + kind)
        record = self.proto.record.Record(name=owner, type=number, data=data)
        if ttl is not None:
            record.ttl.seconds = ttl
        return record

    def a(self, owner, *addresses):
        data = [self.proto.record.RecordData(a=self.proto.record.AData(address=address)) for address in addresses]
        return self.record(owner, "A", *data)

    def edit(self, apex, *edits):
        edits = [self.proto.record_service.RecordEdit(**edit) for edit in edits]
        return self.proto.record_service.ZoneChange(
            edit=self.proto.record_service.ZoneEdit(zone=self.ref(apex), edits=edits)
        )


def wire(address):
    return ipaddress.ip_address(address).packed


def kinds(proto, apex):
    """Records of all typed forms: owner, type, message, and what the DNS is to say."""
    of = proto.record
    data = of.RecordData
    sub = "sub." + apex
    octets = bytes(range(32))
    return [
        ("a." + apex, "A", data(a=of.AData(address="192.0.2.1")), wire("192.0.2.1")),
        ("a." + apex, "AAAA", data(aaaa=of.AaaaData(address="2001:db8::1")), wire("2001:db8::1")),
        ("alias." + apex, "CNAME", data(cname=of.CnameData(target="a." + apex)), name("a." + apex)),
        (apex, "MX", data(mx=of.MxData(preference=10, exchange="a." + apex)), b"\0\x0a" + name("a." + apex)),
        ("text." + apex, "TXT", data(txt=of.TxtData(strings=["one", "two three"])), b"\x03one\x09two three"),
        (
            "_sip._udp." + apex,
            "SRV",
            data(srv=of.SrvData(priority=1, weight=2, port=5060, target="a." + apex)),
            struct.pack("!3H", 1, 2, 5060) + name("a." + apex),
        ),
        (sub, "NS", data(ns=of.NsData(server="ns.elsewhere.test")), name("ns.elsewhere.test")),
        (
            sub,
            "DS",
            data(ds=of.DsData(key_tag=4711, algorithm=13, digest_type=2, digest=octets)),
            struct.pack("!HBB", 4711, 13, 2) + octets,
        ),
        ("4." + apex, "PTR", data(ptr=of.PtrData(target="a." + apex)), name("a." + apex)),
        (
            apex,
            "CAA",
            data(caa=of.CaaData(flags=0, tag="issue", value="ca.test")),
            b"\0\x05issueca.test",
        ),
        (
            "_443._tcp." + apex,
            "TLSA",
            data(tlsa=of.TlsaData(usage=3, selector=1, matching_type=1, association=octets)),
            b"\x03\x01\x01" + octets,
        ),
        (
            "host." + apex,
            "SSHFP",
            data(sshfp=of.SshfpData(algorithm=4, fingerprint_type=2, fingerprint=octets)),
            b"\x04\x02" + octets,
        ),
        (
            "naptr." + apex,
            "NAPTR",
            data(
                naptr=of.NaptrData(
                    order=1, preference=2, flags="s", services="SIP+D2U", regexp="", replacement="_sip._udp." + apex
                )
            ),
            struct.pack("!2H", 1, 2) + b"\x01s\x07SIP+D2U\0" + name("_sip._udp." + apex),
        ),
        (
            "svc." + apex,
            "HTTPS",
            data(
                svcb=of.SvcbData(
                    priority=1,
                    target=".",
                    params=[of.SvcParam(alpn=of.SvcStrings(values=["h2"])), of.SvcParam(port=8443)],
                )
            ),
            b"\0\x01\0" + struct.pack("!2H", 1, 3) + b"\x02h2" + struct.pack("!3H", 3, 2, 8443),
        ),
        (
            "place." + apex,
            "LOC",
            data(
                loc=of.LocData(
                    latitude_milliarcseconds=0,
                    longitude_milliarcseconds=0,
                    altitude_centimetres=0,
                    size_centimetres=100,
                    horizontal_precision_centimetres=100,
                    vertical_precision_centimetres=100,
                )
            ),
            b"\0\x12\x12\x12" + struct.pack("!3I", 1 << 31, 1 << 31, 10_000_000),
        ),
        ("other." + apex, "TYPE65280", data(opaque=b"\x01\x02\x03"), b"\x01\x02\x03"),
    ]


def tenants(client, admin):
    """An organisation with two projects, another organisation, and a token of an owner in each of the three."""
    proto = client.proto
    for organisation, projects in (("acme", ("web", "mail")), ("globex", ("main",))):
        made = client.call(
            client.tenants.CreateOrganisation,
            proto.tenant_service.CreateOrganisationRequest(
                organisation=proto.tenant.Organisation(id=organisation, display_name=organisation.title())
            ),
            admin,
        )
        assert made.organisation.id == organisation and made.organisation.etag
        for project in projects:
            project_name = proto.tenant.ProjectName(organisation=organisation, project=project)
            client.call(
                client.tenants.CreateProject,
                proto.tenant_service.CreateProjectRequest(project=proto.tenant.Project(name=project_name)),
                admin,
            )
            made = client.call(
                client.access.CreateToken,
                proto.access_service.CreateTokenRequest(
                    token=proto.access.Token(
                        display_name="client of " + project,
                        scope=proto.access.Scope(kind=proto.annotations.SCOPE_KIND_PROJECT, project=project_name),
                        role=proto.annotations.ROLE_OWNER,
                    )
                ),
                admin,
            )
            yield made.secret
    client.holds("organisations, projects and tokens are made")


def create_zone(client, apex, token, *records):
    proto = client.proto
    request = proto.zone_service.CreateZoneRequest(
        zone=proto.zone.Zone(name=proto.zone.ZoneName(apex=apex)), records=records
    )
    return client.changed("CreateZone", client.zones.CreateZone, request, token, [Serves(apex)]).zone


def all_types(client, apex, token):
    """A record of each type is made, changed in its TTL, and some are taken away."""
    service = client.proto.record_service
    for owner, kind, data, expected in kinds(client.proto, apex):
        request = service.CreateRecordRequest(zone=client.ref(apex), record=client.record(owner, kind, data))
        client.changed("CreateRecord", client.records.CreateRecord, request, token, [Has(owner, kind, [expected])])
    for owner, kind, data, expected in kinds(client.proto, apex):
        request = service.UpdateRecordRequest(
            zone=client.ref(apex), record=client.record(owner, kind, data, ttl=60)
        )
        views = [Has(owner, kind, [expected], 60)]
        client.changed("UpdateRecord", client.records.UpdateRecord, request, token, views)
    for owner, kind in (("text." + apex, "TXT"), ("place." + apex, "LOC"), ("svc." + apex, "HTTPS")):
        record_id = client.proto.record.RecordId(zone=client.ref(apex), name=owner, type=TYPES[kind])
        request = service.DeleteRecordRequest(id=record_id)
        client.changed("DeleteRecord", client.records.DeleteRecord, request, token, [Lacks(owner, kind, NXDOMAIN)])


def updates(client, apex, token, network, rounds):
    """One record changes its address again and again, each time with the version that was seen last."""
    service = client.proto.record_service
    owner, etag = "www." + apex, ""
    for i in range(rounds):
        address = network + str(1 + i)
        request = service.UpdateRecordRequest(
            zone=client.ref(apex), record=client.a(owner, address), etag=etag, allow_missing=not etag
        )
        views = [Has(owner, "A", [wire(address)])]
        etag = client.changed("UpdateRecord", client.records.UpdateRecord, request, token, views).record.etag
    return etag


def batches(client, apex, token, rounds, dice):
    """Records are made and removed by the dozen."""
    service = client.proto.record_service
    for i in range(rounds):
        owners = ["h%d.b%d.%s" % (n, i, apex) for n in range(24)]
        looked_at = [owners[0], owners[-1], dice.choice(owners)]
        request = service.BatchCreateRecordsRequest(
            zone=client.ref(apex), records=[client.a(owner, "203.0.113.%d" % n) for n, owner in enumerate(owners)]
        )
        views = [Has(owner, "A", [wire("203.0.113.%d" % owners.index(owner))]) for owner in looked_at]
        client.changed("BatchCreateRecords", client.records.BatchCreateRecords, request, token, views)
        request = service.BatchDeleteRecordsRequest(
            zone=client.ref(apex),
            records=[service.RecordSelector(name=owner, type=TYPES["A"]) for owner in owners],
        )
        if i == 0:
            error = client.refused(
                "most names of a zone do not go unforced",
                grpc.StatusCode.FAILED_PRECONDITION,
                client.records.BatchDeleteRecords,
                request,
                token,
                views,
            )
            assert client.details(error, client.proto.details.ErrorInfo).reason == "GUARD", error
        request.force = True
        views = [Lacks(owner, "A", NXDOMAIN) for owner in looked_at]
        client.changed("BatchDeleteRecords", client.records.BatchDeleteRecords, request, token, views)


def change_sets(client, one, other, token, rounds):
    """Values are added to and taken from records of two zones at once."""
    service = client.proto.record_service
    pool = ("pool." + one, "pool." + other)
    kept = []
    for i in range(rounds):
        address = "192.0.2.%d" % (10 + i)
        kept.append(address)
        edits = [[{"add": client.a(owner, address)}] for owner in pool]
        if len(kept) > 3:
            gone = kept.pop(0)
            for edit, owner in zip(edits, pool):
                edit.append({"remove": client.a(owner, gone)})
        request = service.ApplyChangesRequest(changes=[client.edit(one, *edits[0]), client.edit(other, *edits[1])])
        views = [Has(owner, "A", map(wire, kept)) for owner in pool]
        client.changed("ApplyChanges", client.records.ApplyChanges, request, token, views)


def whole_zones(client, apex, token, rounds):
    """A zone is suspended, resumed, rolled back, imported, deleted and brought back."""
    proto = client.proto
    service = proto.zone_service
    zone = proto.zone.Zone(name=proto.zone.ZoneName(apex=apex))
    for i in range(rounds):
        for suspended in (True, False):
            request = service.UpdateZoneRequest(zone=zone, update_mask={"paths": ["suspended"]})
            request.zone.suspended = suspended
            views = [Lacks(apex, "SOA", REFUSED) if suspended else Serves(apex)]
            client.changed("UpdateZone", client.zones.UpdateZone, request, token, views)
        request = service.DeleteZoneRequest(zone=client.ref(apex))
        client.changed("DeleteZone", client.zones.DeleteZone, request, token, [Lacks(apex, "SOA", REFUSED)])
        request = service.UndeleteZoneRequest(name=zone.name)
        client.changed("UndeleteZone", client.zones.UndeleteZone, request, token, [Serves(apex)])

        before = client.call(client.zones.GetZone, service.GetZoneRequest(zone=client.ref(apex)), token).zone.revision
        text = "imported%d 60 IN A 192.0.2.%d\n" % (i, i)
        owner = "imported%d.%s" % (i, apex)
        start = proto.zone_file.ImportZoneStart(zone=client.ref(apex), mode=proto.zone_file.IMPORT_MODE_MERGE)
        parts = [proto.zone_file.ImportZoneRequest(start=start)]
        parts += [proto.zone_file.ImportZoneRequest(chunk=text[at : at + 7].encode()) for at in range(0, len(text), 7)]

        def import_zone(requests, metadata, timeout):
            told = list(client.zones.ImportZone(iter(requests), metadata=metadata, timeout=timeout))
            assert told[-1].result.outcome.changed, told
            return told

        views = [Has(owner, "A", [wire("192.0.2.%d" % i)], 60)]
        client.changed("ImportZone", import_zone, parts, token, views)
        request = service.RollbackZoneRequest(zone=client.ref(apex), revision=before)
        views = [Lacks(owner, "A", NXDOMAIN)]
        client.changed("RollbackZone", client.zones.RollbackZone, request, token, views)


def refusals(client, apex, etag, token, neighbour, stranger):
    """What must not go, and what the errors carry."""
    proto = client.proto
    service = proto.record_service
    code = grpc.StatusCode
    owner = "www." + apex
    now = client.call(
        client.records.GetRecord,
        service.GetRecordRequest(
            id=proto.record.RecordId(zone=client.ref(apex), name=owner, type=TYPES["A"])
        ),
        token,
    ).record
    assert now.etag == etag
    same = [Has(owner, "A", [wire(now.data[0].a.address)])]

    for who, whose in ((neighbour, "another project's zone"), (stranger, "another organisation's zone")):
        get = lambda which: proto.zone_service.GetZoneRequest(zone=client.ref(which))
        hidden = client.refused(whose + " is not there to read", code.NOT_FOUND, client.zones.GetZone, get(apex), who)
        absent = client.refused(
            "neither is one that nobody has", code.NOT_FOUND, client.zones.GetZone, get("no" + apex), who
        )
        assert hidden.details().replace(apex, "") == absent.details().replace("no" + apex, ""), hidden.details()
        request = service.UpdateRecordRequest(zone=client.ref(apex), record=client.a(owner, "192.0.2.66"))
        rule = whose + " is not there to change"
        client.refused(rule, code.NOT_FOUND, client.records.UpdateRecord, request, who, same)
        request = proto.zone_service.DeleteZoneRequest(zone=client.ref(apex))
        client.refused(whose + " is not there to delete", code.NOT_FOUND, client.zones.DeleteZone, request, who, same)
        request = service.ApplyChangesRequest(changes=[client.edit(apex, {"put": client.a(owner, "192.0.2.66")})])
        rule = whose + " is not there in change sets"
        client.refused(rule, code.NOT_FOUND, client.records.ApplyChanges, request, who, same)
        listed = client.call(client.zones.ListZones, proto.zone_service.ListZonesRequest(), who).zones
        assert not [zone for zone in listed if zone.name.apex.startswith(apex)]
        client.holds(whose + " is not listed")

    request = proto.zone_service.CreateZoneRequest(
        zone=proto.zone.Zone(name=proto.zone.ZoneName(apex="below." + apex))
    )
    error = client.refused(
        "a name below another organisation's zone is not to be had",
        code.FAILED_PRECONDITION,
        client.zones.CreateZone,
        request,
        stranger,
    )
    info = client.details(error, proto.details.ErrorInfo)
    assert (info.domain, info.reason) == ("flashdns", "NAME_UNAVAILABLE"), info

    request = service.BatchCreateRecordsRequest(
        zone=client.ref(apex),
        records=[
            client.a("good." + apex, "192.0.2.1"),
            client.a("bad." + apex, "192.0.2.999"),
            client.a("other.test", "192.0.2.1"),
        ],
    )
    error = client.refused(
        "fields that are wrong are named by their paths",
        code.INVALID_ARGUMENT,
        client.records.BatchCreateRecords,
        request,
        token,
        [Lacks("good." + apex, "A", NXDOMAIN)],
    )
    bad = client.details(error, proto.details.BadRequest)
    fields = [violation.field for violation in bad.field_violations]
    assert fields == ["records[1].data[0].a.address", "records[2].name"], bad
    assert all(violation.description for violation in bad.field_violations)

    request = service.UpdateRecordRequest(zone=client.ref(apex), record=client.a(owner, "192.0.2.66"), etag="stale")
    for stale, rule in (("stale", "a version that never was"), (client.first_etag, "the version before")):
        request.etag = stale
        error = client.refused(rule + " does not hold", code.ABORTED, client.records.UpdateRecord, request, token, same)
        about = client.details(error, proto.details.ResourceInfo)
        assert about is not None and owner in about.description, about
    request = proto.zone_service.DeleteZoneRequest(zone=client.ref(apex), etag="stale")
    client.refused("nor for a zone", code.ABORTED, client.zones.DeleteZone, request, token, same)

    request = service.UpdateRecordRequest(zone=client.ref(apex), record=client.a(owner, "192.0.2.66"))
    client.refused("nobody is refused", code.UNAUTHENTICATED, client.records.UpdateRecord, request, "", same)
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    client.refused("so is a forged token", code.UNAUTHENTICATED, client.records.UpdateRecord, request, forged, same)

    request.validate_only = True
    outcome = client.call(client.records.UpdateRecord, request, token).outcome
    assert outcome.validated_only and len(outcome.zones[0].records) == 2, outcome
    assert same[0].holds(client.dns.ask(0, owner, TYPES["A"]))
    client.holds("validate_only tells the differences and changes nothing")

    request = service.CreateRecordRequest(
        zone=client.ref(apex), record=client.a("once." + apex, "192.0.2.1"), request_id="the-same"
    )
    views = [Has("once." + apex, "A", [wire("192.0.2.1")])]
    first = client.changed("CreateRecord", client.records.CreateRecord, request, token, views)
    again = client.call(client.records.CreateRecord, request, token)
    assert again.outcome.revision == first.outcome.revision and not again.outcome.changed, again
    client.holds("a request id that comes again gets the first answer")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stubs", required=True)
    parser.add_argument("--api", required=True)
    parser.add_argument("--dns", required=True)
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--dig-every", type=int, default=10)
    options = parser.parse_args()
    client = Client(load(options.stubs), options)
    dice = random.Random(SEED)
    with open(options.token_file) as file:
        admin = file.read().strip()

    owner, neighbour, stranger = tenants(client, admin)
    apexes = ["shop.test", "blog.test", "office.test"]
    for apex in apexes:
        made = create_zone(client, apex, owner)
        assert (made.project.organisation, made.project.project) == ("acme", "web"), made
    create_zone(client, "mail.test", neighbour, client.a("mx.mail.test", "192.0.2.25"))
    create_zone(client, "globex.test", stranger)
    for apex in apexes:
        all_types(client, apex, owner)
    client.first_etag = updates(client, apexes[0], owner, "203.0.113.", 1)
    etag = updates(client, apexes[0], owner, "198.51.100.", 100)
    batches(client, apexes[1], owner, 20, dice)
    change_sets(client, apexes[0], apexes[2], owner, 40)
    whole_zones(client, apexes[2], owner, 5)
    refusals(client, apexes[0], etag, owner, neighbour, stranger)
    spent = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    tell(
        done=client.changes,
        checks=client.checks,
        queries=client.dns.asked,
        waits=client.waits,
        processor_ms=round(spent * 1000),
    )


if __name__ == "__main__":
    main()
