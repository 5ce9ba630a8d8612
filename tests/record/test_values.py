"""Values as text and as JSON."""

from __future__ import annotations

import enum
import json
import math
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupkit.raft.ids import Index, PeerId, Term
from groupkit.raft.log import Stamp
from groupkit.raft.machine import Packed
from groupkit.record.values import Shown, decode, encode, show


@dataclass(frozen=True)
class Put:
    key: str
    value: Any


class Colour(enum.Enum):
    RED = 1


SIMPLE = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5) | st.floats()
PLAIN = st.recursive(
    SIMPLE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.frozensets(SIMPLE, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_data_comes_back_the_same(value: Any) -> None:
    through = decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert type(through) is type(value)
    assert show(through) == show(value)


@given(st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats())
def test_simple_values_show_as_their_repr(value: Any) -> None:
    assert show(value) == repr(value)


def test_a_users_command_comes_back_as_its_text() -> None:
    put = Put("k", (1, frozenset({"b", "a"})))
    back = decode(json.loads(json.dumps(encode(put))))
    assert isinstance(back, Shown)
    assert repr(back) == show(put) == "Put(key='k', value=(1, frozenset({'a', 'b'})))"
    assert back.form is not None
    assert back.form["fields"]["key"] == "k"
    assert back.form["type"].endswith(":Put")
    assert encode(back) == encode(put)
    assert back == Shown(back.text)
    assert hash(back) == hash(Shown(back.text))


def test_names_and_numbers_of_the_library_are_plain() -> None:
    assert show((PeerId("a"), Index(3), Term(2))) == "('a', 3, 2)"
    assert encode((PeerId("a"), Index(3))) == ["a", 3]
    assert show(Colour.RED) == "<Colour.RED: 1>"
    assert show((np.int64(3), np.float32(0.5))) == "(3, 0.5)" and encode((np.uint8(3), np.float64(0.5))) == [3, 0.5]
    assert show(Fraction(1, 3)) == "Fraction(1, 3)"


def test_a_packed_command_shows_as_what_it_holds() -> None:
    packed = Packed({"k": {2, 1}})
    assert show(packed) == "{'k': {1, 2}}"
    assert decode(encode(packed)) == {"k": {1, 2}}


def test_a_term_that_knows_its_leader_keeps_it() -> None:
    back = decode(json.loads(json.dumps(encode((Stamp(3, "a"),)))))
    assert back == (Stamp(3, "a"),)
    assert back != (Stamp(3, "b"),)
    assert show(back) == "(3@a,)"


def test_what_json_cannot_say() -> None:
    assert encode(math.inf) == {"float": "inf"}
    assert math.isnan(decode(encode(math.nan)))
    for numbers in (range(3, 9), range(3, 9, 2), range(9, 3, -1)):
        assert decode(json.loads(json.dumps(encode(numbers)))) == numbers
    assert encode(range(3, 9)) == {"range": [3, 9]}
    assert show(set()) == "set()"
    assert show(frozenset()) == "frozenset()"


@pytest.mark.parametrize("data", [{"what": 1}, {"bytes": "zz"}, {"a": 1, "b": 2}, {"float": "x"}])
def test_what_was_never_written_is_refused(data: Any) -> None:
    with pytest.raises(ValueError):
        decode(data)


def test_text_does_not_depend_on_the_hash_seed() -> None:
    code = "from groupkit.record.values import show; print(show(frozenset('abcdefgh')), show({'x': {3, 'y', 2.5}}))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "012"
    }
    assert len(texts) == 1
