"""What peers agree on beforehand, refused at the door where it makes no sense."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from groupkit import ConsensusConfig, Quorum, Rules, reluctant

TIMES = ["heartbeat_interval", "heartbeat_jitter", "election_timeout", "election_timeout_jitter", "bootstrap_delay",
         "forward_timeout", "query_timeout"]  # fmt: skip


def test_defaults_are_mosaiks() -> None:
    config = ConsensusConfig()
    assert [getattr(config, name) for name in TIMES] == [0.5, 0.15, 2.0, 0.5, 3.0, 2.0, 2.0]
    assert (config.max_missed_heartbeats, config.quorum, config.voters) == (10, Quorum.BONDED, None)
    assert ConsensusConfig(voters=("a",)).quorum is Quorum.MEMBERS


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("bad", [-1, -0.1, math.nan, math.inf, "2", True, None])
def test_bad_times_are_refused_by_name(name: str, bad: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=name) as caught:
        ConsensusConfig(**{name: bad})
    assert repr(bad) in str(caught.value)


@pytest.mark.parametrize(("timeout", "interval"), [(0.5, 0.5), (0.3, 0.5)])
def test_the_election_timeout_is_above_the_heartbeat_interval(timeout: float, interval: float) -> None:
    with pytest.raises(ValueError, match=r"election_timeout \(0\.\d s\) must be above heartbeat_interval \(0\.5 s\)"):
        ConsensusConfig(election_timeout=timeout, heartbeat_interval=interval)


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3"])
def test_counts_begin_at_one(bad: Any) -> None:
    for name in ("max_missed_heartbeats", "snapshot_every"):
        with pytest.raises((ValueError, TypeError), match=f"{name} is a whole number from 1"):
            ConsensusConfig(**{name: bad})


@pytest.mark.parametrize("name", ["heartbeat_interval", "election_timeout", "forward_timeout", "query_timeout"])
@pytest.mark.parametrize("bad", [5e-324, 1e-300, 9.9e-7])
def test_time_does_not_crawl_through_intervals_below_a_microsecond(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=rf"{name} is at least 1e-06 s \(a microsecond\), not {bad!r}"):
        ConsensusConfig(**{name: bad})
    assert ConsensusConfig(heartbeat_interval=1e-6, forward_timeout=1e-6).heartbeat_range == (5e-7, 1e-6)


def test_a_number_that_no_float_holds_is_refused_by_name() -> None:
    for name in ("heartbeat_interval", "election_timeout_jitter", "bootstrap_delay"):
        with pytest.raises(ValueError, match=rf"{name} is a finite number of seconds.*, not 1000"):
            ConsensusConfig(**{name: 10**400})
    with pytest.raises(ValueError, match=r"election_timeout plus its jitter is a finite number of seconds.*, not inf"):
        ConsensusConfig(election_timeout=1.7e308, election_timeout_jitter=1.7e308)


def test_voters_are_names() -> None:
    assert ConsensusConfig(voters=["b", "a"]).voters == ("a", "b")  # type: ignore[arg-type]
    for bad, text in [("ab", "not the text 'ab'"), (("a", "a"), "'a' twice"), ((), "is empty"), (("",), "empty name"),
                      (3, "not 3")]:  # fmt: skip
        with pytest.raises((ValueError, TypeError), match=text):
            ConsensusConfig(voters=bad)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="leave out one of the two"):
        ConsensusConfig(voters=("a",), quorum="bonded")
    with pytest.raises(ValueError, match="Quorum is one of 'members', 'bonded', not 'all'"):
        ConsensusConfig(quorum="all")


def test_a_config_is_frozen_and_plain() -> None:
    config = ConsensusConfig(voters=("a", "b"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.election_timeout = 3.0  # type: ignore[misc]
    assert config == dataclasses.replace(config) and hash(config) == hash(dataclasses.replace(config))
    assert config.as_dict()["voters"] == ["a", "b"] and config.as_dict()["quorum"] == "members"


def test_heartbeats_come_never_earlier_than_half_the_interval() -> None:
    assert ConsensusConfig().heartbeat_range == (0.35, 0.5)
    assert ConsensusConfig(heartbeat_interval=0.1).heartbeat_range == (0.05, 0.1)


def test_every_rule_is_on_and_can_be_switched_off_by_name() -> None:
    names = [field.name for field in dataclasses.fields(Rules)]
    assert Rules().off() == ()
    for name in names:
        assert Rules().without(name).off() == (name,) == Rules(**{name: False}).off()
    with pytest.raises(ValueError, match="there is no rule 'luck'; the rules are votes_persisted, "):
        Rules().without("luck")
    with pytest.raises(TypeError, match=r"Rules\(pre_vote=…\) is True or False, not 1"):
        Rules(pre_vote=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [0.5, 0, -1, math.nan, math.inf, "2", True])
def test_reluctant_takes_a_factor_from_1(bad: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="1 or more"):
        reluctant(bad)
    assert repr(reluctant(3)) == "reluctant(3)"
