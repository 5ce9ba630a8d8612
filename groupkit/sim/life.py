"""The life of a host: it begins with what its disk holds, goes down, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft.replica import ApplyError
from groupkit.sim.applying import stop

if TYPE_CHECKING:
    from groupkit.sim.host import Host


def boot(host: Host, *, delay: float = 0.0, again: bool = False) -> None:
    """Begin, with what the disk holds. ``delay``: seconds before this peer may stand for election."""
    node = host.node
    node.term, node.vote, base, entries, snapshot = host.spec.disk.read()
    if snapshot is not None:
        node.snapshot = snapshot
        node.log.restart_at(base, snapshot.index_term, snapshot.latest, snapshot.past)
    node.log.extend(entries)
    if again or snapshot is not None:
        try:
            host.replica.restore(None if snapshot is None else snapshot.data, base)
        except ApplyError as error:
            stop(host, error)
            return
    if snapshot is not None:
        node.set_commit(base)
    if host.watch is not None:
        host.watch.booted(host)
    if host.tape is not None and (entries or base):
        row = (host.world.now, "log", host.id, base + 1, tuple(entries), int(node.log.last_term), node.log.last)
        host.tape.rows.append(row)
    host.timers.begin(delay)
    host.settle()


def crash(host: Host, why: str) -> None:
    """The process is gone: what was in memory is lost, what was on the disk is not."""
    host.blocked = True
    host.seen_commit = 0
    host.acked.doubt()
    host.node.commit = 0
    for peer in list(host.bonds):
        host.let_go(peer)
        host.tell("bond", peer, False, f"{host.id} went down")
    host.desk.close(why)
    host.announce(("down", host.node.term, None))
    if host.seen_online:
        host.tell_online(False)
    if host.hub is not None:
        host.hub.bonds()


def resume(host: Host) -> None:
    """A frozen process goes on: what its own users handed in meanwhile is sent now."""
    if not host.blocked:
        host.desk.resume()
        host.settle()


def reboot(host: Host, *, wipe: bool) -> None:
    """Start again after a crash, with the disk as it was or an empty one."""
    lost = wipe and host.node.log.last > 0
    if wipe:
        host.spec.disk.wipe()
        if host.watch is not None:
            host.watch.wiped(host)
    host.failed = None
    host.new_life()
    host.tell("committed", 0)
    if lost:
        host.tell("log", 1, (), 0, 0)
        if host.hub is not None:
            host.hub.log(True, 0, 0)
    boot(host, again=True)
