"""Junk at every public door: the call works, or is refused in words that name the junk; and nothing is lost by it."""

from __future__ import annotations

import asyncio
import inspect
import math
import signal
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from groupkit import CommandError, DamagedLog, GroupTerminated, NotInFlight, QueryError, SqliteLog, UnknownPeer, run
from tests.trust.doors import Bench, Door, doors, unknown_classes

REFUSALS = (DamagedLog, NotInFlight, ValueError, TypeError, UnknownPeer, CommandError, QueryError, GroupTerminated)
SLIPS = (AttributeError, KeyError, IndexError, AssertionError, RecursionError, OverflowError)


class Odd:
    """An object of one's own."""

    def __repr__(self) -> str:
        return "<something odd>"


def loop_in_itself() -> list[Any]:
    """A list that holds itself."""
    found: list[Any] = []
    found.append(found)
    return found


ODD = [
    Odd(), Odd, lambda: None, object, Exception("x"), "zoe", "", "\x00", "\ud800", "x" * 5000, b"", b"\xff", (),
    ("a", "a"), {"a"}, {"a": 1}, [], [None], [["a"]], range(3), 10**30, 2**64, -1, 0, math.nan, math.inf,
    -math.inf, -0.0, 1e308, 5e-324, 1j, ..., NotImplemented, loop_in_itself(), frozenset({1}), bytearray(b"x"),
]  # fmt: skip
JUNK = st.one_of(
    st.sampled_from(ODD), st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.binary(max_size=3), st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=2)), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip
DOORS = doors()
SLOW = ("plot.", "storm", "sweep", "rerun", "Schedule.", "replay", "Timeline.save", "Timeline.to_html")


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.label)
def test_every_public_call_can_be_made(door: Door) -> None:
    for name in door.required:
        assert door.welcome(name) is not None, (
            f"{door.label} has a parameter {name!r} that no test knows: add a welcome value to WELCOME in doors.py"
        )


def test_every_public_class_is_known() -> None:
    assert not unknown_classes(), "say in doors.py how their calls are reached, or in LEFT_OUT why they are not tried"


def named(junk: Any, text: str) -> bool:
    """Whether an error says what was wrong with the value: itself, its type, or what is in it."""
    words = [repr(junk)[:9], type(junk).__name__, "empty", "nothing"]
    if isinstance(junk, int | float):
        words += [f"={junk:g}"]
    if any(word in text for word in words):
        return True
    if isinstance(junk, str) and junk[:20] in text:
        return True
    return isinstance(junk, str | bytes | bytearray | list | tuple | set | frozenset | dict | range) and any(
        repr(part) in text for part in junk
    )


@contextmanager
def within(seconds: int, text: str) -> Iterator[None]:
    """What computes for longer fails, also if it never comes back to its loop; so does what waits for a minute. By the
    wall clock alone a computer that stands still for a while would be a call that hangs."""

    def late(*_: Any) -> None:
        raise AssertionError(text)

    if not hasattr(signal, "setitimer"):
        yield
        return
    timers = (signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, 60)
    before = [signal.signal(number, late) for number, _, _ in timers]
    for _, timer, limit in timers:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


async def tried(bench: Bench, door: Door, name: str, junk: Any) -> Exception | None:
    """What came of the call: None, or how it was refused, at the call or once awaited."""
    try:
        result = door.call(bench, name, junk)
        if inspect.iscoroutine(result):
            await result
        elif isinstance(result, SqliteLog):
            result.close()
        elif isinstance(result, asyncio.Future):
            if not result.done():
                await bench.cluster.clock.advance(0.2)
            if result.done() and not result.cancelled():
                result.result()
            else:
                result.cancel()
    except TimeoutError:
        return None
    except OSError:
        assert name == "path", "only a path may be none of the disk's"
        return None
    except Exception as error:
        return error
    return None


async def once(folder: Any, door: Door, name: str, junk: Any) -> None:
    bench = await Bench(folder).ready()
    before = bench.cluster.timeline.digest()
    error = await tried(bench, door, name, junk)
    shown = f"{door.label}({name}={junk!r})"
    if error is None:
        if not bench.cluster._closed:
            await bench.cluster.clock.advance(0.5)
            assert not bench.cluster.violations, shown
        return
    plain = type(error) is RuntimeError  # its time is not now
    assert plain or (isinstance(error, REFUSALS) and not isinstance(error, SLIPS)), f"{shown} slipped: {error!r}"
    assert named(junk, str(error)), f"{shown} is refused without saying why: {error!r}"
    if isinstance(error, CommandError | QueryError):
        return  # it was taken, and came to nothing
    assert bench.cluster.timeline.digest() == before, f"{shown} was refused, and yet something happened"
    await bench.works()
    twin = await Bench(folder).ready()
    await twin.works()
    assert bench.cluster.timeline.digest() == twin.cluster.timeline.digest(), f"{shown} was refused, and left a trace"


@pytest.mark.parametrize(
    ("door", "name"), [pytest.param(d, n, id=f"{d.label}-{n}") for d in DOORS for n in d.names]
)  # fmt: skip
def test_junk_is_taken_or_refused_by_name_and_nothing_is_lost(
    door: Door, name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some junk is the name of a file
    few = door.label.startswith(SLOW)

    @seed(zlib.crc32(f"{door.label} {name}".encode()))  # other junk at every door, and the same on every run
    @settings(
        max_examples=6 if few else 12, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(JUNK)
    def check(junk: Any) -> None:
        assume(door.label != "sweep" or not isinstance(junk, int) or not 9 < junk < 10**9)  # a long sweep may be long
        complaints: list[Any] = []

        async def main() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
            await once(tmp_path, door, name, junk)

        with warnings.catch_warnings(), within(5, f"{door.label}({name}={junk!r}) hangs"):
            warnings.simplefilter("ignore", RuntimeWarning)
            run(main, seed=1)
        plt.close("all")
        assert not complaints, complaints

    check()
