"""The cluster as a whole: who leads it, and whether its peers agree."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from groupkit.group.hub import Ear
from groupkit.group.live import Asked
from groupkit.group.wait import Wait
from groupkit.group.waits import NOT_YET, Topic, expire
from groupkit.raft.config import seconds
from groupkit.raft.ids import PeerId
from groupkit.raft.news import LEADER

if TYPE_CHECKING:
    from groupkit.group.cluster import Cluster
    from groupkit.sim.host import Host


class Together:
    """Hears all peers at once, from the first time somebody waits for the cluster: the hub of every host."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = weakref.ref(cluster)
        self.pump = cluster._pump
        self.leaders = Topic()
        self.changes = Topic()
        self._listening = False

    def hosts(self) -> list[Host]:
        """The hosts of live peers."""
        cluster = self._cluster()
        if cluster is None:
            return []
        return [g._host for g in cluster._handles.values() if g._host.process.alive and not g._ended]

    def leader(self) -> PeerId | None:
        """The leader that a majority of live peers follows: there cannot be two."""
        for host in self.hosts():
            node = host.node
            if node.role == LEADER and self._followed(node.id, node.term):
                return PeerId(node.id)
        return None

    def _followed(self, leader: str, term: int) -> bool:
        """Whether a majority of live peers follows ``leader`` in ``term``, the leader itself among them."""
        live = following = 0
        leads = False
        for host in self.hosts():
            node = host.node
            live += 1
            if node.leader == leader and node.term == term:
                following += 1
                leads = leads or node.role == LEADER
        return leads and 2 * following > live

    def converged(self) -> bool:
        """Whether all live, linked peers follow one leader and have equal committed."""
        live = [h for h in self.hosts() if not h.process.frozen]
        world = self.pump.world
        linked = [
            h
            for h in live
            if len(live) == 1
            or any(
                o is not h and world.link(h.id, o.id).cut is None and world.link(o.id, h.id).cut is None for o in live
            )
        ]
        if not linked or any(h.node.leader is None for h in linked):
            return False
        return len({(h.node.leader, h.node.term, h.seen_commit) for h in linked}) == 1

    def listen(self) -> None:
        """Hear every peer from now on."""
        cluster = self._cluster()
        if not self._listening and cluster is not None:
            self._listening = True
            for group in cluster._handles.values():
                host = group._host
                if isinstance(host.hub, Ear):
                    host.hub.other = self
                else:
                    host.hub = self

    def state(self, role: str, term: int, leader: str | None) -> None:
        """Role, term or leader of some peer have changed: if that makes somebody leader of the cluster, then whom it
        follows now."""
        if leader is not None and self.leaders.waits and self._followed(leader, term):
            self.leaders.tell(PeerId(leader))
        if self.changes.waits:
            self.changes.tell()

    def committed(self, old: int, new: int) -> None:
        """A committed index moved."""
        if self.changes.waits:
            self.changes.tell()

    def log(self, cut: bool, term: int, index: int) -> None:
        """A log changed: nobody waits for that here."""

    def online(self, online: bool) -> None:
        """A peer came online or went offline: nobody waits for that here."""

    def bonds(self) -> None:
        """A bond came up or went down: nobody waits for that here."""

    def recheck(self) -> None:
        """Who leads, who counts as live and who as linked may be others now."""
        if self.leaders.waits:
            self.leaders.tell(self.leader())
        self.changes.tell()

    def fail(self, error: BaseException) -> None:
        """It is over."""
        self.leaders.fail(error)
        self.changes.fail(error)

    def standing(self) -> str:
        """How things stand, in words."""
        said = []
        for host in self.hosts():
            node = host.node
            said.append(
                f"{host.id} {node.role} of term {node.term}, leader {node.leader}, committed {host.seen_commit}"
            )
        return "; ".join(said) or "no peer is alive"


class ClusterWhen(Asked):
    """Awaitable conditions of a whole cluster; ``timeout=`` as in ``When``."""

    __slots__ = ("_all",)

    def __init__(self, together: Together) -> None:
        self._all = together

    def leader_elected(self, *, timeout: float | None = None) -> Wait[PeerId]:
        """LEVEL. A majority of live peers follows one leader: resolves with it."""
        wait = self._wait("leader_elected()", timeout)
        now = self._all.leader()
        if now is not None:
            wait.resolve(now)
        else:
            self._all.leaders.add(wait, lambda leader: NOT_YET if leader is None else leader)
        return wait

    def leader_changed(self, *, timeout: float | None = None) -> Wait[PeerId]:
        """EDGE. Resolves with the first leader of the cluster that differs from the one at the call."""
        wait = self._wait("leader_changed()", timeout)
        before = self._all.leader()
        self._all.leaders.add(wait, lambda leader: leader if leader not in (None, before) else NOT_YET)
        return wait

    def converged(self, *, timeout: float | None = None) -> Wait[None]:
        """LEVEL. All live, linked peers follow one leader and have equal committed: resolves with None."""
        wait = self._wait("converged()", timeout)
        if self._all.converged():
            wait.resolve(None)
        else:
            self._all.changes.add(wait, lambda: None if self._all.converged() else NOT_YET)
        return wait

    def __repr__(self) -> str:
        return "<when() of the cluster>"

    def _wait(self, what: str, timeout: float | None) -> Wait[Any]:
        self._all.pump.check_caller(what)
        self._all.listen()
        wait: Wait[Any] = Wait(self._all.pump, f"{what} of the cluster")
        if timeout is not None:
            after = seconds(timeout, "timeout")
            text = f"{what} of the cluster: nothing within {after:g} virtual seconds; "
            expire(self._all.pump, wait, after, lambda: TimeoutError(text + self._all.standing()))
        return wait
