"""A group as one of its peers sees it: inspect it, wait for it, command and query it."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from groupkit.group import html
from groupkit.group.bonds import Bonds
from groupkit.group.errors import GroupTerminated, NoCommands, QueryError
from groupkit.group.hub import Ear
from groupkit.group.live import Live
from groupkit.group.plain import checked, opened
from groupkit.group.pump import Pump
from groupkit.group.tickets import QueryResult, Question, Ticket, answer, apply_failed, command_error
from groupkit.group.wait import Wait
from groupkit.group.waits import expire
from groupkit.group.when import When
from groupkit.raft.config import ConsensusConfig, seconds
from groupkit.raft.ids import Consistency, Cursor, GroupId, Index, IndexRange, PeerId, Term, choice
from groupkit.raft.news import LEADER

if TYPE_CHECKING:
    from groupkit.group.network import Network
    from groupkit.record.recorder import Recorder
    from groupkit.record.timeline import Timeline
    from groupkit.sim.host import Host


class Group(Live):
    """The handle of one peer on one group. It outlives kills: of a peer that is down it reads "down"."""

    __slots__ = ("__weakref__", "_ended", "_host", "network")

    def __init__(self, network: Network, host: Host) -> None:
        self.network = network
        self._host = host
        self._ended: str = ""

    # -- inspect -------------------------------------------------------------------------------------------------

    def id(self) -> GroupId:
        """The group's identity, derived from key, consensus configuration and machine signature."""
        return self._host.group

    def peer_id(self) -> PeerId:
        """This peer."""
        return PeerId(self._host.id)

    def leader(self) -> PeerId | None:
        """The leader this peer follows now (itself, if it leads); None: it knows none, is candidate, or is down."""
        if self._down:
            return None
        leader = self._host.node.leader
        return None if leader is None else PeerId(leader)

    def is_leader(self) -> bool:
        """Whether this peer leads; never while it is down."""
        return not self._down and self._host.node.role == LEADER

    def role(self) -> str:
        """ "follower", "candidate", "leader", "observer" or "down"."""
        return "down" if self._down else self._host.node.role

    def term(self) -> Term:
        """The newest term this peer has seen; of a dead peer, the one on its disk."""
        return Term(self._host.node.term)

    def committed(self) -> Index:
        """Up to here the log is committed and applied, as far as this peer knows; 0 while it is down."""
        return Index(0 if self._down else self._host.seen_commit)

    def log_position(self) -> Cursor:
        """(term, index) of the last entry in this peer's log, committed or not; of a dead peer, the one on its disk."""
        log = self._host.node.log
        return Cursor(log.last_term, log.last)

    def bonds(self) -> Bonds:
        """Who this peer is bonded with: a live view."""
        return Bonds(self)

    def config(self) -> ConsensusConfig:
        """The consensus configuration."""
        return self._host.spec.config

    def is_online(self) -> bool:
        """Whether this peer leads and had contact with a quorum within an election timeout, or follows a leader that it
        heard within an election timeout, its log holding everything that leader had committed then."""
        return not self._down and self._host.seen_online

    @property
    def timeline(self) -> Timeline:
        """Everything recorded of this group, as pandas frames."""
        return timeline_of(self._host.tape)

    # -- wait ----------------------------------------------------------------------------------------------------

    def when(self) -> When:
        """Futures for what will happen to this peer."""
        return When(self)

    # -- commands and queries --------------------------------------------------------------------------------------

    def execute(self, command: Any, *, timeout: float | None = None) -> Wait[Index]:
        """Submit now; resolves with the command's index once it is committed and applied on this peer.

        On a follower it is forwarded. ``timeout`` is in virtual seconds; without one it waits as long as there is hope.
        Raises ``Offline``, ``CommandLost``, ``OutcomeUnknown``, ``ApplyFailed`` or ``GroupTerminated``; a command
        that is not plain data is a ``TypeError`` at the call.
        """
        return self._submit("execute", (command,), feed=False, many=False, timeout=timeout)

    def execute_many(self, commands: Iterable[Any], *, timeout: float | None = None) -> Wait[IndexRange]:
        """As ``execute``, for several commands that get contiguous indexes in their order."""
        return self._submit("execute_many", _batch(commands), feed=False, many=True, timeout=timeout)

    def feed(self, command: Any, *, timeout: float | None = None) -> Wait[Index]:
        """Submit now; resolves once the leader has given it an index. It is not committed yet, and may never be."""
        return self._submit("feed", (command,), feed=True, many=False, timeout=timeout)

    def feed_many(self, commands: Iterable[Any], *, timeout: float | None = None) -> Wait[IndexRange]:
        """As ``feed``, for several commands that get contiguous indexes in their order."""
        return self._submit("feed_many", _batch(commands), feed=True, many=True, timeout=timeout)

    def query(
        self, query: Any, consistency: Consistency | str = Consistency.STRONG, *, timeout: float | None = None
    ) -> Wait[QueryResult]:
        """Ask the state machine. WEAK: this peer's own, as it stands, in any role. STRONG: linearizable; the leader
        confirms with a quorum that it still leads (diss. 6.4), and is waited for as with ``execute``. Answered at once
        when WEAK; ``timeout`` is in virtual seconds. Raises ``QueryError`` where an answer cannot be had."""
        level = choice(Consistency, consistency)
        query = opened(checked(query, lambda: "the query"))
        after = None if timeout is None else seconds(timeout, "timeout")
        host = self._host
        self._enter(f"query({query!r})")
        wait: Wait[QueryResult] = Wait(self._pump, f"query({query!r}) on {host.id}")
        if self._down:
            wait.fail(QueryError(f"{host.id} is down, it cannot answer {query!r}: restart it or ask another peer"))
            return wait
        number = self.network._next_number()
        self.network._journal("query", host.id, query, level.value)
        host.tell("query", number, level.value, query)
        if level is Consistency.WEAK:
            try:
                wait.resolve(answer(host, number, query))
            except QueryError as error:
                wait.fail(error)
            return wait
        question = Question(host, number, query, wait)
        if after is not None:
            text = f"the strong query {query!r} on {host.id} was not answered within {after:g} virtual seconds"
            expire(self._pump, wait, after, lambda: QueryError(f"{text}; {self._standing()}"))
        host.moment.flush()  # calls on one handle keep their order
        host.desk.read(question, hold=host.blocked)
        if not host.blocked:
            host.settle()
        self._pump.touched()
        return wait

    def leave(self) -> Wait[None]:
        """Say good-bye to the bonds and end this peer's part at the call: everything pending here raises
        ``GroupTerminated``. What is returned is done at once."""
        self._enter("leave()")
        self.network._journal("leave", self._host.id)
        self.network._leave(self)
        wait: Wait[None] = Wait(self._pump, f"leave() of {self._host.id}")
        wait.resolve(None)
        return wait

    def _submit(self, verb: str, given: Sequence[Any], *, feed: bool, many: bool, timeout: float | None) -> Wait[Any]:
        if not given:
            raise NoCommands(f"{verb}([]) has nothing to do: hand in at least one command")
        if len(given) == 1:
            only = checked(given[0])
            commands = given if only is given[0] and type(given) is tuple else (only,)
        else:
            commands = tuple([checked(command) for command in given])
        after = None if timeout is None else seconds(timeout, "timeout")
        if self._ended:
            raise GroupTerminated(f"{verb}: {self._ended}")
        host, network = self._host, self.network
        pump = network._pump
        pump.check_caller(verb)
        wait: Wait[Any] = Wait(pump, _called(verb, host.id))
        if not host.process.alive:
            failed = host.failed
            why = f"{host.id} is down"
            wait.fail(apply_failed(host, failed) if failed else command_error("offline", why, given, host))
            return wait
        network._number = number = network._number + 1
        ticket = Ticket(host, number, given, commands, feed, many, wait)
        if network._inputs is not None:  # as ``_journal`` and ``Host.tell`` would write it: this is done often
            world, name = host.world, host.id
            network._inputs.append((world.events, world.now, "submit", name, verb, commands))
            host.tape.rows.append((world.now, "command", name, number, "submitted", (len(commands), commands)))
        if after is not None:
            self._give_up(ticket, after)
        host.moment.hand_in(ticket)
        pump.touched()
        return wait

    def _give_up(self, ticket: Ticket, after: float) -> None:
        host = self._host

        def late() -> BaseException:
            outcome = "unknown" if ticket.sent else "offline"
            why = f"nothing within {after:g} virtual seconds; {self._standing()}"
            self.network._journal("withdraw", host.id, ticket.number, outcome, why)
            host.desk.withdraw(ticket)
            host.tell("command", ticket.number, outcome, why)
            return ticket.error(outcome, why)

        expire(self._pump, ticket.wait, after, late)

    # -- inner workings ------------------------------------------------------------------------------------------

    @property
    def _pump(self) -> Pump:
        return self.network._pump

    @property
    def _down(self) -> bool:
        return bool(self._ended) or not self._host.process.alive

    def _enter(self, what: str) -> None:
        if self._ended:
            raise GroupTerminated(f"{what}: {self._ended}")
        self._pump.check_caller(what)

    def _ear(self) -> Ear:
        hub = self._host.hub
        if not isinstance(hub, Ear):
            hub = self._host.hub = Ear(self._host, self._pump, hub)
        return hub

    def _known_peer(self, peer: Any) -> str:
        return self.network._name(peer)

    def _standing(self) -> str:
        host = self._host
        if self._ended:
            return f"{host.id}: {self._ended}"
        if self._down:
            return f"{host.id} is down"
        leader = self.leader()
        follows = "leads" if self.is_leader() else f"follows {leader}" if leader else "knows no leader"
        return (
            f"{host.id} is {self.role()} of term {self.term()} and {follows}; "
            f"committed {self.committed()}, log ends at {int(self.log_position().index)}, bonds up: {len(self.bonds())}"
        )

    def _end(self, why: str, *, for_good: bool = False) -> None:
        if for_good:
            self.network = weakref.proxy(self.network)  # it holds this handle too: no circle may be left
        if not self._ended:
            self._ended = why
            error = GroupTerminated(why)
            if isinstance(self._host.hub, Ear):
                self._host.hub.fail(error)
            desk = self._host.desk
            for submission in [*desk.pending, *desk.waiting, *desk.astray, *desk.reads.values()]:
                if isinstance(submission, Ticket | Question):
                    submission.wait.fail(error)
            desk.close(why)

    def __repr__(self) -> str:
        return f"<Group {self.id().short()} at {self._standing()}>"

    def _repr_html_(self) -> str:
        return html.of_group(self)


@cache
def _called(verb: str, peer: str) -> str:
    return f"{verb}() on {peer}"


def _batch(commands: Iterable[Any]) -> list[Any]:
    if isinstance(commands, str | bytes | dict) or not isinstance(commands, Iterable):
        raise TypeError(f"several commands are handed in as a list, not as {commands!r}")
    return list(commands)


def timeline_of(recorder: Recorder | None) -> Timeline:
    """What ``recorder`` keeps, as frames; without one a ``LookupError`` says why there is none."""
    from groupkit.record.timeline import Timeline

    if recorder is None:
        raise LookupError("nothing was recorded: the network was made with record=False")
    return Timeline(recorder)
