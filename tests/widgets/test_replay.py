"""A run that is played again in a notebook: what the widget carries, and what it leaves without a kernel."""

import json
from xml.etree import ElementTree

import pytest

from groupkit import Cluster, Counter, Timeline, run
from groupkit.record import page
from groupkit_widgets import Replay


def a_run(peers=5, reigns=2):
    async def main():
        cluster = Cluster(peers, machine=Counter)
        leader = await cluster.when().leader_elected()
        await cluster[leader].group.execute(Counter.Increment(1))
        for _ in range(reigns - 1):
            cluster.kill(leader)
            await cluster.when().leader_changed()
            cluster.restart(leader)
            leader = await cluster.when().leader_elected()
        await cluster.close()
        return cluster.timeline

    return run(main, seed=4)


def test_it_is_made_of_the_code_of_the_replay_page_and_carries_the_same_run():
    timeline = a_run()
    replay = Replay(timeline)
    assert page.source(*page.SCRIPTS) in replay._esm and "export default" in replay._esm
    assert replay._css == page.source(*page.STYLES)
    assert json.loads(replay._run) == json.loads(page.data(timeline))
    assert replay.get_state()["_run"] == replay._run


def test_its_styles_stay_inside_it():
    selectors = [
        part.strip()
        for line in str(Replay._css).splitlines()
        if line.rstrip().endswith(("{", ",")) and not line.startswith((" ", "@"))
        for part in line.rstrip("{, ").split(",")
    ]
    assert len(selectors) > 30 and all(selector.startswith(".gk") for selector in selectors)


def test_a_saved_run_plays_as_the_live_one_did(tmp_path):
    timeline = a_run()
    timeline.save(tmp_path / "run.jsonl")
    assert json.loads(Replay(Timeline.load(tmp_path / "run.jsonl"))._run) == json.loads(Replay(timeline)._run)


def test_it_shows_the_run_as_it_was_when_it_was_made():
    async def main():
        async with Cluster(3) as cluster:
            await cluster.when().leader_elected()
            replay = Replay(cluster.timeline)
            before, end = replay._run, cluster.timeline.end
            await cluster.clock.advance(1)
            assert replay._run == before and json.loads(before)["end"] == round(end * 1e6)
            assert f"0 to {end:.4g} s" in repr(replay)

    run(main, seed=1)


def test_it_leaves_a_still_picture_and_words():
    timeline = a_run()
    data, _ = Replay(timeline)._repr_mimebundle_()
    root = ElementTree.fromstring(data["image/svg+xml"])
    assert root.tag.endswith("svg") and "5 peers" in root[0].text
    first, second = timeline.leadership().itertuples()
    lines = data["text/plain"].splitlines()
    assert lines[0].startswith("5 peers, 0 to ") and "2 reigns of 2 leaders" in lines[0]
    assert lines[1] == f"  {first.leader} led term 1 from {first.start:.4g} to {first.end:.4g} s"
    assert lines[2].startswith(f"  {second.leader} led term 2 ")
    assert lines[-1] == "(a replay: run the notebook to see it move)"


def test_of_many_reigns_the_words_tell_some():
    data, _ = Replay(a_run(3, reigns=15))._repr_mimebundle_()
    lines = data["text/plain"].splitlines()
    assert len(lines) == 15 and lines[-2] == "  … and 3 more"


@pytest.mark.parametrize("wrong", ["run.jsonl", None, Counter()])
def test_what_is_no_timeline_is_refused(wrong):
    with pytest.raises(TypeError, match=r"Replay takes a Timeline, such as cluster.timeline or Timeline.load\(path\)"):
        Replay(wrong)
