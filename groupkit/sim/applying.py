"""What a host does when its committed index moves: the machine applies, or goes back; and snapshots (Raft 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft.log import shared
from groupkit.raft.messages import Snapshot
from groupkit.raft.replica import ApplyError

if TYPE_CHECKING:
    from groupkit.sim.host import Host


def commit(host: Host, new: int) -> bool:
    """Apply what is committed now, or undo what no longer is. False: the machine failed and this peer is down."""
    node, old, desk, watch = host.node, host.seen_commit, host.desk, host.watch
    try:
        if node.lowest >= 0:
            old = _go_back(host, old)
        if new <= old:
            return True
        _apply(host, new)
        _move(host, old, new)
        if watch is not None and not new % watch.every:
            watch.applied(host)
        if desk.waiting or desk.reads or desk.astray:
            desk.applied(new)
        every = host.spec.config.snapshot_every
        if every is not None and new - node.log.base >= every:
            _snapshot(host)
    except ApplyError as error:
        return stop(host, error)
    return True


def stop(host: Host, error: ApplyError) -> bool:
    """Its machine failed: this peer goes down. False, for those who would have gone on."""
    host.failed = error
    if host.on_fail is not None:
        host.on_fail(host)
    return False


def _go_back(host: Host, old: int) -> int:
    """The committed index was lower in between: the machine starts again from the last snapshot (bonded quorum)."""
    node = host.node
    lowest, node.lowest = node.lowest, -1
    if lowest >= old:
        return old
    kept = node.snapshot
    host.replica.restore(None if kept is None else kept.data, node.log.base)
    _apply(host, lowest)
    _move(host, old, lowest)
    return lowest


def _apply(host: Host, upto: int) -> None:
    """Apply; a machine that calls back into the group is refused, also where its own caller commits at once."""
    world = host.world
    busy, world.busy = world.busy, True
    try:
        host.replica.apply(host.node.log, upto)
    finally:
        world.busy = busy


def _move(host: Host, old: int, new: int) -> None:
    host.seen_commit = new
    if new > old and host.acked.doubtful:
        host.acked.reached(old, new, host.node.log)
    if host.tape is not None:
        host.tape.rows.append((host.world.now, "committed", host.id, new))
    if host.watch is not None:
        host.watch.committed(host, old, new)
    if host.hub is not None:
        host.hub.committed(old, new)


def install(host: Host) -> bool:
    """A snapshot takes the place of log and machine (Raft 7). False: the machine failed and this peer is down."""
    node, snapshot = host.node, host.node.install
    assert snapshot is not None
    node.install = None
    old, node.lowest = host.seen_commit, -1
    common = shared(node.log.runs(node.log.last), snapshot.past)
    if common < old and node.voters is None:  # another history has won
        host.acked.removed(common + 1)
        _move(host, old, common)
        host.acked.doubt()
        old = common
    node.log.restart_at(snapshot.index, snapshot.index_term, snapshot.latest, snapshot.past)
    node.snapshot = snapshot
    host.spec.disk.write(node.term, node.vote, (), snapshot)
    try:
        host.replica.restore(snapshot.data, snapshot.index)
    except ApplyError as error:
        return stop(host, error)
    node.commit = snapshot.index
    host.tell("log", snapshot.index + 1, (), int(snapshot.index_term), snapshot.index)
    host.tell("applied", snapshot.index)
    host.desk.cut()
    if snapshot.index != old:
        _move(host, old, snapshot.index)
    host.desk.applied(snapshot.index)
    if host.hub is not None:
        host.hub.log(True, int(snapshot.index_term), snapshot.index)
    return True


def _snapshot(host: Host) -> None:
    """Keep what the applied entries did instead of the entries (Raft 7)."""
    node, index = host.node, host.replica.applied
    log = node.log
    data = host.replica.snapshot()
    log.prune(index)
    node.snapshot = Snapshot(node.term, index, log.base_term, data, dict(log.pruned), 0, log.past)
    host.spec.disk.write(node.term, node.vote, (), node.snapshot)
