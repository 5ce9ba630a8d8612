"""Words shared by all roles: what they are called, and what may have changed by an event."""

from __future__ import annotations

from typing import Final

FOLLOWER: Final = "follower"
CANDIDATE: Final = "candidate"
LEADER: Final = "leader"
OBSERVER: Final = "observer"

STATE: Final = 1  # role, term or leader
HARD: Final = 2  # term or vote: to the disk before anything is sent
LOG: Final = 4  # entries, see ``Node.changes``: to the disk before anything is sent
COMMIT: Final = 8  # the committed index
HEARD: Final = 16  # start the election clock anew
QUORUM: Final = 32  # a leader was in touch with a quorum: start its patience anew
BEAT: Final = 64  # start the heartbeat clock anew
CONTACT: Final = 128  # whether the peer is in touch and agrees with its leader
SPREAD: Final = 256  # entries were appended or committed: send them when the moment is over
NOTES: Final = 512  # see ``Node.notes``
ANSWERS: Final = 1024  # to this peer's own users: see ``Node.placed`` and ``Node.reads``
INSTALL: Final = 2048  # see ``Node.install``


class Progress:
    """What a leader knows of one follower (Raft fig. 2): ``next`` to send, ``match`` known to agree."""

    __slots__ = ("busy", "contact", "counts", "match", "next", "round", "told")

    def __init__(self, following: int, counts: bool) -> None:
        self.next = following
        self.match = 0
        self.busy = 0  # the last index of an append that is on its way and not answered yet; 0: none is
        self.told = 0  # the committed index it was told last
        self.contact = -1  # the count of contacts (``Node.patience``) it is part of
        self.round = 0  # the newest round of heartbeats it answered
        self.counts = counts  # towards commits, contact and reads
