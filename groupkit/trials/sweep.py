"""``sweep``: many runs of one scenario as one tidy frame."""

from __future__ import annotations

import marshal
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from groupkit.trials.afar import Afar
from groupkit.trials.here import here
from groupkit.trials.plan import Plan, Scenario, known, named, plan
from groupkit.trials.work import Outcome

if TYPE_CHECKING:
    import pandas as pd


class SweepWarning(UserWarning):
    """A sweep was interrupted, or had to go on without some of its workers, or none of its runs came to its end."""


def sweep(
    scenario: Scenario,
    over: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]] | pd.DataFrame,
    seeds: int | Iterable[int],
    executor: Executor | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Run ``scenario`` at every point of ``over`` with every seed; one row a run, in that order.

    - ``scenario``: ``async def (seed, **params) -> dict``. Networks it makes have pace ``inf`` and that seed unless
      they name their own; for dice of its own it takes ``random.Random(seed)``.
    - ``over``: a dict of lists (their grid, the last name changing fastest), a list of dicts, or a DataFrame with a row
      for each point. ``{}``: no parameters.
    - ``seeds``: a count (0, 1, 2, …) or the seeds themselves.
    - ``executor``: any ``concurrent.futures.Executor``; without one the runs are done here, also beside a running loop.
      A process pool uses the cores, Dask's ``client.get_executor()`` a cluster. The frame is the same, whoever ran it.

    Columns: the parameters, ``seed``, the results, and ``error``: missing, or what the run raised, in one line. What is
    wrong with the call raises before the first run, and a first run whose result is no dict ends the sweep.

    An interrupt keeps what is done: ``frame.attrs["interrupted"]`` says so, and a ``SweepWarning``.
    ``rerun(frame.loc[3])`` opens the run of a row again.
    """
    made = plan(scenario, over, seeds)
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            "executor is a concurrent.futures.Executor, such as ProcessPoolExecutor() or Dask's client.get_executor(), "
            f"not {executor!r}{_way(executor)}"
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
            afar = Afar(made, executor, tell, _warn_from_within)
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


def _way(executor: Any) -> str:
    if isinstance(executor, type) and issubclass(executor, Executor):
        return f": write {executor.__name__}()"
    if callable(getattr(executor, "get_executor", None)):
        return ": that is the client, give client.get_executor()"
    return ""


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
    key = f"{named(made.scenario)}-{print_of_it}-{len(known)}"
    known[key] = made
    return key


def _warn(text: str, level: int = 3) -> None:
    warnings.warn(text, SweepWarning, stacklevel=level)


def _warn_from_within(text: str) -> None:
    _warn(text, 9)  # of the line that called sweep, or near it
