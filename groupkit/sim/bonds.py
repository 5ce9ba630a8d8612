"""Bonds: how two hosts of one group find, trust and lose each other.

Both prove that they know the key by an HMAC over a fresh nonce of each side; the key never travels. The peer with the
lower id initiates. A bond over a whole wire between two live processes cannot miss a heartbeat, so its heartbeats are
not simulated one by one: only while something is wrong with it, a *watch* draws them, and tears down the side that
missed too many.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from groupkit.sim.greetings import PING, Bye, Greeting, Hello, Knock, Proof, Welcome
from groupkit.sim.links import Link, carry

if TYPE_CHECKING:
    from groupkit.sim.host import Host
    from groupkit.sim.world import World


class End:
    """One side of a bond that is up: ``host`` is the other side, ``link`` the wire to it, ``heard`` when it was last
    heard while the bond was watched (virtual seconds)."""

    __slots__ = ("heard", "host", "link", "serial")

    def __init__(self, host: Host, link: Link, serial: int, now: float) -> None:
        self.host = host
        self.link = link
        self.serial = serial
        self.heard = now


class Pair:
    """Two hosts of one group; ``a`` has the lower id."""

    __slots__ = (
        "_attempt", "_looks", "_looks_at", "_nonces", "_planned", "_tries", "_watching", "a", "b", "refused"
    )  # fmt: skip

    def __init__(self, a: Host, b: Host) -> None:
        self.a, self.b = (a, b) if a.id < b.id else (b, a)
        self.a.pairs[self.b.id] = self
        self.b.pairs[self.a.id] = self
        self._attempt = 0  # the serial number of the attempt or bond that counts
        self._nonces: tuple[bytes, bytes] = (b"", b"")
        self._planned = 0
        self._tries = 0
        self._watching = False
        self._looks = 0  # so many heartbeats were planned while it was watched
        self._looks_at = 0.0  # when the next ones come
        self.refused = ""  # why the last attempt was refused

    # -- what others ask of it -----------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether both sides hold the bond, and the same one."""
        one, other = self.a.bonds.get(self.b.id), self.b.bonds.get(self.a.id)
        return one is not None and other is not None and one.serial == other.serial

    def disturbed(self) -> None:
        """Something about the wire or a process has changed: watch the bond if it is up, try again if it is not."""
        if self.a.left or self.b.left:
            return
        self._tries = 0
        if self.a.bonds.get(self.b.id) is not None or self.b.bonds.get(self.a.id) is not None:
            self._watch()
        if not self.up:
            self.try_later(self.a.world.now)

    def try_later(self, time: float) -> None:
        """Start an attempt at ``time``, if the two can talk then; it takes the place of one that was planned."""
        self._planned += 1
        self.a.world.at(time, self._try, self._planned)

    def part(self, host: Host, why: str) -> None:
        """``host`` ends its side, and says so."""
        other = self.b if host is self.a else self.a
        end = host.bonds.get(other.id)
        if end is not None:
            self._say(host, other, Bye(end.serial, host.group))
            self._drop(host, other, why)

    # -- the handshake -------------------------------------------------------------------------------------------

    def _usable(self) -> bool:
        world, a, b = self.a.world, self.a, self.b
        if a.blocked or b.blocked or a.left or b.left:
            return False
        return world.link(a.id, b.id).cut is None and world.link(b.id, a.id).cut is None

    def _try(self, planned: int) -> None:
        if planned != self._planned or self.up or not self._usable() or self.refused:
            return
        if self.b.id in self.a.bonds:  # the lower id does not know yet that the other one came back
            self._say(self.b, self.a, Knock(self._attempt, self.b.group))
        else:
            self._hello()
        pause = self.a.spec.config.heartbeat_interval * 2**self._tries  # a slow wire needs time for three messages
        self._tries = min(self._tries + 1, 6)
        self.try_later(self.a.world.now + pause)

    def _hello(self) -> None:
        world = self.a.world
        world.serial += 1
        self._attempt = world.serial
        self._nonces = (world.seeds.stream("nonces").randbytes(16), b"")
        self._say(self.a, self.b, Hello(self._attempt, self.a.group, self._nonces[0], b"", self.a.node.observer))

    def _say(self, src: Host, dst: Host, message: Greeting) -> None:
        carry(src.world, src.world.link(src.id, dst.id), self._heard, dst, message, src.tape)

    def _heard(self, dst: Host, message: Greeting, link: Link, number: int) -> None:
        if dst.blocked or link.cut is not None or dst.left:
            fate = "cut" if link.cut is not None else "down"
            if fate == "down" and dst.process.frozen and dst.process.alive and not dst.left:
                dst.process.held.append((self._heard, (dst, message, link, number)))
            else:
                dst._lost(number, fate)
            return
        src = self.a if dst is self.b else self.b
        if isinstance(message, Bye):
            end = dst.bonds.get(src.id)
            if end is not None and end.serial == message.serial:
                self._drop(dst, src, f"{src.id} said good-bye")
            return
        if message.serial != self._attempt:
            return
        if isinstance(message, Knock):
            self._drop(dst, src, f"{src.id} came back")
            self._hello()
            return
        if not self._trusts(dst, src):
            return
        if isinstance(message, Hello):
            nonce = dst.world.seeds.stream("nonces").randbytes(16)
            self._nonces = (message.nonce, nonce)
            self._say(dst, src, Welcome(message.serial, dst.group, nonce, self._proof(dst), dst.node.observer))
        elif isinstance(message, Welcome):
            self._nonces = (self._nonces[0], message.nonce)
            if self._proven(dst, src, message):
                self._say(dst, src, Proof(message.serial, dst.group, b"", self._proof(dst), dst.node.observer))
                self._raise(dst, src, message.serial, "proved the key to each other")
                self._watch()
        elif self._proven(dst, src, message):
            self._raise(dst, src, message.serial, "proved the key to each other")

    def _proof(self, host: Host) -> bytes:
        return host.spec.key.prove(b"bond", host.id.encode(), *self._nonces)

    def _proven(self, host: Host, other: Host, message: Greeting) -> bool:
        wanted = host.spec.key.prove(b"bond", other.id.encode(), *self._nonces)
        return hmac.compare_digest(wanted, message.proof)

    def _trusts(self, host: Host, other: Host) -> bool:
        allowed = host.spec.authorize
        if allowed is None or allowed(other.id):
            return True
        if not self.refused:
            self.refused = f"{host.id} does not authorize {other.id}"
            host.tell("bond", other.id, False, self.refused)
        return False

    # -- up and down ---------------------------------------------------------------------------------------------

    def _raise(self, host: Host, other: Host, serial: int, why: str) -> None:
        end = host.bonds.get(other.id)
        if end is not None:
            if end.serial == serial:  # a greeting that arrived twice
                return
            self._drop(host, other, f"{other.id} came back")
        host.hold(other.id, End(other, host.world.link(host.id, other.id), serial, host.world.now))
        host.tell("bond", other.id, True, why)
        host.node.bonded(other.id, other.node.observer)
        if host.hub is not None:
            host.hub.bonds()
        if host.node.news or host.node.out:
            host.settle()

    def _drop(self, host: Host, other: Host, why: str) -> None:
        if not host.let_go(other.id):
            return
        host.tell("bond", other.id, False, why)
        if host.left:  # it has nothing more to decide
            self._watch()
            return
        host.node.unbonded(other.id)
        if host.hub is not None:
            host.hub.bonds()
        if host.node.news or host.node.out:
            host.settle()
        self._watch()

    def _watch(self) -> None:
        now = self.a.world.now
        if not self._watching:
            self._watching = True
            for host, other in ((self.a, self.b), (self.b, self.a)):
                end = host.bonds.get(other.id)
                if end is not None:
                    end.heard = now
        elif self._looks_at <= now + self.a.spec.config.heartbeat_interval:
            return
        self._look(now + self._interval())

    def _look(self, time: float) -> None:
        """The next heartbeats are at ``time``, not when it was planned before."""
        self._looks += 1
        self._looks_at = time
        self.a.world.at(time, self._tick, self._looks)

    def _end(self, host: Host, other: Host) -> End | None:
        end = host.bonds.get(other.id)
        return end if end is not None and end.host is other else None  # not one with who left and came back

    def _interval(self) -> float:
        low, high = self.a.spec.config.heartbeat_range
        return low + (high - low) * self.a.world.seeds.stream("bonds").random()

    def _tick(self, look: int) -> None:
        """One heartbeat in each direction, while something may be wrong."""
        if look != self._looks:
            return
        world = self.a.world
        fine = self._beat(world, self.a, self.b) & self._beat(world, self.b, self.a)
        if self.up and fine:
            self._watching = False
            return
        ends = [(host, self._end(host, other)) for host, other in ((self.a, self.b), (self.b, self.a))]
        held = [(host, end) for host, end in ends if end is not None]
        if not held:
            self._watching = False
            self.try_later(world.now)
            return
        lost = [end.heard + _patience(host) for host, end in held if not host.blocked]
        pause = self._interval()
        if lost and self._severed():  # until something changes, only patience runs out
            self._look(min(lost) + (self.a.spec.config.heartbeat_interval - pause))
        else:
            self._look(world.now + pause)

    def _severed(self) -> bool:
        """Whether no side that still holds the bond can hear the other one."""
        for src, dst in ((self.a, self.b), (self.b, self.a)):
            if self._end(dst, src) is not None and not src.blocked and src.world.link(src.id, dst.id).cut is None:
                return False
        return True

    def _beat(self, world: World, src: Host, dst: Host) -> bool:
        """``src`` sends a heartbeat to ``dst``. Returns whether this direction can do without being watched."""
        link, end = world.link(src.id, dst.id), self._end(dst, src)
        if end is None:
            return True
        sender: Any = src.bonds.get(dst.id)
        able = not src.blocked and sender is not None and sender.serial == end.serial
        passes = able and link.cut is None and not world.dropped(src.id, dst.id, PING)
        if passes and (not link.loss or world.seeds.stream("bonds").random() >= link.loss):
            end.heard = world.now
        if not dst.blocked and world.now >= end.heard + _patience(dst):
            self._say(dst, src, Bye(end.serial, dst.group))
            self._drop(dst, src, f"missed {dst.spec.config.max_missed_heartbeats} heartbeats of {src.id}")
            return True
        return able and link.cut is None and not link.loss and not world.rules and not dst.blocked


def bond_all(hosts: Sequence[Host]) -> None:
    """Bond each with each from the beginning, as the peers of a cluster are: nobody listens or leads yet."""
    world = hosts[0].world
    now = world.now
    for place, one in enumerate(hosts):
        name, bonds, serials, peers, observer = one.id, one.bonds, one.serials, one.node.peers, one.node.observer
        rows = None if one.tape is None else one.tape.rows
        for other in hosts[place + 1 :]:
            its, pair = other.id, Pair(one, other)
            world.serial = pair._attempt = serial = world.serial + 1
            bonds[its] = End(other, world.link(name, its), serial, now)
            other.bonds[name] = End(one, world.link(its, name), serial, now)
            serials.add(serial)
            other.serials.add(serial)
            peers[its] = other.node.observer
            other.node.peers[name] = observer
            if rows is not None:
                rows.append((now, "bond", name, its, True, "began as a cluster"))
                rows.append((now, "bond", its, name, True, "began as a cluster"))


def _patience(host: Host) -> float:
    """How long ``host`` does without a heartbeat, in seconds."""
    config = host.spec.config
    return config.max_missed_heartbeats * config.heartbeat_interval
