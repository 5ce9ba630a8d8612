"""A row's run can be opened again, from whatever the row went through."""

import asyncio
import functools

import pandas as pd
import pytest

from groupkit import Cluster, ConsensusConfig, Network, SweepWarning, rerun, sweep
from tests.trials.scenarios import downtime, drawn

quiet = functools.partial(sweep, progress=False)


@pytest.fixture(scope="module")
def frame():
    return quiet(downtime, {"peers": [3, 5]}, 3)


def test_a_row_gives_its_timeline_though_the_scenario_records_nothing(frame):
    timeline = rerun(frame.loc[4])
    assert timeline.meta["seed"] == 1 and len(timeline.peers) == 5
    assert timeline.leadership()["leader"].iloc[-1] == frame.loc[4, "new"]


@pytest.mark.parametrize(
    "take",
    [
        lambda f: f.iloc[2],
        lambda f: f.loc[2],
        lambda f: f.loc[[2]],
        lambda f: f.sort_values("downtime", ascending=False).reset_index(drop=True).query("peers == 3 and seed == 2"),
        lambda f: f[f["seed"] == 2].iloc[0],
        lambda f: list(f.iterrows())[2][1],
        lambda f: f.drop(columns=["new"]).iloc[2],
        lambda f: f[["peers", "seed"]].iloc[2],
    ],
)
def test_the_row_may_have_come_through_pandas(frame, take):
    assert rerun(take(frame)).digest() == rerun(frame.loc[2]).digest()


def test_beside_a_running_loop(frame):
    async def cell():
        return rerun(frame.iloc[0]).digest()

    assert asyncio.run(cell()) == rerun(frame.iloc[0]).digest()


def test_a_frame_from_a_file_needs_its_scenario(frame, tmp_path):
    frame.to_csv(tmp_path / "runs.csv", index=False)
    row = pd.read_csv(tmp_path / "runs.csv").iloc[4]
    with pytest.raises(LookupError, match=r"give the scenario, rerun\(row, scenario=\.\.\.\)"):
        rerun(row)
    assert rerun(row, scenario=downtime).digest() == rerun(frame.loc[4]).digest()


def test_a_point_that_names_fewer_parameters_is_not_taken_for_one_that_names_more():
    frame = quiet(drawn_twice, [{"n": 1}, {"n": 1, "more": 2}], 2)
    assert [len(rerun(frame.iloc[place]).peers) for place in (0, 2)] == [1, 3]


async def drawn_twice(seed, n, more=0):
    async with Cluster(n + more, seed=seed) as cluster:
        await cluster.when().leader_elected()
        return {}


def test_a_row_of_floats_alone_has_its_whole_numbers_back(frame, tmp_path):
    row = pd.Series({"peers": 5.0, "seed": 1.0})
    assert rerun(row, scenario=downtime).digest() == rerun(frame.loc[4]).digest()


def test_an_error_is_opened_up_to_where_it_was_raised():
    async def fails(seed):
        cluster = Cluster(3)
        await cluster.when().leader_elected()
        raise ValueError("enough")

    with pytest.warns(SweepWarning, match="every run"):
        frame = quiet(fails, {}, 1)
    assert len(rerun(frame.iloc[0]).leadership()) == 1


def test_a_scenario_that_depends_on_something_else_is_found_out():
    calls = []

    async def counts(seed):
        calls.append(seed)
        async with Cluster(1) as cluster:
            await cluster.when().leader_elected()
        return {"calls": len(calls)}

    frame = quiet(counts, {}, 2)
    with pytest.warns(SweepWarning, match="came to calls 3, and the row says 1"):
        rerun(frame.iloc[0])


def test_of_several_networks_one_is_named():
    async def two(seed):
        for _ in range(2):
            async with Cluster(1) as cluster:
                await cluster.when().leader_elected()
        Network()
        return {}

    row = quiet(two, {}, 1).iloc[0]
    with pytest.raises(LookupError, match="made 3 networks: say which"):
        rerun(row)
    assert rerun(row, network=1).peers == ("a",)
    with pytest.raises(ValueError, match="there is no network=3"):
        rerun(row, network=3)


def test_what_is_no_row(frame):
    with pytest.raises(ValueError, match=r"not a frame of 6: rerun\(frame.iloc\[0\]\)"):
        rerun(frame)
    with pytest.raises(TypeError, match="a row of sweep's frame"):
        rerun(3)
    with pytest.raises(ValueError, match="has no seed"):
        rerun(frame["downtime"])
    with pytest.raises(LookupError, match="made no network"):
        rerun(quiet(drawn, {}, 1).iloc[0])
    changed = frame.loc[1].copy()
    changed["seed"] = 99
    with pytest.raises(LookupError, match="were changed"):
        rerun(changed)


async def kinds(seed, timeout=2.0, peers=3):
    async with Cluster(peers, config=ConsensusConfig(election_timeout=timeout), record=False) as cluster:
        await cluster.when().leader_elected()
        if seed == 1:
            raise ValueError("one")
        return {"at": cluster.clock.now, "pair": (1, 2), "nothing": None}


@pytest.mark.filterwarnings("error")
def test_what_is_missing_in_a_row_is_what_was_not_given(tmp_path):
    frame = sweep(kinds, [{"timeout": 1.0}, {"peers": 5}, {}], 2, progress=False)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    for row in range(len(frame)):
        expected = rerun(frame.iloc[row]).digest()
        assert rerun(pd.read_csv(tmp_path / "runs.csv").iloc[row], scenario=kinds).digest() == expected
        assert rerun(frame.iloc[[row]], scenario=kinds).digest() == expected


async def optional(seed, peers=3, timeout=None):
    return await kinds(seed, timeout or 2.0, peers)


def test_none_among_numbers_is_found_again():
    frame = sweep(optional, {"timeout": [None, 3.0]}, [0], progress=False)
    assert rerun(frame.iloc[0]).end < rerun(frame.iloc[1]).end


def test_a_seed_that_a_float_cannot_hold_is_not_guessed(tmp_path):
    frame = sweep(kinds, {"timeout": [1.0]}, [2**60 + 1], progress=False)[["timeout", "seed", "at"]]
    frame.to_csv(tmp_path / "runs.csv", index=False)
    read = pd.read_csv(tmp_path / "runs.csv")
    with pytest.raises(ValueError, match=r"holds its seed as a float, .* rerun\(frame.iloc\[\[3\]\]\)"):
        rerun(read.iloc[0], scenario=kinds)
    assert rerun(read.iloc[[0]], scenario=kinds).end > 0
    with pytest.raises(ValueError, match=r"a seed is a whole number, and this row's is 0\.5"):
        rerun(read.assign(seed=0.5).iloc[0], scenario=kinds)
    with pytest.raises(TypeError, match="scenario is a function made by 'async def'"):
        rerun(read.iloc[0], scenario=3)
