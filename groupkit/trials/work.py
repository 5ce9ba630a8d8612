"""One run, and a chunk of runs as another process does them. Loads neither pandas nor a progress bar."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

import cloudpickle

from groupkit.group.run import inside_run
from groupkit.trials.plan import TAKEN, Scenario, brief, named

Job = tuple[int, dict[str, Any], int]  # its number, its parameters, its seed
Begun = Callable[[], object]


class Outcome(NamedTuple):
    """What became of a run. ``error`` is None, or what went wrong in one line; ``misuse``: the result was none."""

    number: int
    result: dict[str, Any]
    error: str | None = None
    misuse: type[Exception] | None = None


def one(scenario: Scenario, job: Job, taken: Iterable[str], begun: Begun | None = None) -> Outcome:
    """Do one run on a loop of its own: at pace ``inf``, networks take its seed. ``begun`` is called inside that loop.

    Whatever it raises becomes the outcome's ``error``; only an interrupt or a cancelled run goes through. What it does
    to a list it was given, or to the dict it returned, touches no other run: so it is in other processes as well.
    """
    number, params, seed = job

    async def main() -> Any:
        if begun is not None:
            begun()
        return await scenario(seed, **{name: _own(value) for name, value in params.items()})

    context = copy_context()
    context.run(inside_run.set, seed)
    try:
        # Not asyncio.run: nest-asyncio, once applied by run_sync, puts one in its place that fails in other threads.
        with asyncio.Runner() as runner:
            result = runner.run(main(), context=context)
    except asyncio.CancelledError as error:
        if begun is not None:
            raise
        return Outcome(number, {}, _line(scenario, error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Outcome(number, {}, _line(scenario, error))
    return _checked(scenario, number, result, taken)


def _own(value: Any) -> Any:
    if not isinstance(value, list | dict | set | tuple | bytearray) and type(value).__name__ != "ndarray":
        return value
    try:
        return deepcopy(value)
    except Exception:  # something in it cannot be copied: then it is the run's own care
        return value


def _checked(scenario: Scenario, number: int, result: Any, taken: Iterable[str]) -> Outcome:
    if not isinstance(result, dict):
        text = f"{named(scenario)} returned {brief(result)}: return a dict of results, such as {{'downtime': 0.3}}"
        return Outcome(number, {}, f"TypeError: {text}", TypeError)
    for name in result:
        if not isinstance(name, str):
            text = f"{named(scenario)} returned a result called {name!r}: a result's name is text"
            return Outcome(number, {}, f"TypeError: {text}", TypeError)
        if name in TAKEN or name in taken:
            what = "a column of every sweep" if name in TAKEN else "a parameter"
            text = f"{named(scenario)} returned a result called {name!r}, which is {what}: call it something else"
            return Outcome(number, {}, f"ValueError: {text}", ValueError)
    return Outcome(number, dict(result))


def _line(scenario: Scenario, error: BaseException) -> str:
    """What was raised, and the line of the scenario it came from. No path: it would differ from machine to machine."""
    if isinstance(error, BaseExceptionGroup):  # its own text only counts what is in it
        return f"{type(error).__name__}: {'; '.join(_line(scenario, inner) for inner in error.exceptions)}"
    code = getattr(getattr(scenario, "func", scenario), "__code__", None)
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if code is not None and frame.filename == code.co_filename:
            where = f" (line {frame.lineno} of {frame.name})"
    return said(error) + where


def said(error: BaseException) -> str:
    """What was raised, in one line."""
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = "(its text cannot be told)"
    return f"{type(error).__name__}{': ' if text else ''}{text}"


# -- as other processes do it --------------------------------------------------------------------------------------


def pack(scenario: Scenario, taken: Sequence[str]) -> bytes:
    """The scenario as it travels: by value if it was written in a notebook, by its module's name otherwise."""
    try:
        return cloudpickle.dumps((scenario, tuple(taken)))  # type: ignore[no-any-return]
    except Exception as error:
        raise TypeError(
            f"the scenario {named(scenario)} cannot be sent to another process ({said(error)}): make "
            "what it needs inside it, instead of taking it from the cell around; or leave out executor="
        ) from error


def pack_points(points: Sequence[dict[str, Any]]) -> None:
    """Refuse parameters that cannot travel, before the first run."""
    try:
        cloudpickle.dumps(points)
    except Exception:
        for point in points:
            for name, value in point.items():
                try:
                    cloudpickle.dumps(value)
                except Exception as error:
                    raise TypeError(
                        f"the parameter {name}={brief(value)} cannot be sent to another process ({said(error)}): give "
                        "what the scenario makes it from; or leave out executor="
                    ) from error
        raise


def ready() -> bool:
    """Whether a worker process gets as far as its first task."""
    return True


def chunk(packed: bytes, jobs: bytes, ticket: object) -> bytes:
    """Do some runs in a worker process. An interrupt ends the chunk; what is done by then is returned.

    ``ticket`` is unlike any other's: Dask takes two calls with equal arguments for one, answers the second with what
    became of the first, and cancels both together.
    """
    scenario, taken = _unpacked(packed)
    done: list[Outcome] = []
    try:
        for job in cloudpickle.loads(jobs):
            done.append(one(scenario, job, taken))
    except KeyboardInterrupt:
        pass
    try:
        return cloudpickle.dumps(done)  # type: ignore[no-any-return]
    except Exception:
        return cloudpickle.dumps([_sendable(outcome) for outcome in done])  # type: ignore[no-any-return]


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> tuple[Scenario, tuple[str, ...]]:
    return cloudpickle.loads(packed)  # type: ignore[no-any-return]


def _sendable(outcome: Outcome) -> Outcome:
    try:
        cloudpickle.dumps(outcome)
    except Exception as error:
        text = f"its result cannot be sent back ({said(error)}): return numbers and text"
        return Outcome(outcome.number, {}, f"TypeError: {text}")
    return outcome
