"""What a caller holds while its command or query is under way, and what it gets when the fate is certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from groupkit.group.errors import ApplyFailed, CommandError, CommandLost, Offline, OutcomeUnknown, QueryError
from groupkit.group.plain import copied
from groupkit.group.wait import Wait
from groupkit.raft.ids import Cursor, Index, IndexRange
from groupkit.raft.machine import Packed
from groupkit.raft.replica import ApplyError
from groupkit.raft.submissions import Reading, Submission

if TYPE_CHECKING:
    from groupkit.sim.host import Host


class Ticket(Submission):
    """Commands on their way. ``feed``: done once they have their indexes; ``many``: the result is a range."""

    __slots__ = ("feed", "given", "host", "many", "place", "wait")

    def __init__(
        self,
        host: Host,
        number: int,
        given: Sequence[Any],
        commands: Sequence[Any],
        feed: bool,
        many: bool,
        wait: Wait[Any],
    ) -> None:
        Submission.__init__(self, number, commands)
        self.host = host
        self.given = given  # as the caller handed them in
        self.feed = feed
        self.many = many
        self.wait = wait
        self.place = (0, 0, 0)  # term, index of the first, how many

    def indexed(self, term: int, index: int) -> None:
        """A leader of ``term`` gave them their indexes, from ``index`` on."""
        count, host = len(self.commands), self.host
        self.term, self.index, self.last = term, index, index + count - 1
        self.place = place = (term, index, count)
        if host.tape is not None:
            host.tape.rows.append((host.world.now, "command", host.id, self.number, "indexed", place))
        if self.feed:
            self.wait.resolve(self._where())

    def end(self, outcome: str, why: str) -> None:
        """The fate is certain (or certainly unknown)."""
        host = self.host
        if outcome == "committed":
            if host.tape is not None:
                host.tape.rows.append((host.world.now, "command", host.id, self.number, outcome, self.place))
            if host.node.voters is None:  # bonded quorum
                host.acked.add(self.number, self.place, (host.desk.client, self.serial + len(self.commands) - 1))
            if not self.feed:
                self.wait.resolve(self._where())
            return
        host.tell("command", self.number, outcome, why)
        self.wait.fail(self.error(outcome, why))

    def error(self, outcome: str, why: str) -> CommandError:
        """What the caller is told."""
        if self.kept:
            why = f"{why}; the first {self.kept} of {len(self.given)} are committed, and not among these"
        return command_error(outcome, why, self.given[self.kept :], self.host)

    def _where(self) -> Index | IndexRange:
        # an index of the log needs no check: this is done for each command
        return IndexRange(self.index, self.last) if self.many else int.__new__(Index, self.index)


def command_error(outcome: str, why: str, commands: Sequence[Any], host: Host) -> CommandError:
    """The error for an outcome: lost, offline, or unknown; of a peer whose machine failed, ``ApplyFailed``."""
    if host.failed is not None:
        return apply_failed(host, host.failed)
    what = repr(commands[0]) if len(commands) == 1 else f"{len(commands)} commands"
    if outcome == "lost":
        return CommandLost(f"{what} is lost: {why}. It will never be applied; trying again is safe", commands)
    if outcome == "offline":
        return Offline(f"{what} was never submitted: {why}. Trying again is safe", commands)
    return OutcomeUnknown(
        f"the outcome of {what} is unknown: {why}. It may yet commit; before trying again, query whether it did",
        commands,
    )


def apply_failed(host: Host, failed: ApplyError) -> ApplyFailed:
    """Names peer, index and command (or call) of a machine that raised."""
    applying = failed.call == "apply()"
    where = f"when it applied index {failed.index}, {failed.command!r}"
    if not applying:
        where = f"in {failed.call}, for the state after index {failed.index}"
    text = (
        f"{host.id} has stopped: its {type(host.replica.machine).__name__} raised {failed.cause!r} {where}. Mend the "
        "machine; restart the peer to try again"
    )
    command = failed.command.open() if isinstance(failed.command, Packed) else failed.command
    error = ApplyFailed(text, [command] if applying else [], host.id, failed.index)
    error.__cause__ = failed.cause
    return error


class QueryResult:
    """A query's ``result``, and ``at_position``: the last applied position it was read at. Equal to its result."""

    __slots__ = ("at_position", "result")

    def __init__(self, result: Any, at_position: Cursor) -> None:
        self.result = result
        self.at_position = at_position

    def __eq__(self, other: object) -> bool:
        return bool(self.result == (other.result if isinstance(other, QueryResult) else other))

    def __hash__(self) -> int:
        return hash(self.result)

    def __repr__(self) -> str:
        return f"QueryResult({self.result!r}, at {self.at_position!r})"


def answer(host: Host, number: int, query: Any) -> QueryResult:
    """Ask this peer's machine as it stands; what it says is recorded as the answer to query ``number``."""
    replica = host.replica
    world, busy = host.world, host.world.busy
    world.busy = True
    try:
        result = copied(replica.machine.query(query))
    except Exception as error:
        raise QueryError(f"{host.id}: the machine raised {error!r} for the query {query!r}") from error
    finally:
        world.busy = busy
    term = host.node.log.term_at(replica.applied)
    if host.tape is not None:
        host.tell("answer", number, copied(result))
    return QueryResult(result, Cursor(max(term, 0), replica.applied))


class Question(Reading):
    """A strong query on its way."""

    __slots__ = ("host", "query", "wait")

    def __init__(self, host: Host, number: int, query: Any, wait: Wait[QueryResult]) -> None:
        super().__init__(number)
        self.host = host
        self.query = query
        self.wait = wait

    def ready(self) -> None:
        """Everything up to the read index is applied."""
        try:
            self.wait.resolve(answer(self.host, self.number, self.query))
        except QueryError as error:
            self.wait.fail(error)

    def fail(self, why: str) -> None:
        """No leader confirmed it."""
        self.wait.fail(QueryError(f"the strong query {self.query!r} was not answered: {why}. Trying again is safe"))
