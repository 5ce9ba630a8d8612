"""What a sweep will run: checked at the door, numbered, the same whoever runs it."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, NamedTuple

Scenario = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
MOST_SEEDS = 10_000_000
MOST_TEXT = 200  # characters of a repr within an error
TAKEN = ("seed", "error")  # columns that every frame of a sweep has


class Plan(NamedTuple):
    """Every point of the grid with every seed. Run ``number`` has the point ``number // len(seeds)``."""

    scenario: Scenario
    points: tuple[dict[str, Any], ...]
    seeds: tuple[int, ...]

    @property
    def runs(self) -> int:
        """How many there are."""
        return len(self.points) * len(self.seeds)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of their first mention."""
        return tuple(dict.fromkeys(name for point in self.points for name in point))

    def job(self, number: int) -> tuple[dict[str, Any], int]:
        """The parameters and the seed of one run."""
        point, seed = divmod(number, len(self.seeds))
        return self.points[point], self.seeds[seed]


known: dict[str, Plan] = {}  # what the frames of this process were made by: frame.attrs["sweep"] names the key


def plan(scenario: Any, over: Any, seeds: Any) -> Plan:
    """``sweep``'s own arguments, checked: what would fail in every run is refused before the first."""
    made = Plan(checked_scenario(scenario), checked_points(over), checked_seeds(seeds))
    signature = inspect.signature(scenario)
    for point in made.points:
        try:
            signature.bind(made.seeds[0], **point)
        except TypeError as error:
            call = ", ".join(["seed", *(f"{name}={value!r}" for name, value in point.items())])
            raise TypeError(
                f"the scenario {named(scenario)}{signature} cannot be called with ({call}): {error}"
            ) from None
    return made


def named(scenario: Any) -> str:
    """What to call a scenario."""
    inner = getattr(scenario, "func", scenario)  # a functools.partial
    return str(getattr(inner, "__name__", type(inner).__name__))


def checked_scenario(scenario: Any) -> Scenario:
    """Refuse what does not give a coroutine for each call."""
    call = getattr(scenario, "__call__", None)  # noqa: B004 - an object whose __call__ is async will do
    if inspect.iscoroutinefunction(scenario) or (not inspect.isclass(scenario) and inspect.iscoroutinefunction(call)):
        return scenario  # type: ignore[no-any-return]
    if inspect.iscoroutine(scenario):
        scenario.close()
        raise TypeError(
            f"leave out the brackets: sweep({named(scenario)}, ...), not sweep({named(scenario)}(...), ...)"
        )
    raise TypeError(
        f"scenario is a function made by 'async def', called with (seed, **params), not {scenario!r}{_hint(scenario)}"
    )


def _hint(scenario: Any) -> str:
    if inspect.isasyncgenfunction(scenario):
        return "; it yields: return one dict instead"
    if inspect.iscoroutinefunction(inspect.unwrap(scenario)):
        return "; its decorator hides the 'async def': make the function inside the decorator async, and await there"
    if named(scenario) == "<lambda>":
        return "; in place of a lambda, functools.partial gives a scenario fixed arguments"
    return "; write 'async def' in place of 'def'" if inspect.isfunction(scenario) else ""


def checked_points(over: Any) -> tuple[dict[str, Any], ...]:
    """A dict of lists as the points of its grid, the last name changing fastest; dicts, or a frame's rows, as given."""
    if isinstance(over, Mapping):
        axes = {checked_name(name): _axis(name, values) for name, values in over.items()}
        return tuple(dict(zip(axes, choice)) for choice in itertools.product(*axes.values()))
    if type(over).__name__ == "DataFrame":  # by its name: nobody has to load pandas for that
        over = over.to_dict("records")
    if isinstance(over, str | bytes) or not isinstance(over, Iterable):
        raise TypeError(f"over is a dict of lists, such as {{'peers': [3, 5]}}, or a list of dicts, not {over!r}")
    points = []
    for point in over:
        if not isinstance(point, Mapping):
            way = "; give the whole DataFrame, or its rows as dicts" if type(point).__name__ == "Series" else ""
            raise TypeError(
                f"over is a list of dicts, such as [{{'peers': 3}}, {{'peers': 5}}]; {brief(point)} is none{way}"
            )
        points.append({checked_name(name): plain(value) for name, value in point.items()})
    if not points:
        raise ValueError("over is an empty list: there is nothing to run; [{}] runs the scenario without parameters")
    twice = _first_twice(tuple((name, type(value), value) for name, value in point.items()) for point in points)
    if twice is not None:
        raise ValueError(
            f"over has {points[twice]!r} twice: its runs would be counted twice; for more runs, more seeds"
        )
    return tuple(points)


def _axis(name: str, values: Any) -> list[Any]:
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise TypeError(f"over[{name!r}] is a list of values, not {values!r}: write [{values!r}] for just this one")
    axis = [plain(value) for value in values]
    if not axis:
        raise ValueError(f"over[{name!r}] is empty, so there is nothing to run: give it at least one value")
    twice = _first_twice((type(value), value) for value in axis)
    if twice is not None:
        raise ValueError(
            f"over[{name!r}] has {axis[twice]!r} twice: its runs would be counted twice; for more runs, more seeds"
        )
    return axis


def _first_twice(values: Iterable[Any]) -> int | None:
    """Where the first value stands that was there before; what has no hash is not compared."""
    known: set[Any] = set()
    for place, value in enumerate(values):
        try:
            if value in known:
                return place
            known.add(value)
        except TypeError:
            continue
    return None


def checked_name(name: Any) -> str:
    """Refuse a parameter that a keyword argument or a column cannot be called."""
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(f"a parameter is called by a name, as in async def scenario(seed, peers), not {name!r}")
    if name in TAKEN:
        way = "seeds are given by seeds=" if name == "seed" else "that column tells what went wrong"
        raise ValueError(f"a parameter cannot be called {name!r}: {way}; call it something else")
    return name


def checked_seeds(seeds: Any) -> tuple[int, ...]:
    """A count as 0, 1, 2, ...; anything else as the seeds themselves."""
    seeds = plain(seeds)
    if isinstance(seeds, bool | str | bytes | float):
        raise TypeError(f"seeds is a count or the seeds themselves, such as 100 or range(100, 200), not {seeds!r}")
    if isinstance(seeds, int):
        if seeds < 1:
            raise ValueError(f"seeds={seeds} runs nothing: give a count of at least 1, or the seeds themselves")
        if seeds > MOST_SEEDS:
            raise ValueError(f"seeds={seeds} would never end: give a count up to {MOST_SEEDS:,}")
        return tuple(range(seeds))
    if not isinstance(seeds, Iterable):
        raise TypeError(f"seeds is a count or the seeds themselves, such as 100 or range(100, 200), not {seeds!r}")
    given = tuple(plain(seed) for seed in seeds)
    if not given:
        raise ValueError("seeds is empty: there is nothing to run")
    known: set[int] = set()
    for seed in given:
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise TypeError(f"a seed is a whole number, not {seed!r} ({type(seed).__name__})")
        if seed in known:
            raise ValueError(f"the seed {seed} is given twice: the same run would be counted twice")
        known.add(seed)
    return given


def plain(value: Any) -> Any:
    """A number of numpy's as Python's own: scenarios hand it to calls that take nothing else."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def brief(value: Any) -> str:
    """A repr of one line, not too long: what is returned or given by mistake may be a whole table."""
    text = " ".join(repr(value).split())
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"
