"""DNS messages made and read by hand (RFC 1035 section 4), as far as the client needs them."""

import random
import socket
import struct

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "LOC": 29, "SRV": 33,
    "NAPTR": 35, "DNAME": 39, "DS": 43, "SSHFP": 44, "TLSA": 52, "SVCB": 64, "HTTPS": 65, "CAA": 257,
    "TYPE65280": 65280,
}
NOERROR, NXDOMAIN, REFUSED = 0, 3, 5
OPT = 41
LARGEST_UDP = 1232
# Where names stand in the data, and how many octets are before them: only these may be compressed (RFC 3597 section 4).
NAME_AT = {2: 0, 5: 0, 12: 0, 15: 2}


def name(text):
    """A name in wire form; no escapes."""
    labels = [label.encode("ascii") for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def query(qname, qtype):
    """A question with a random id and an OPT record."""
    head = struct.pack("!6H", random.getrandbits(16), 0, 1, 0, 0, 1)
    opt = b"\0" + struct.pack("!HHIH", OPT, LARGEST_UDP, 0, 0)
    return head + name(qname) + struct.pack("!2H", qtype, 1) + opt


def read_name(message, at):
    """The name at a place, uncompressed and folded, and where it ends."""
    labels, end = [], None
    while True:
        octet = message[at]
        if octet >= 0xC0:
            end = at + 2 if end is None else end
            at = struct.unpack_from("!H", message, at)[0] & 0x3FFF
        elif octet == 0:
            return b"".join(bytes([len(label)]) + label for label in labels) + b"\0", at + 1 if end is None else end
        else:
            labels.append(message[at + 1 : at + 1 + octet].lower())
            at += 1 + octet


class Reply:
    """A reply: its code and its records, as (owner, type) -> (TTL, set of data)."""

    def __init__(self, message):
        _, flags, questions, answers, authorities, _ = struct.unpack_from("!6H", message)
        self.rcode = flags & 0xF
        self.authoritative = bool(flags & 0x0400)
        self.truncated = bool(flags & 0x0200)
        at = 12
        for _ in range(questions):
            _, at = read_name(message, at)
            at += 4
        self.rrsets = {}
        for _ in range(answers + authorities):
            owner, at = read_name(message, at)
            rtype, _, ttl, length = struct.unpack_from("!HHIH", message, at)
            at += 10
            data = message[at : at + length]
            if rtype in NAME_AT:
                before = NAME_AT[rtype]
                target, _ = read_name(message, at + before)
                data = data[:before] + target
            at += length
            self.rrsets.setdefault((owner, rtype), (ttl, set()))[1].add(data)

    def __repr__(self):
        return "rcode %d, %r" % (self.rcode, self.rrsets)


class Sockets:
    """Sockets with ports of their own: a server that shares the load by port has them at all its threads."""

    def __init__(self, address, port, count):
        self.sockets = []
        self.asked = 0
        for _ in range(count):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.connect((address, port))
            one.settimeout(5)
            self.sockets.append(one)

    def ask(self, which, qname, qtype):
        """One question by one of the sockets; a reply that does not come within 5 seconds is an error."""
        question = query(qname, qtype)
        self.asked += 1
        self.sockets[which].send(question)
        while True:
            reply = self.sockets[which].recv(65535)
            if reply[:2] == question[:2]:
                return Reply(reply)
