"""Bad input is refused at the door, with the value and the way out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from groupkit import (
    Cluster,
    ConsensusConfig,
    Counter,
    GroupKey,
    MemoryLog,
    Network,
    QueryError,
    StateMachine,
    UnknownPeer,
    run,
    run_sync,
)
from groupkit.raft.machine import OBSERVER
from tests.group.helpers import INC, led, virtual
from tests.stories.storm import Ledger


class Watching(Counter):
    leadership = OBSERVER


@pytest.mark.parametrize(
    ("peers", "error", "text"),
    [
        (0, ValueError, "a count from 1 to 100 or a list of names, not 0"),
        (101, ValueError, "not 101"), (-1, ValueError, "not -1"), (True, TypeError, "not True"),
        ("3", TypeError, "not '3'"), (3.0, TypeError, "not 3.0"), (None, TypeError, "not None"),
        ([], ValueError, "peers is empty"), (["a", "a"], ValueError, "the name 'a' is given twice"),
        (["a", ""], ValueError, "a peer's name is 1 to 40 printable characters, not ''"),
        (["a", "  "], ValueError, "not '  '"), (["a", "b\n"], ValueError, "printable"),
        (["x" * 41], ValueError, "1 to 40"),
        (["a", 3], TypeError, "a peer's name is text, not 3"),
        ([str(n) for n in range(101)], ValueError, "at most 100 peers, not 101"),
    ],
)  # fmt: skip
def test_peers(peers: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Cluster(peers)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"latency": -1}, ValueError, "latency is a finite number of seconds, 0 or more, not -1"),
        ({"latency": math.nan}, ValueError, "not nan"), ({"latency": (0.1, math.inf)}, ValueError, "not inf"),
        ({"latency": (0.2, 0.1)}, ValueError, "lower bound above its upper one: swap"),
        ({"latency": (1, 2, 3)}, ValueError, r"seconds or \(low, high\), not \(1, 2, 3\)"),
        ({"latency": "1"}, TypeError, "not '1'"), ({"latency": True}, TypeError, "not True"),
        ({"pace": 0}, ValueError, "to stop time, pause"), ({"pace": -1}, ValueError, "not -1"),
        ({"pace": math.nan}, ValueError, "not nan"), ({"pace": "1"}, TypeError, "not '1'"),
        ({"pace": True}, TypeError, "True"), ({"pace": 10**400}, ValueError, "not 1000"),
        ({"seed": 1.5}, TypeError, "seed is a whole number, not 1.5"), ({"seed": "x"}, TypeError, "not 'x'"),
        ({"seed": True}, TypeError, "not True"),
        ({"machine": Counter()}, TypeError, "takes the class Counter, without brackets"),
        ({"machine": 3}, TypeError, "not 3"), ({"machine": int}, TypeError, "not <class 'int'>"),
        ({"machine": lambda: 3}, TypeError, "made 3"),
        ({"machine": Watching}, ValueError, "all peers are observers"),
        ({"config": {"election_timeout": 1}}, TypeError, "config takes a ConsensusConfig, not {'election"),
        ({"config": ConsensusConfig(voters=("zoe",))}, ValueError, "voters names 'zoe', which is no peer .* a, b, c"),
        ({"quorum": "all"}, ValueError, "Quorum is one of 'members', 'bonded', not 'all'"),
        ({"rules": {"pre_vote": False}}, TypeError, r"rules takes Rules\(\.\.\.\)"),
        ({"storage": "disk.db"}, TypeError, "storage takes a function of a peer's name .* not 'disk.db'"),
        ({"storage": MemoryLog}, TypeError, r"such as lambda name: MemoryLog\(\); <class .* be called with a name"),
        ({"storage": lambda name: 5}, TypeError, "for 'a' storage takes a function of a peer's name .* not 5"),
        ({"storage": lambda name: MemoryLog}, TypeError, r"not the class MemoryLog: write MemoryLog\(\.\.\.\)"),
    ],
)  # fmt: skip
def test_options_of_a_cluster(options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Cluster(3, **options)


VERBS: list[tuple[str, tuple[Any, ...]]] = [
    ("kill", ("zoe",)), ("restart", ("zoe",)), ("freeze", ("zoe",)), ("thaw", ("zoe",)), ("isolate", ("zoe",)),
    ("cut", ("a", "zoe")), ("cut", ("zoe", "a")), ("partition", ({"a", "zoe"},)), ("heal", ("a", "zoe")),
    ("link", ("zoe", "a")), ("drift", ("zoe", 1.0)), ("timeout_now", ("zoe",)),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "arguments"), VERBS)
def test_an_unknown_peer_is_refused_by_every_verb_now_and_later(verb: str, arguments: tuple[Any, ...]) -> None:
    cluster = Cluster(3)
    with pytest.raises(UnknownPeer, match="there is no peer 'zoe' here; the peers are: a, b, c"):
        getattr(cluster, verb)(*arguments)
    if verb != "link":
        with pytest.raises(UnknownPeer, match="there is no peer 'zoe' here; the peers are: a, b, c"):
            cluster.at(1.0, verb, *arguments)
    assert not [row for row in cluster.recorder.rows if row[1] == "fault"], "refused before anything happened"


BAD: list[tuple[str, tuple[Any, ...], str]] = [
    ("cut", ("a", "a"), "'a' cannot be cut from itself: name two peers"),
    ("heal", ("a",), r"heal\('a'\) names one peer: name two, or none to heal everything"),
    ("heal", ("a", "a"), "'a' cannot be healed with itself"),
    ("partition", (), "a side of the partition is empty"), ("partition", ({"a"}, set()), "is empty"),
    ("partition", ({"a"}, {"a", "b"}), "'a' stands on two sides of the partition"),
    ("partition", ("ab", {"c"}), "a side of a partition is a set of peers, such as"),
    ("drift", ("a", 0), "a finite rate above 0"), ("drift", ("a", -1), "not -1"), ("drift", ("a", math.nan), "not nan"),
    ("drift", ("a", math.inf), "not inf"), ("drift", ("a", "2"), "not '2'"), ("drift", ("a", True), "not True"),
    ("drop", (3,), "drop takes a predicate, a function of a message, not 3"), ("kill", (3,), "not 3"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "arguments", "text"), BAD)
def test_bad_arguments_are_refused_now_also_when_meant_for_later(verb: str, arguments: Any, text: str) -> None:
    cluster = Cluster(3)
    with pytest.raises((ValueError, TypeError), match=text):
        getattr(cluster, verb)(*arguments)
    with pytest.raises((ValueError, TypeError), match=text):
        cluster.at(1.0, verb, *arguments)
    assert cluster.recorder.inputs == [] and not [row for row in cluster.recorder.rows if row[1] == "fault"]


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "1", True, None])
def test_times_are_finite_and_not_negative(bad: Any) -> None:
    cluster = Cluster(3)
    calls: list[tuple[str, Any]] = [
        ("at", lambda: cluster.at(bad, "kill", "a")), ("advance", lambda: cluster.clock.advance(bad)),
        ("sleep", lambda: cluster.clock.sleep(bad)),
        ("latency", lambda: setattr(cluster.link("a", "b"), "latency", bad)),
    ]  # fmt: skip
    for what, call in calls:
        with pytest.raises((ValueError, TypeError), match=what) as caught:
            call()
        assert repr(bad) in str(caught.value)


def test_at_knows_its_verbs() -> None:
    cluster = Cluster(3)
    with pytest.raises(ValueError, match=r"at\(\.\.\.\) knows no verb 'explode'; it knows kill, restart, freeze"):
        cluster.at(1, "explode", "a")
    with pytest.raises(TypeError, match="kill takes 1 argument, not 0"):
        cluster.at(1, "kill")


@pytest.mark.parametrize("name", ["loss", "duplicate", "reorder"])
@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan, "1", True, None])
def test_fractions(name: str, bad: Any) -> None:
    link = Cluster(3).link("a", "b")
    with pytest.raises((ValueError, TypeError), match=f"{name} is a fraction from 0 to 1, not") as caught:
        setattr(link, name, bad)
    assert repr(bad) in str(caught.value)
    with pytest.raises(AttributeError, match="los"):
        link.los = 0.1  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="'a' has no link to itself"):
        Cluster(3).link("a", "a")


@dataclass
class Loose:
    n: int = 1


@dataclass(frozen=True)
class Deep:
    inner: Any = field(default_factory=list)


class Thing:
    def __repr__(self) -> str:
        return "<a thing>"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Thing(), "the command is not plain data but Thing, <a thing>"),
        (lambda: 1, "not plain data but function"), (Counter.Increment, "not plain data but type"),
        ([1, Thing()], r"the command\[1\] is not plain data"), ({"k": {"x": Thing()}}, r"the command\['k'\]\['x'\]"),
        ({Thing(): 1}, "a key of the command is not plain"), (Deep(Thing()), r"the command\.inner is not plain"),
        (Loose(), "a dataclass that is not frozen, Loose: write @dataclass"),
        ((1, Loose()), r"the command\[1\] is a dataclass"),
        (open, "not plain data"), (object(), "not plain data but object"), (iter([]), "not plain data"),
    ],
)  # fmt: skip
def test_commands_that_are_not_plain_data_are_refused_at_the_call(command: Any, text: str) -> None:
    @virtual
    async def go() -> None:
        cluster, _ = await led()
        group = cluster["a"].group
        for call in (group.execute, group.feed, lambda c: group.execute_many([1, c])):
            with pytest.raises(TypeError, match=text):
                call(command)
        with pytest.raises(TypeError, match=text.replace("the command", "the query")):
            group.query(command)
        assert group.log_position() == 0

    go()


@virtual
async def test_peers_share_nothing_mutable() -> None:
    class Scribbler(Ledger):
        signature = "Scribbler"

        def apply(self, command: Any, ctx: Any) -> None:
            super().apply(command, ctx)
            if isinstance(command, list):
                command.append("scribbled")

        def query(self, query: Any) -> Any:
            return self.lines

    cluster, leader = await led(machine=Scribbler)
    mine = ["x", {"y": [1]}]
    await cluster[leader].group.execute(mine)
    mine[1]["y"].append(2)  # type: ignore[index]
    await cluster.when().converged()
    books = [peer.group._host.replica.machine.lines for peer in cluster]
    assert all(book == [["x", {"y": [1]}, "scribbled"]] for book in books)
    assert len({id(book[0]) for book in books}) == 3
    for level in ("weak", "strong"):
        answer = (await cluster[leader].group.query("all", level)).result
        answer[0].append("by the caller")
        answer.clear()
        assert await cluster[leader].group.query("all", level) == [["x", {"y": [1]}, "scribbled"]]
    frozen = Deep((1, 2))
    await cluster[leader].group.execute(frozen)
    assert books[0][-1] is frozen or books[0][-1] == frozen


@virtual
async def test_queries_weak_and_strong() -> None:
    cluster, leader = await led()
    follower = next(p.group for p in cluster if p.id != leader)
    await cluster[leader].group.execute_many([INC()] * 3)
    assert await follower.query(Counter.Value(), "strong") == 3
    result = await follower.query(Counter.Value())
    assert (result.result, result.at_position.index, result == 3, repr(result)[:14]) == (3, 3, True, "QueryResult(3,")
    cluster.isolate(follower)
    await cluster[leader].group.execute(INC())
    assert await follower.query(Counter.Value(), "weak") == 3, "its own machine, in any role, however old"
    with pytest.raises(QueryError, match="was not answered within 1 virtual seconds"):
        await follower.query(Counter.Value(), "strong", timeout=1)
    with pytest.raises(QueryError, match="found no leader to confirm it"):
        await follower.query(Counter.Value())
    for level in ("weak", "strong"):
        with pytest.raises(QueryError, match=f"{leader}: the machine raised TypeError.*knows no query 'huh'"):
            await cluster[leader].group.query("huh", level)
    with pytest.raises(ValueError, match="Consistency is one of 'weak', 'strong', not 'sure'"):
        follower.query("x", "sure")
    cluster.kill(follower)
    with pytest.raises(QueryError, match=r"is down, it cannot answer .*: restart it or ask another peer"):
        await follower.query(Counter.Value(), "weak")


@virtual
async def test_a_former_leader_never_answers_a_strong_query_with_old_data() -> None:
    cluster, leader = await led(5)
    former = cluster[leader].group
    cluster.isolate(leader)
    old = former.query(Counter.Value())
    new = cluster[await cluster.when().leader_changed()].group
    await new.execute(INC(5))
    cluster.heal()
    try:
        assert await old == 5
    except QueryError as error:
        assert "Trying again is safe" in str(error)


@virtual
async def test_a_result_that_cannot_be_copied_is_a_query_error() -> None:
    class Odd(Ledger):
        signature = "Odd"

        def query(self, query: Any) -> Any:
            return (n for n in range(3))

    cluster, leader = await led(machine=Odd)
    for level in ("weak", "strong"):
        with pytest.raises(QueryError, match="generator"):
            await cluster[leader].group.query("x", level)
    assert await cluster[leader].group.execute("still alive") == 1


def test_the_builder_says_what_it_needs() -> None:
    network = Network()
    builder = network.peer("alice").groups()
    with pytest.raises(ValueError, match="a group needs a key: call with_key"):
        builder.join()
    for call, text in [
        (lambda: builder.with_key("secret"), "with_key takes a GroupKey"),  # type: ignore[arg-type]
        (lambda: builder.with_state_machine(Counter), r"write Counter\(\), with brackets"),  # type: ignore[arg-type]
        (lambda: builder.with_state_machine(3), "takes a StateMachine, not 3"),  # type: ignore[arg-type]
        (lambda: builder.with_consensus_config(3), "takes a ConsensusConfig, not 3"),  # type: ignore[arg-type]
        (lambda: builder.with_log_storage(3), "takes a MemoryLog"),  # type: ignore[arg-type]
        (lambda: builder.with_log_storage(MemoryLog), r"write MemoryLog\(\.\.\.\), with"),  # type: ignore[arg-type]
        (lambda: builder.authorize(3), "a function of a PeerId, not 3"),  # type: ignore[arg-type]
    ]:
        with pytest.raises(TypeError, match=text):
            call()
    machine, key = Counter(), GroupKey.from_secret("k")
    group = builder.with_key(key).with_state_machine(machine).join()
    assert builder.join() is group, "joining twice gives the same handle"
    with pytest.raises(ValueError, match="this Counter belongs to alice already: give each its own"):
        network.peer("bob").groups().with_key(key).with_state_machine(machine).join()
    with pytest.raises(ValueError, match="quorum 'members' needs to know them: name the voters"):
        config = ConsensusConfig(quorum="members")
        network.peer("bob").groups().with_key(key).with_consensus_config(config).join()


def test_a_machine_of_ones_own_needs_apply_and_query() -> None:
    with pytest.raises(NotImplementedError, match=r"StateMachine needs a method apply\(self, command, ctx\)"):
        StateMachine().apply("x", None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match=r"needs a method query\(self, query\)"):
        StateMachine().query("x")


def test_run_and_run_sync_say_what_they_take() -> None:
    async def main() -> int:
        return 3

    assert run(main) == 3
    with pytest.raises(TypeError, match=r"leave out the brackets: run\(main\), not run\(main\(\)\)"):
        run(main())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="run takes a function made by 'async def', not 3"):
        run(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="run_sync takes something that can be awaited, not 3"):
        run_sync(3)  # type: ignore[arg-type]
