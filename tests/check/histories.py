"""Histories to judge, and the plainest possible judge to compare with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from groupkit.check import CounterModel, KeyValueModel, Operation, RegisterModel

MODELS = {"register": RegisterModel, "key-value": KeyValueModel, "counter": CounterModel}


def start_of(model: Any) -> Any:
    return model.init() if callable(model.init) else model.init


def by_permutation(operations: Sequence[Operation], model: Any) -> bool:
    """Tries one order after the other, with nothing clever: pending operations take effect or not, keys are parts."""

    def goes_on(left: list[Operation], state: Any) -> bool:
        if all(one.ret is None for one in left):
            return True
        for place, one in enumerate(left):
            rest = left[:place] + left[place + 1 :]
            if any(other.ret is not None and other.ret < one.call for other in rest):
                continue
            ok, after = model.step(state, one.input, None if one.ret is None else one.output)
            if (ok or one.ret is None) and goes_on(rest, after):
                return True
        return False

    key = getattr(model, "key", lambda _: None)
    parts: dict[Any, list[Operation]] = {}
    for one in operations:
        parts.setdefault(key(one.input), []).append(one)
    return all(goes_on(part, start_of(model)) for part in parts.values())


def prefixes(operations: Sequence[Operation]) -> list[tuple[Operation, list[Operation]]]:
    """For each return in order of time (equal times: in the order of the history): the operation, and what was seen."""
    events = sorted(
        [(one.call, 0, place) for place, one in enumerate(operations)]
        + [(one.ret, 1, place) for place, one in enumerate(operations) if one.ret is not None]
    )
    called: list[int] = []
    returned: set[int] = set()
    result = []
    for _, is_return, place in events:
        if not is_return:
            called.append(place)
            continue
        returned.add(place)
        seen = [operations[one] if one in returned else operations[one].cut_off() for one in called]
        result.append((operations[place], seen))
    return result


def explains(order: Sequence[Operation], operations: Sequence[Operation], model: Any) -> bool:
    """Whether this order is one of these operations, in their time, with every output right, key by key."""
    key = getattr(model, "key", lambda _: None)
    states: dict[Any, Any] = {}
    for place, one in enumerate(order):
        if any(later.ret is not None and later.ret < one.call for later in order[place + 1 :]):
            return False
        state = states.get(key(one.input), start_of(model))
        ok, states[key(one.input)] = model.step(state, one.input, None if one.ret is None else one.output)
        if not ok and one.ret is not None:
            return False
    must = [one for one in operations if one.ret is not None]
    return sorted(repr(one) for one in order if one.ret is not None) == sorted(map(repr, must))


def answered(calls: Sequence[tuple[Any, float, float | None, Any, float]], model: Any) -> list[Operation]:
    """A linearizable history: calls as (client, call, ret, input, instant of effect), answered in that order."""
    key = getattr(model, "key", lambda _: None)
    states: dict[Any, Any] = {}
    outputs: dict[int, Any] = {}
    for place in sorted(range(len(calls)), key=lambda place: calls[place][4]):
        question = calls[place][3]
        state = states.get(key(question), start_of(model))
        outputs[place] = answer(question, state)
        states[key(question)] = model.step(state, question, outputs[place])[1]
    return [
        Operation(client, call, ret, question, None if ret is None else outputs[place])
        for place, (client, call, ret, question, _) in enumerate(calls)
    ]


def answer(question: Any, state: Any) -> Any:
    if question[0] in ("read", "get", "value"):
        return state
    return state == question[1] if question[0] == "cas" else None


def busy(
    kind: str, count: int, clients: int, *, seed: int = 1, keys: int = 1, lost: float = 0.0, values: int | None = None
) -> list[Operation]:
    """A long linearizable history: clients that call again and again; a fraction `lost` of the calls never returns.

    Values are written once, or drawn from as many as `values`.
    """
    draw = random.Random(seed)
    names = list(range(clients))
    free = [draw.random() for _ in names]
    calls: list[tuple[Any, float, float | None, Any, float]] = []
    for serial in range(count):
        client = min(range(clients), key=free.__getitem__)
        call = free[client]
        ret = call + 0.01 + draw.expovariate(1)
        question = _question(kind, draw, serial if values is None else draw.randrange(values), keys)
        if draw.random() < lost:
            calls.append((names[client], call, None, question, draw.uniform(call, call + draw.choice([1, 20, 10**9]))))
            names[client] = clients + serial  # a client whose call was lost calls no more
        else:
            calls.append((names[client], call, ret, question, draw.uniform(call, ret)))
        free[client] = ret + draw.expovariate(5)
    return answered(calls, MODELS[kind]())


def _question(kind: str, draw: random.Random, value: int, keys: int) -> tuple[Any, ...]:
    lot = draw.random()
    if kind == "register":
        return ("read",) if lot < 0.5 else ("write", value) if lot < 0.95 else ("cas", max(value - 5, 0), value)
    if kind == "counter":
        return ("value",) if lot < 0.5 else ("inc", 1) if lot < 0.8 else ("dec", 1)
    key = f"k{draw.randrange(keys)}"
    return ("get", key) if lot < 0.5 else ("put", key, str(value)) if lot < 0.75 else ("append", key, f"{value}.")


def with_stale_read(history: Sequence[Operation], where: float) -> list[Operation]:
    """The same history, with one read, at this fraction of them, that answers what held some time before."""
    reads = [
        place for place, one in enumerate(history) if one.input[0] in ("read", "get", "value") and one.ret is not None
    ]
    place = reads[int(where * (len(reads) - 1))]
    read = history[place]
    old = [
        one
        for one in history
        if one.input == read.input and one.ret is not None and one.ret < read.call - 15 and one.output != read.output
    ]
    stale = Operation(read.client, read.call, read.ret, read.input, old[-1].output)
    return [*history[:place], stale, *history[place + 1 :]]
