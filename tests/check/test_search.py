"""Work: long histories need few steps, hard ones do not hide easy ones, and a budget is kept.

Steps are counted, not seconds: a million are about a second.
"""

from __future__ import annotations

from typing import Any

import pytest

from groupkit.check import CounterModel, KeyValueModel, Operation, RegisterModel, Undecided, linearizable
from tests.check.histories import MODELS, busy, explains, with_stale_read

LONG: dict[str, dict[str, Any]] = {
    "register": {"kind": "register", "count": 5_000, "clients": 10},
    "register with few values": {"kind": "register", "count": 5_000, "clients": 10, "values": 40},
    "register with lost calls": {"kind": "register", "count": 5_000, "clients": 10, "lost": 0.05},
    "register, twenty clients": {"kind": "register", "count": 5_000, "clients": 20},
    "twenty keys": {"kind": "key-value", "count": 10_000, "clients": 20, "keys": 20},
    "twenty keys with lost calls": {"kind": "key-value", "count": 10_000, "clients": 20, "keys": 20, "lost": 0.05},
    "one key": {"kind": "key-value", "count": 3_000, "clients": 10},
    "counter": {"kind": "counter", "count": 5_000, "clients": 10},
    "counter with lost calls": {"kind": "counter", "count": 2_000, "clients": 5, "lost": 0.01},
}


@pytest.mark.parametrize("name", LONG)
def test_long_good_histories(name: str) -> None:
    history = busy(**LONG[name])
    result = linearizable(history, MODELS[LONG[name]["kind"]], budget=500_000)
    assert result


def test_the_order_of_a_long_history_explains_it() -> None:
    history = busy("key-value", 1_000, 10, keys=5, lost=0.05)
    assert explains(linearizable(history, KeyValueModel).order, history, KeyValueModel())


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("scale", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_long_bad_histories(name: str, scale: int) -> None:
    options = {**LONG[name], "count": LONG[name]["count"] // scale}
    history = with_stale_read(busy(**options), 0.6)
    model = MODELS[options["kind"]]
    result = linearizable(history, model, budget=4_000_000)
    assert result.linearizable is False
    assert result.shortest and result.exhaustive
    assert not linearizable(result.prefix, model)
    assert linearizable([one.cut_off() if one is result.failed else one for one in result.prefix], model)


def test_many_lost_writes_some_of_them_read() -> None:
    history = [Operation(f"w{place}", place, None, ("write", place)) for place in range(300)]
    read = [(place * 7) % 300 for place in range(0, 300, 3)]
    history += [Operation("r", 1000 + t, 1000.5 + t, ("read",), value) for t, value in enumerate(read)]
    assert linearizable(history, RegisterModel, budget=100_000)
    again = Operation("r", 2000, 2001, ("read",), read[3])
    assert linearizable([*history, again], RegisterModel, budget=200_000).failed is again


def test_many_lost_increments() -> None:
    history = [Operation(f"w{place}", place, None, ("inc", 1)) for place in range(300)]
    history += [Operation("r", 1000 + t, 1000.5 + t, ("value",), 3 * t) for t in range(100)]
    assert linearizable(history, CounterModel, budget=100_000)
    less = Operation("r", 2000, 2001, ("value",), 296)
    assert linearizable([*history, less], CounterModel, budget=100_000).failed is less


def test_all_calls_at_once() -> None:
    history = [Operation(f"w{place}", 0, 9, ("append", "k", f"{place},")) for place in range(40)]
    order = [place * 7 % 40 for place in range(40)]
    whole = Operation("r", 10, 11, ("get", "k"), "".join(f"{place}," for place in order))
    assert linearizable([*history, whole], KeyValueModel, budget=20_000)
    torn = Operation("r", 10, 11, ("get", "k"), whole.output[:-3])
    assert linearizable([*history, torn], KeyValueModel, budget=20_000).linearizable is False


def hard(key: str, size: int = 16) -> list[Operation]:
    """Different additions at once, and a sum that none of their subsets gives: 2**size states to look at."""
    history = [Operation(f"{key}{place}", 0, None, (key, 2 * 3**place)) for place in range(size)]
    return [*history, Operation(key, 1, 2, (key, "sum"), 5)]


class Sums:
    """Numbers to be added to, by key."""

    init = 0

    def key(self, input: Any) -> Any:
        return input[0]

    def step(self, state: int, input: Any, output: Any) -> tuple[bool, int]:
        return (output == state, state) if input[1] == "sum" else (True, state + input[1])


EASY = [Operation("a", 100, 101, ("easy", 1)), Operation("b", 102, 103, ("easy", "sum"), 0)]


@pytest.mark.parametrize("first", [True, False])
def test_a_hard_key_does_not_hide_an_easy_violation(first: bool) -> None:
    two = [*hard("hard"), *hard("harder")]
    history = [*EASY, *two] if first else [*two, *EASY]
    result = linearizable(history, Sums, budget=10_000)
    assert result.linearizable is False
    assert (result.key, result.failed, result.shortest) == ("easy", EASY[1], True)
    # The hard ones may have failed before: that is said.
    assert not result.exhaustive
    assert set(result.undecided) == {"hard", "harder"}
    assert "2 of 3 parts undecided ('hard', 'harder')" in str(result)


def test_hard_ones_that_come_later_do_not_matter() -> None:
    early = [Operation(one.client, one.call - 200, one.ret and one.ret - 200, one.input, one.output) for one in EASY]
    result = linearizable([*hard("hard"), *early], Sums, budget=10_000)
    assert result.linearizable is False
    assert result.exhaustive and result.steps < 10_000


def test_a_budget_that_runs_out_is_neither_true_nor_false() -> None:
    result = linearizable(hard("hard"), Sums, budget=1_000)
    assert (result.linearizable, result.unknown, result.exhaustive) == (None, True, False)
    assert result.undecided == ("hard",)
    assert 1_000 <= result.steps < 1_200
    with pytest.raises(Undecided, match=r"budget ran out after 1,0.. steps.*Give a larger budget"):
        bool(result)
    assert (result.prefix, result.failed, result.order, result.states) == ((), None, (), ())
    assert linearizable(hard("hard", 10), Sums).linearizable is False


def test_a_fact_stays_one_where_narrowing_it_down_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groupkit.check.checker._STEPS_TO_NARROW", 0)
    monkeypatch.setattr("groupkit.check.checker._NARROWING", 0)
    history = with_stale_read(busy("register", 300, 5), 0.5)
    result = linearizable(history, RegisterModel)
    assert result.linearizable is False and not result.shortest
    assert not linearizable(result.prefix, RegisterModel)
    assert "A shorter prefix may fail, too" in str(result)


def test_failed_swaps_do_not_make_it_hard() -> None:
    """What changes nothing is left out first: that is enough for most failures."""
    history = busy("register", 1_000, 15)
    assert sum(one.input[0] == "cas" and one.output is False for one in history) > 30
    assert linearizable(history, RegisterModel, budget=100_000)
    assert linearizable(with_stale_read(history, 0.8), RegisterModel, budget=200_000).linearizable is False


def test_the_same_history_gives_the_same_result() -> None:
    history = with_stale_read(busy("key-value", 500, 8, keys=3, lost=0.05), 0.5)
    first, second = linearizable(history, KeyValueModel), linearizable(history, KeyValueModel)
    assert (str(first), first.steps, first.order) == (str(second), second.steps, second.order)
