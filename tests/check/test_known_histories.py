"""Histories whose verdict is known beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit.check import CounterModel, KeyValueModel, Operation, RegisterModel, linearizable

READ = ("read",)


def op(client: str, call: float, ret: float | None, *question: Any, gives: Any = None) -> Operation:
    return Operation(client, call, ret, question, gives)


GOOD = {
    "nothing happened": (RegisterModel, []),
    "only calls that never returned": (RegisterModel, [op("a", 0, None, "write", 1), op("b", 0, None, "read")]),
    "a fresh register": (RegisterModel, [op("a", 0, 1, "read")]),
    "one after the other": (RegisterModel, [op("a", 0, 1, "write", 1), op("b", 2, 3, "read", gives=1)]),
    "an overlapping read sees the old value": (RegisterModel, [op("a", 0, 5, "write", 1), op("b", 1, 2, "read")]),
    "an overlapping read sees the new value": (
        RegisterModel,
        [op("a", 0, 5, "write", 1), op("b", 1, 2, "read", gives=1)],
    ),
    "two writes, read in the other order": (
        RegisterModel,
        [
            op("a", 0, 10, "write", 1),
            op("b", 0, 10, "write", 2),
            op("c", 1, 2, "read", gives=2),
            op("c", 3, 4, "read", gives=1),
        ],
    ),
    "a lost write that took effect late": (
        RegisterModel,
        [op("a", 0, None, "write", 1), op("b", 5, 6, "read"), op("b", 90, 91, "read", gives=1)],
    ),
    "a lost write that never took effect": (
        RegisterModel,
        [op("a", 0, None, "write", 1), op("b", 5, 6, "read"), op("b", 90, 91, "read")],
    ),
    "a lost compare-and-set takes effect where it can": (
        RegisterModel,
        [
            op("a", 0, None, "cas", 1, 2),
            op("b", 1, 2, "read"),
            op("b", 3, 4, "write", 1),
            op("b", 5, 6, "read", gives=2),
        ],
    ),
    "equal times are concurrent": (RegisterModel, [op("a", 0, 1, "write", 1), op("a", 1, 2, "read")]),
    "all at one instant": (
        RegisterModel,
        [op("a", 1, 1, "write", 1), op("b", 1, 1, "read"), op("c", 1, 1, "read", gives=1)],
    ),
    "a client that overlaps itself": (
        RegisterModel,
        [op("a", 0, 9, "write", 1), op("a", 0, 9, "write", 2), op("a", 1, 5, "read", gives=1)],
    ),
    "one of two swaps wins": (
        RegisterModel,
        [
            op("a", 0, 4, "cas", None, 1, gives=False),
            op("b", 0, 4, "cas", None, 2, gives=True),
            op("c", 5, 6, "read", gives=2),
        ],
    ),
    "a write nobody reads makes a swap fail": (
        RegisterModel,
        [op("a", 0, 5, "write", 1), op("b", 0, 5, "write", 2), op("c", 10, 11, "cas", 1, 3, gives=False)],
    ),
    "a lost write nobody reads makes a swap fail": (
        RegisterModel,
        [op("a", 0, None, "write", 1), op("b", 3, 4, "read"), op("c", 9, 10, "cas", None, 3, gives=False)],
    ),
    "a lost write is kept for later": (  # the order that comes first to mind uses it too early
        RegisterModel,
        [
            op("p", 0, None, "write", 9),
            op("a", 0, 10, "write", 9),
            op("b", 0, 11, "write", 1),
            op("c", 0, 12, "read", gives=1),
            op("c", 13, 14, "read", gives=9),
            op("c", 15, 16, "write", 2),
            op("c", 17, 18, "read", gives=9),
        ],
    ),
    "NaN is read as NaN": (
        RegisterModel,
        [op("a", 0, 1, "write", float("nan")), op("b", 2, 3, "read", gives=float("nan"))],
    ),
    "values that cannot be hashed": (
        RegisterModel,
        [op("a", 0, 1, "write", [1, {"x": [2]}]), op("b", 2, 3, "read", gives=[1, {"x": [2]}])],
    ),
    "1 is 1.0": (RegisterModel, [op("a", 0, 1, "write", 1), op("b", 2, 3, "read", gives=1.0)]),
    "a missing key": (KeyValueModel, [op("a", 0, 1, "get", "x", gives="")]),
    "appends in either order": (
        KeyValueModel,
        [
            op("a", 0, 5, "append", "x", "1"),
            op("b", 0, 5, "append", "x", "2"),
            op("c", 6, 7, "get", "x", gives="21"),
            op("c", 8, 9, "get", "y", gives=""),
        ],
    ),
    "keys that cannot be hashed": (
        KeyValueModel,
        [op("a", 0, 1, "put", ["k", 1], "v"), op("a", 2, 3, "get", ["k", 1], gives="v")],
    ),
    "a counter goes down, up and back": (
        CounterModel,
        [
            op("a", 0, 1, "dec", 3),
            op("a", 2, 3, "value", gives=-3),
            op("a", 4, 5, "reset"),
            op("a", 6, 7, "inc", 2),
            op("a", 8, 9, "value", gives=2),
        ],
    ),
    "a lost increment counts once": (
        CounterModel,
        [op("a", 0, None, "inc", 1), op("b", 1, 2, "value", gives=0), op("b", 3, 4, "value", gives=1)],
    ),
}

BAD = {
    "a stale read": (RegisterModel, [op("a", 0, 1, "write", 1), op("b", 2, 3, "read")]),
    "a value nobody wrote": (RegisterModel, [op("a", 0, 1, "write", 1), op("b", 2, 3, "read", gives=7)]),
    "new, then old": (
        RegisterModel,
        [op("a", 0, 10, "write", 1), op("b", 1, 2, "read", gives=1), op("c", 3, 4, "read")],
    ),
    "two clients disagree on the order of two writes": (
        RegisterModel,
        [
            op("a", 0, 1, "write", 1),
            op("b", 0, 1, "write", 2),
            op("c", 2, 3, "read", gives=1),
            op("d", 4, 5, "read", gives=2),
        ],
    ),
    "a lost write takes effect once only": (
        RegisterModel,
        [
            op("a", 0, None, "write", 1),
            op("b", 1, 2, "read", gives=1),
            op("b", 3, 4, "write", 2),
            op("b", 5, 6, "read", gives=1),
        ],
    ),
    "a lost write does not take effect before its call": (
        RegisterModel,
        [op("b", 0, 1, "read", gives=1), op("a", 2, None, "write", 1)],
    ),
    "both swaps win": (
        RegisterModel,
        [op("a", 0, 4, "cas", None, 1, gives=True), op("b", 0, 4, "cas", None, 2, gives=True)],
    ),
    "the only swap loses": (RegisterModel, [op("a", 0, 1, "cas", None, 1, gives=False)]),
    "True is not 1": (RegisterModel, [op("a", 0, 1, "write", 1), op("b", 2, 3, "read", gives=True)]),
    "0 is not False in a list": (RegisterModel, [op("a", 0, 1, "write", [0]), op("b", 2, 3, "read", gives=[False])]),
    "a lost append": (
        KeyValueModel,
        [
            op("a", 0, 1, "append", "x", "1"),
            op("b", 0, 1, "append", "x", "2"),
            op("c", 2, 3, "get", "x", gives="2"),
        ],
    ),
    "an append applied twice": (
        KeyValueModel,
        [op("a", 0, None, "append", "x", "1"), op("c", 2, 3, "get", "x", gives="11")],
    ),
    "a lost update": (
        CounterModel,
        [op("a", 0, 1, "inc", 1), op("b", 0, 1, "inc", 1), op("c", 2, 3, "value", gives=1)],
    ),
    "an increment applied twice": (CounterModel, [op("a", 0, None, "inc", 1), op("b", 2, 3, "value", gives=2)]),
    "a counter does not answer True": (CounterModel, [op("a", 0, 1, "inc", 1), op("b", 2, 3, "value", gives=True)]),
}


@pytest.mark.parametrize("name", GOOD)
def test_good(name: str) -> None:
    model, history = GOOD[name]
    for given in (history, history[::-1]):
        result = linearizable(given, model)
        assert result, str(result)
        assert (result.linearizable, result.unknown, result.exhaustive) == (True, False, True)
        assert result.prefix == ()


@pytest.mark.parametrize("name", BAD)
def test_bad(name: str) -> None:
    model, history = BAD[name]
    for given in (history, history[::-1]):
        result = linearizable(given, model())
        assert not result, str(result)
        assert (result.linearizable, result.unknown, result.exhaustive) == (False, False, True)
        assert result.shortest and result.failed in result.prefix


def test_a_generator_is_a_history() -> None:
    assert linearizable((one for one in [op("a", 0, 1, "read")]), RegisterModel)


def test_the_register_starts_where_it_is_told() -> None:
    assert linearizable([op("a", 0, 1, "read", gives=4)], RegisterModel(init=4))
    assert linearizable([op("a", 0, 1, "value", gives=4)], CounterModel(init=4))
    assert not linearizable([op("a", 0, 1, "value", gives=0)], CounterModel(4))


def test_the_order_found_is_told() -> None:
    history = [op("a", 0, 9, "write", 1), op("b", 0, 9, "write", 2), op("c", 1, 2, "read", gives=2)]
    result = linearizable([*history, op("c", 20, 21, "read", gives=1)], RegisterModel)
    assert [one.deed() for one in result.order] == ["write 2", "read -> 2", "write 1", "read -> 1"]


def test_the_orders_of_all_keys_are_merged_in_time() -> None:
    history = [op("a", t, t + 0.5, *question) for t, question in enumerate([("put", "x", "1"), ("put", "y", "2")] * 3)]
    assert linearizable(history, KeyValueModel).order == tuple(history)


def test_the_shortest_prefix_ends_with_the_first_failure_of_any_key() -> None:
    history = [
        op("a", 0, 1, "put", "x", "1"),
        op("a", 10, 11, "get", "x", gives="stale"),
        op("b", 2, 3, "put", "y", "1"),
        op("b", 4, 5, "get", "y", gives=""),
        op("c", 6, 7, "get", "z", gives="dirty"),
    ]
    result = linearizable(history, KeyValueModel)
    assert (result.key, result.failed) == ("y", history[3])
    assert result.prefix == (history[2], history[3])


def test_the_prefix_hides_what_had_not_been_seen() -> None:
    history = [
        op("a", 0, 1, "write", 1),
        op("b", 2, 9, "read", gives=1),
        op("c", 3, 4, "read"),
        op("d", 6, 7, "write", 2),
    ]
    result = linearizable(history, RegisterModel)
    assert result.failed is history[2]
    assert result.prefix == (history[0], Operation("b", 2, None, READ), history[2])
    assert result.order == (history[0],)
    assert result.states == (1,)
