"""``sweep``: many runs of one scenario as one tidy frame; ``rerun``: one of them again, to be looked at."""

from __future__ import annotations

import inspect
import marshal
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from groupkit.group.run import reopening
from groupkit.trials.afar import Afar
from groupkit.trials.here import here
from groupkit.trials.plan import TAKEN, Plan, Scenario, checked_scenario, named, plain, plan
from groupkit.trials.work import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from groupkit.record.timeline import Timeline


class SweepWarning(UserWarning):
    """A sweep was interrupted, or had to go on without some of its workers, or none of its runs came to its end."""


_plans: dict[str, Plan] = {}  # what the frames of this process were made by: frame.attrs names the key


def sweep(
    scenario: Scenario,
    over: Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]],
    seeds: int | Iterable[int],
    executor: Executor | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Run ``scenario`` at every point of ``over`` with every seed; one row a run, in that order.

    - ``scenario``: ``async def (seed, **params) -> dict``. Networks it makes have pace ``inf`` and that seed unless
      they name their own; for dice of its own it takes ``random.Random(seed)``.
    - ``over``: a dict of lists (their grid, the last name changing fastest) or a list of dicts. ``{}``: no parameters.
    - ``seeds``: a count (0, 1, 2, …) or the seeds themselves.
    - ``executor``: any ``concurrent.futures.Executor``; without one the runs are done here, also beside a running loop.
      A process pool uses the cores, Dask's ``client.get_executor()`` a cluster. The frame is the same, whoever ran it.

    Columns: the parameters, ``seed``, the results, and ``error``: missing, or what the run raised, in one line. What is
    wrong with the call raises before the first run, and a first run whose result is no dict ends the sweep.

    An interrupt keeps what is done: ``frame.attrs["interrupted"]`` says so, and a ``SweepWarning``.
    ``rerun(frame.loc[3])`` opens the run of a row again.
    """
    made = plan(scenario, over, seeds)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(
            "executor is a concurrent.futures.Executor, such as ProcessPoolExecutor() or Dask's client.get_executor(), "
            f"not {executor!r}"
        )
    if not isinstance(progress, bool):
        raise TypeError(f"progress is True or False, not {progress!r}")
    outcomes: dict[int, Outcome] = {}
    replaced = False
    with _bar(made, progress) as bar:
        tell = _teller(outcomes, bar)
        if executor is None:
            whole = here(made, tell)
        else:
            afar = Afar(made, executor, tell)
            whole = afar.run()
            replaced = afar.replaced
    if replaced:
        _warn(
            "the process pool lost a worker: a new one did what was left; make yourself a new pool for the next sweep"
        )
    if not whole:
        _warn(f"interrupted: the frame has the {len(outcomes)} of {made.runs} runs that were done")
    failed = [outcome for outcome in outcomes.values() if outcome.error is not None]
    if failed and len(failed) == len(outcomes):
        _warn(f"every run ended in an error; the first: {outcomes[min(outcomes)].error}")
    return _frame(made, outcomes, interrupted=not whole)


def _bar(made: Plan, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=made.runs, desc=named(made.scenario), unit="run", disable=not progress)


def _teller(outcomes: dict[int, Outcome], bar: Any) -> Callable[[Outcome], None]:
    errors = 0

    def tell(outcome: Outcome) -> None:
        nonlocal errors
        if outcome.misuse is not None and outcome.number == 0:  # the first run decides, whoever runs it and when
            raise outcome.misuse(str(outcome.error).partition(": ")[2])
        outcomes[outcome.number] = outcome
        if outcome.error is not None:
            errors += 1
            bar.set_postfix(errors=errors, refresh=False)
        bar.update()

    return tell


def _frame(made: Plan, outcomes: dict[int, Outcome], *, interrupted: bool) -> pd.DataFrame:
    import pandas as pd

    done = [outcomes[number] for number in sorted(outcomes)]
    results = dict.fromkeys(name for outcome in done for name in outcome.result)
    rows = []
    for outcome in done:
        params, seed = made.job(outcome.number)
        rows.append({**params, "seed": seed, **outcome.result, "error": outcome.error})
    frame = pd.DataFrame(rows, columns=[*made.names, "seed", *results, "error"])
    frame.attrs = {
        "scenario": named(made.scenario),
        "sweep": _remembered(made),
        "planned": made.runs,
        "interrupted": interrupted,
    }
    return frame


def _remembered(made: Plan) -> str:
    """A key for this sweep: by it ``rerun`` finds the scenario as it was then. It holds in this process only."""
    code = getattr(made.scenario, "__code__", None)
    print_of_it = sha1(marshal.dumps(code) if code is not None else repr(type(made.scenario)).encode()).hexdigest()[:12]
    key = f"{named(made.scenario)}-{print_of_it}-{len(_plans)}"
    _plans[key] = made
    return key


def _warn(text: str) -> None:
    warnings.warn(text, SweepWarning, stacklevel=3)


# -- one run again ---------------------------------------------------------------------------------------------------


def rerun(
    row: pd.Series[Any] | pd.DataFrame, *, scenario: Scenario | None = None, network: int | None = None
) -> Timeline:
    """The run of a row of ``sweep``'s frame once more, as a timeline; it is recorded whatever the scenario says.

    ``row`` is ``frame.iloc[3]``, ``frame.loc[3]`` or a frame of one row. A frame that was read from a file, or made by
    another process, needs ``scenario=``. Of a run that makes several networks, ``network=`` names one (0: the first).
    A run that raises gives the timeline up to there. Warns if it does not come to the same results again.
    """
    if network is not None and (isinstance(network, bool) or not isinstance(network, int)):
        raise TypeError(f"network is a whole number, 0 for the first, not {network!r}")
    values, attrs = _one_row(row)
    made = _plans.get(attrs.get("sweep", ""))
    params, seed = _job(values, made, scenario)
    use = checked_scenario(scenario) if scenario is not None else made.scenario if made is not None else None
    assert use is not None
    opened: list[Any] = []
    token = reopening.set(opened)
    try:
        outcomes: list[Outcome] = []
        here(Plan(use, (params,), (seed,)), outcomes.append)
    finally:
        reopening.reset(token)
    if not outcomes:
        raise KeyboardInterrupt
    if not opened:
        why = f" ({outcomes[0].error})" if outcomes[0].error else ""
        raise LookupError(f"this run of {named(use)} made no network, so there is no timeline{why}")
    if network is None and len(opened) > 1:
        raise LookupError(f"this run made {len(opened)} networks: say which, rerun(row, network=0) for the first")
    if network is not None and not -len(opened) <= network < len(opened):
        raise ValueError(f"this run made {len(opened)} networks, numbered from 0: there is no network={network}")
    _compare(values, outcomes[0])
    return opened[network or 0].timeline  # type: ignore[no-any-return]


def _one_row(row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    kind, shape = type(row).__name__, getattr(row, "shape", ())
    if kind == "DataFrame":
        if len(row) != 1:
            raise ValueError(f"rerun takes one row, not a frame of {len(row)}: rerun(frame.iloc[0])")
        values = {str(name): row[name].iloc[0] for name in row.columns}
    elif kind == "Series" and len(shape) == 1:
        values = {str(name): value for name, value in row.items()}
    else:
        raise TypeError(f"rerun takes a row of sweep's frame, such as frame.iloc[0], not {row!r}")
    if "seed" not in values:
        raise ValueError(f"this row has no seed, so it is none of sweep's frame: it has {', '.join(values)}")
    return {name: plain(value) for name, value in values.items()}, dict(row.attrs)


def _job(values: dict[str, Any], made: Plan | None, scenario: Scenario | None) -> tuple[dict[str, Any], int]:
    """The parameters as they were: a row of numbers alone holds all of them as floats."""
    seed = int(values["seed"])
    names = made.names if made is not None else ()
    for point in made.points if made is not None and seed in made.seeds else ():
        if all(
            _equal(values.get(name), point[name]) if name in point else _missing(values.get(name)) for name in names
        ):
            return point, seed
    if scenario is None:
        if made is not None:
            raise LookupError("this row is not one of its sweep's: its parameters or its seed were changed")
        raise LookupError(
            "the sweep of this row is not known here (its frame was read from a file, joined with another one, or made "
            "by another process): give the scenario, rerun(row, scenario=...)"
        )
    of_it = inspect.signature(scenario).parameters
    free = any(p.kind is p.VAR_KEYWORD for p in of_it.values())
    if free:
        raise LookupError(
            f"{named(scenario)} takes any parameter, so the row does not tell parameters from results: give a scenario "
            "that names its parameters"
        )
    return {name: _whole(values[name]) for name in list(of_it)[1:] if name in values}, seed


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _missing(value: Any) -> bool:
    """As a frame says it of points that have not got the parameter."""
    return value is None or (isinstance(value, float) and value != value)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other) or (one != one and other != other)
    except ValueError:  # arrays
        return repr(one) == repr(other)


def _compare(values: dict[str, Any], outcome: Outcome) -> None:
    then = values.get("error")
    then = then if isinstance(then, str) else None
    for name, value in {**outcome.result, "error": outcome.error}.items():
        before = then if name == "error" else values.get(name)
        if name in values and not _equal(before, plain(value)):
            _warn(
                f"this run came to {name} {value!r}, and the row says {before!r}: the scenario has changed, or it "
                "depends on something besides its seed and parameters"
            )
            return


__all__ = ["TAKEN", "SweepWarning", "rerun", "sweep"]
