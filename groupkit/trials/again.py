"""``rerun``: one run of a sweep again, to be looked at."""

from __future__ import annotations

import inspect
import math
import warnings
from typing import TYPE_CHECKING, Any

from groupkit.group.run import reopening
from groupkit.trials.here import here
from groupkit.trials.plan import Plan, Scenario, brief, checked_scenario, known, named, plain
from groupkit.trials.sweep import SweepWarning
from groupkit.trials.work import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from groupkit.record.timeline import Timeline

EXACT = 2**53  # a float holds every whole number up to here


def rerun(
    row: pd.Series[Any] | pd.DataFrame, *, scenario: Scenario | None = None, network: int | None = None
) -> Timeline:
    """The run of a row of ``sweep``'s frame once more, as a timeline; it is recorded whatever the scenario says.

    ``row`` is ``frame.iloc[3]``, ``frame.loc[3]`` or a frame of one row. A frame that was read from a file, or made by
    another process, needs ``scenario=``. Of a run that makes several networks, ``network=`` names one (0: the first).
    From text (CSV) come back only parameters that are numbers or text; ``frame.to_pickle`` keeps all of them.
    A run that raises gives the timeline up to there. Warns if it does not come to the same results again.
    """
    if network is not None and (isinstance(network, bool) or not isinstance(network, int)):
        raise TypeError(f"network is a whole number, 0 for the first, not {network!r}")
    values, attrs = _one_row(row)
    made = known.get(attrs.get("sweep", ""))
    use = checked_scenario(scenario) if scenario is not None else made.scenario if made is not None else None
    params, seed = _job(values, made, scenario)
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
        raise TypeError(f"rerun takes a row of sweep's frame, such as frame.iloc[0], not {brief(row)}")
    if "seed" not in values:
        raise ValueError(f"this row has no seed, so it is none of sweep's frame: it has {', '.join(values)}")
    return {name: plain(value) for name, value in values.items()}, dict(row.attrs)


def _job(values: dict[str, Any], made: Plan | None, scenario: Scenario | None) -> tuple[dict[str, Any], int]:
    """The parameters as they were: a row of numbers alone holds all of them as floats."""
    seed = _seed(values["seed"])
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
    params = {}
    for name, parameter in list(of_it.items())[1:]:
        if name in values and not (_missing(values[name]) and parameter.default is not parameter.empty):
            params[name] = None if _missing(values[name]) else _whole(values[name])
    return params, seed


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value % 1:
        raise ValueError(f"a seed is a whole number, and this row's is {value!r}")
    if isinstance(value, float) and abs(value) >= EXACT:
        raise ValueError(
            f"this row holds its seed as a float, {value!r}, and so not exactly: give a frame of one row, as its "
            "columns keep their kinds, rerun(frame.iloc[[3]])"
        )
    return int(value)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _missing(value: Any) -> bool:
    """As a frame says it of points that have not got the parameter."""
    return value is None or (isinstance(value, float) and value != value)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other) or (_missing(one) and _missing(other))
    except ValueError:  # arrays
        return repr(one) == repr(other)


def _compare(values: dict[str, Any], outcome: Outcome) -> None:
    then = values.get("error")
    then = then if isinstance(then, str) else None
    for name, value in {**outcome.result, "error": outcome.error}.items():
        before = then if name == "error" else values.get(name)
        told = isinstance(before, str) and before == str(value)  # by a file of text, which has no other way
        if name in values and not told and not _equal(before, plain(value)):
            warnings.warn(
                f"this run came to {name} {brief(value)}, and the row says {brief(before)}: the scenario has changed, "
                "or it depends on something besides its seed and parameters",
                SweepWarning,
                stacklevel=3,
            )
            return
