"""The clocks of one host. Lazy: a heartbeat only moves a number, and one event in the heap re-arms itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft.news import LEADER

if TYPE_CHECKING:
    from groupkit.sim.host import Host


class Timers:
    """``lapse``: when the leader counts as silent (of a leader: its quorum); ``due``: when an election begins.

    Both in virtual seconds of the world; a process whose clock drifts waits accordingly shorter or longer.
    """

    __slots__ = (
        "_armed",
        "_asking",
        "_beating",
        "_factor",
        "_host",
        "_jitter",
        "_randomised",
        "_retrying",
        "_timeout",
        "_token",
        "_tell",
        "due",
        "lapse",
    )

    def __init__(self, host: Host) -> None:
        self._host = host
        config = host.spec.config
        self._timeout = config.election_timeout
        self._jitter = config.election_timeout_jitter
        self._factor = host.replica.machine.leadership.factor
        self._randomised = host.spec.rules.timers_randomised
        self._tell = None if host.tape is None else host.tape.waits_of(host.id, self._factor)
        self.lapse = 0.0
        self.due = 0.0
        self._armed = -1.0  # when the one event in the heap fires; below 0: none
        self._token = 0  # events of a former life or a former deadline carry another one
        self._beating = 0
        self._retrying = False
        self._asking = False

    def begin(self, delay: float) -> None:
        """A new life: nothing of the former one fires any more."""
        self._token += 1
        self._beating += 1
        self._armed = -1.0
        self._retrying = False
        self._asking = False
        self.restart(delay)

    def close(self) -> None:
        """It never fires again."""
        self._tell = None
        del self._host

    def restart(self, delay: float = 0.0) -> None:
        """Somebody was heard: wait a whole election timeout again (Raft 5.2)."""
        host = self._host
        world, rate = host.world, host.process.rate
        now = world.now
        self.lapse = lapse = now + (self._timeout + delay) / rate
        if host.node.role == LEADER:
            self.due = lapse
        else:
            part = world.timer_die() if self._randomised else 0.5
            due = lapse + self._jitter * part / rate
            if self._factor != 1.0:
                due = now + (due - now) * self._factor
            self.due = due
            tell = self._tell
            if tell is not None:
                tell(now)
                tell(due)
        wanted = lapse if host.node.fresh else self.due  # who hears from no leader has none to lose
        if self._armed < 0 or wanted < self._armed:
            self._arm(wanted)

    def set(self, due: float) -> None:
        """Let the election timer run out at ``due`` (virtual seconds, neither before now nor before ``lapse``)."""
        self.due = due
        if self._tell is not None:
            self._tell(self._host.world.now)
            self._tell(due)
        if self._armed < 0 or due < self._armed:
            self._arm(due)

    def rebeat(self) -> None:
        """The next heartbeat is due within the heartbeat interval."""
        host = self._host
        low, high = host.spec.config.heartbeat_range
        world = host.world
        self._beating += 1
        pause = low + (high - low) * world.timer_die() if host.node.rules.timers_randomised else high
        world.at(world.now + pause / host.process.rate, self._on_beat, self._beating)

    def arm_desk(self) -> None:
        """Something was forwarded or asked: look again whether it was answered."""
        host = self._host
        world, config, life = host.world, host.spec.config, host.process.boots
        if host.desk.pending and not self._retrying:
            self._retrying = True
            world.at(world.now + config.forward_timeout, self._on_retry, life)
        if host.desk.reads and not self._asking:
            self._asking = True
            world.at(world.now + config.query_timeout, self._on_ask, life)

    def catch_up(self) -> None:
        """The process was frozen: what fell due meanwhile falls due now."""
        self._token += 1
        self._armed = -1.0
        self._arm(max(self.lapse if self._host.node.fresh else self.due, self._host.world.now))
        if self._host.node.role == LEADER:
            self._beating += 1
            self._host.world.at(self._host.world.now, self._on_beat, self._beating)

    def _arm(self, time: float) -> None:
        self._token += 1
        self._armed = time
        self._host.world.at(time, self._on_clock, self._token)

    def _on_clock(self, token: int) -> None:
        host = self._host
        if token != self._token or host.left:
            return
        self._armed = -1.0
        if host.blocked:
            return
        now, node = host.world.now, host.node
        wanted = self.lapse if node.fresh else self.due
        if now < wanted:
            self._arm(wanted)
            return
        if node.role == LEADER:
            node.quorum_lapsed()
        elif now < self.due:
            node.lapse()
        else:
            node.election_timeout()
        host.settle()
        if self._armed < 0 and not host.blocked:
            self._arm(max(self.due, now))

    def _on_beat(self, beating: int) -> None:
        host = self._host
        if beating == self._beating and not host.blocked and not host.left:
            host.node.beat()
            host.settle()

    def _on_retry(self, life: int) -> None:
        host = self._host
        if life == host.process.boots and host.process.alive and not host.left:
            self._retrying = False
            if not host.blocked:  # frozen: what is pending waits for the thaw
                host.desk.retry()
            host.settle()

    def _on_ask(self, life: int) -> None:
        host = self._host
        if life == host.process.boots and host.process.alive and not host.left:
            self._asking = False
            if not host.blocked:
                host.desk.retry_reads()
            host.settle()
