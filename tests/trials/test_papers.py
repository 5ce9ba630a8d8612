"""The published numbers as published, the formula of the dissertation, and the scenarios that measure them."""

import functools

import pytest

from groupkit import papers, rerun, sweep

quiet = functools.partial(sweep, progress=False)


def test_figure_16_as_published():
    table = papers.figure_16()
    assert table.loc["150–300"].tolist() == [171, 415, 603]
    assert table.loc["12–24"].tolist() == [30, 87, 152]
    assert table.loc["150–150"].isna().all()
    assert len(table) == 10 and len(papers.ranges()) == 9
    assert "USENIX ATC 2014" in table.attrs["source"]


@pytest.mark.parametrize(("latency", "published"), papers.SPLIT_VOTES)
def test_the_formula_gives_the_published_probabilities(latency, published):
    """Dissertation, chapter 9: five servers, one of them down."""
    assert papers.split_probability(latency) == pytest.approx(published, rel=0.02)


def test_the_formula_refuses_what_it_does_not_hold_for():
    with pytest.raises(ValueError, match="from 0 to 1, not 2"):
        papers.split_probability(2)
    with pytest.raises(ValueError, match="able=2 of servers=5 is no majority"):
        papers.split_probability(0.1, able=2)


def test_split_votes_are_as_frequent_as_the_formula_says():
    runs = quiet(papers.split_vote, {"latency": [0.01, 0.2]}, 300)
    shares = runs.groupby("latency")["split"].mean()
    assert shares[0.01] <= 0.01
    assert shares[0.2] == pytest.approx(papers.split_probability(0.2), abs=0.07)
    assert runs.loc[runs["latency"] == 0.01, "first"].mean() == pytest.approx(papers.first_timeout(), abs=0.03)


def test_the_crash_of_figure_16_is_near_what_was_published():
    runs = quiet(papers.crash, papers.ranges()[4:7], 80)  # 150–300, 100–200, 50–100
    assert runs["error"].isna().all()
    both = papers.beside(runs)
    assert both["ratio", "median"].between(0.9, 1.3).all()
    assert both["ratio", "p99"].between(0.7, 2).all()
    assert list(both["ratio"]) == ["median", "p99", "largest"]


@pytest.mark.parametrize(("shorter", "drift"), [(0, 0.0), (2, 0.0), (2, 0.3), (3, 0.0)])
def test_survivors_are_left_in_step_with_logs_as_asked_for(shorter, drift):
    """Raft paper, 9.3: heartbeats in step before the crash, and logs of different lengths after it."""
    row = quiet(papers.crash, {"low": [0.150], "high": [0.300], "shorter": [shorter], "drift": [drift]}, [3]).iloc[0]
    timeline = rerun(row)
    faults = timeline.faults()
    crashed = faults.loc[faults["verb"] == "kill", "time"].item()
    prepared = faults.loc[faults["verb"] == "drop", "time"].min()
    sent = timeline.messages()
    last = sent[(sent["src"] == "a") & (sent["fate"] == "delivered") & (sent["sent"] >= prepared)]
    assert sorted(last["dst"]) == ["b", "c", "d", "e"], "one last word to each"
    assert last["sent"].max() - last["sent"].min() < 1e-6, "to all at once"
    lengths = timeline.log().loc[:crashed].iloc[-1]
    assert (lengths.drop("a") < lengths["a"]).sum() == shorter
    assert timeline.committed().loc[:crashed].iloc[-1].max() < lengths["a"], (
        "nobody hears of a commit later than others"
    )


def test_a_crash_is_heard_of_no_sooner_than_half_the_timeout():
    runs = quiet(papers.crash, {"low": [0.150], "high": [0.155], "shorter": [0, 2]}, 30)
    assert (runs["downtime"] > 0.075).all()
    assert (runs["elections"] >= 1).all()


def test_fixed_latency_and_equal_timeouts_never_elect():
    run = quiet(papers.crash, {"low": [0.150], "high": [0.150], "latency": [0.0075]}, 1)
    assert run["downtime"].tolist() == [papers.LIMIT]


def test_loss_asymmetry_drift_and_differing_terms():
    base = {"low": 0.150, "high": 0.300}
    runs = quiet(papers.crash, [base, base | {"loss": 0.5}, base | {"asymmetry": 0.9}, base | {"drift": 0.3}], 30)
    medians = runs.groupby(["loss", "asymmetry", "drift"], dropna=False, sort=False)["downtime"].median().tolist()
    assert runs["error"].isna().all()
    assert medians[1] > 2 * medians[0] and medians[2] < 1.3 * medians[0] and medians[3] < 1.3 * medians[0]
    spread = quiet(papers.first_terms, {"spread": [0, 100]}, 30).groupby("spread")["downtime"].mean()
    assert spread[100] > spread[0] > 0.150
    fast = quiet(papers.drifting, {"rate": [1.0, 3.0], "pre_vote": [False, True]}, 4)
    deposed = fast.groupby(["rate", "pre_vote"])["deposed"].mean()
    assert deposed.tolist() == [0, 0, 1, 0]


def test_a_drift_that_no_leader_could_live_with_is_refused():
    with pytest.warns(UserWarning, match="from 1/3 on"):
        quiet(papers.crash, {"low": [0.1], "high": [0.2], "drift": [0.4]}, 1)


def test_members_lose_nothing_and_wait_bonded_lose_and_do_not_wait():
    runs = quiet(papers.divided, {"shape": list(papers.SHAPES), "quorum": ["members", "bonded"]}, 3)
    assert runs["error"].isna().all() and runs["rejoined"].notna().all()
    by = runs.groupby("quorum")[["lost", "unavailable"]].agg(["sum", "mean"])
    assert by.loc["members", ("lost", "sum")] == 0
    assert (runs.loc[runs["quorum"] == "bonded", "lost"] > 0).all()
    assert by.loc["members", ("unavailable", "mean")] > 3 * by.loc["bonded", ("unavailable", "mean")]


def test_an_unknown_shape_lists_those_there_are():
    with pytest.warns(UserWarning, match="there is no shape 'round'; there are: leader alone, "):
        quiet(papers.divided, {"shape": ["round"], "quorum": ["members"]}, 1)
