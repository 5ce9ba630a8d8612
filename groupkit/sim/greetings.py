"""What two hosts say to each other outside of a bond: to make one, and to end it."""

from __future__ import annotations

from typing import ClassVar

from groupkit.raft.messages import Message


class Greeting(Message):
    """What is said outside of a bond. ``serial`` names the attempt, and later the bond."""

    __slots__ = ("group", "nonce", "observer", "proof", "serial")
    kind: ClassVar[str] = "hello"

    def __init__(self, serial: int, group: str, nonce: bytes = b"", proof: bytes = b"", observer: bool = False) -> None:
        self.term = 0
        self.serial = serial
        self.group = group
        self.nonce = nonce
        self.proof = proof
        self.observer = observer

    def brief(self) -> str:
        return f"{self.kind} to group {self.group[:10]}"


class Hello(Greeting):
    """The lower id asks for a bond, with its nonce."""

    __slots__ = ()
    kind = "hello"


class Knock(Greeting):
    """The higher id asks the lower one to say hello."""

    __slots__ = ()
    kind = "knock"


class Welcome(Greeting):
    """The higher id answers with a nonce of its own and the proof over both."""

    __slots__ = ()
    kind = "welcome"


class Proof(Greeting):
    """The lower id proves itself in turn."""

    __slots__ = ()
    kind = "proof"


class Bye(Greeting):
    """The bond is over, from this side."""

    __slots__ = ()
    kind = "bye"


class Ping(Message):
    """A bond's heartbeat; seen by drop rules only."""

    __slots__ = ()
    kind = "ping"


PING = Ping(0)
