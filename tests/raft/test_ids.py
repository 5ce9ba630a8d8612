"""The values people see."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupkit import Consistency, Cursor, GroupId, GroupKey, Index, IndexRange, PeerId, Quorum, Term
from groupkit.raft.ids import LARGEST, choice

COUNTS = st.integers(0, LARGEST)


@pytest.mark.parametrize("kind", [Index, Term])
@given(a=COUNTS, b=COUNTS)
def test_counts_behave_as_plain_ints(kind: Any, a: int, b: int) -> None:
    one, other = kind(a), kind(b)
    assert (one == other, one < other, hash(one), int(one)) == (a == b, a < b, hash(a), a)
    assert one.distance(other) == abs(a - b) == other.distance(one)
    assert one.next() == min(a + 1, LARGEST) and one.prev() == max(a - 1, 0)
    assert one.is_zero() is (a == 0)
    assert type(one.next()) is type(one.prev()) is kind
    assert pickle.loads(pickle.dumps(one)) == one and type(copy.deepcopy(one)) is kind
    assert (str(one), f"{one:,}", repr(one)) == (str(a), f"{a:,}", f"{kind.__name__}({a})")


@pytest.mark.parametrize("kind", [Index, Term])
@pytest.mark.parametrize("bad", [-1, 2**64, True, False, 1.0, "1", None])
def test_bad_counts_are_refused_by_name(kind: Any, bad: Any) -> None:
    error = ValueError if type(bad) is int else TypeError
    with pytest.raises(error, match=kind.__name__) as caught:
        kind(bad)
    assert repr(bad) in str(caught.value)


def test_zero_and_one() -> None:
    assert (Index.zero(), Index.one(), Term.zero(), Term.one()) == (0, 1, 0, 1)
    assert Index.zero().prev() == 0 and Index(LARGEST).next() == LARGEST


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_cursors_are_ordered_by_term_then_index(t1: int, i1: int, t2: int, i2: int) -> None:
    one, other = Cursor(t1, i1), Cursor(t2, i2)
    assert (one < other) is ((t1, i1) < (t2, i2))
    assert (one >= other) is ((t1, i1) >= (t2, i2))
    assert (one == other) is ((t1, i1) == (t2, i2))
    assert (one == i2, one < i2, one >= i2) == (i1 == i2, i1 < i2, i1 >= i2)
    assert pickle.loads(pickle.dumps(one)) == one


def test_a_cursor_is_frozen() -> None:
    cursor = Cursor(2, 5)
    with pytest.raises(AttributeError, match="frozen"):
        cursor.index = 3  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del cursor.term
    assert (repr(cursor), int(cursor), cursor != "x") == ("Cursor(term=2, index=5)", 5, True)
    assert len({Cursor(2, 5), Cursor(2, 5)}) == 1


@given(st.integers(0, 50), st.integers(0, 50))
def test_ranges_include_both_ends(a: int, b: int) -> None:
    if b < a:
        with pytest.raises(ValueError, match="is empty"):
            IndexRange(a, b)
        return
    span = IndexRange(a, b)
    assert list(span) == list(range(a, b + 1)) and len(span) == b - a + 1
    assert (span.start, span.end) == (a, b) and a in span and b in span and b + 1 not in span
    assert all(type(i) is Index for i in span)
    assert span == IndexRange(a, b) and len({span, IndexRange(a, b)}) == 1
    with pytest.raises(AttributeError, match="frozen"):
        span.start = 3  # type: ignore[misc]


def test_into_pandas_they_go_as_plain_ints() -> None:
    frame = pd.DataFrame({"index": [Index(1), Index(2)], "term": [Term(3), Term(4)]})
    assert [str(kind) for kind in frame.dtypes] == ["int64", "int64"]
    assert frame["index"].sum() == 3


def test_names() -> None:
    assert PeerId("a") == "a" and repr(PeerId("a")) == "PeerId('a')" and sorted([PeerId("b"), "a"]) == ["a", "b"]
    assert GroupId("ab" * 32).short() == "ababababab"


def test_a_key_never_shows_its_secret() -> None:
    key = GroupKey.from_secret("swordfish")
    assert repr(key) == str(key) == "GroupKey(…)" and "swordfish" not in str(vars(type(key)))
    assert key == GroupKey.from_secret("swordfish") != GroupKey.from_secret("other")
    assert GroupKey.random() != GroupKey.random()
    assert len({key, GroupKey.from_secret("swordfish")}) == 1


@pytest.mark.parametrize(("bad", "error"), [("", ValueError), (3, TypeError), (b"x", TypeError), (None, TypeError)])
def test_a_key_needs_a_text(bad: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="from_secret"):
        GroupKey.from_secret(bad)


def test_choices_take_their_text_too() -> None:
    assert choice(Consistency, "weak") is Consistency.WEAK
    assert choice(Quorum, "BONDED") is Quorum.BONDED
    assert choice(Quorum, Quorum.MEMBERS) is Quorum.MEMBERS
    with pytest.raises(ValueError, match="Consistency is one of 'weak', 'strong', not 'strongish'"):
        choice(Consistency, "strongish")
