"""Looking back at an election: the page shows whose votes a candidate had by then, as a replay does."""

import pytest

from tests.browser.dashboards import wait_attribute

pytestmark = pytest.mark.browser

SLOW = """
from groupkit import Cluster, Counter
from groupkit_widgets import Dashboard, Replay
cluster = Cluster(5, machine=Counter, seed=7, latency=(0.1, 0.5), pace=float("inf"))
await cluster.when().leader_elected()
cluster.kill(cluster.leader())
cluster.align_timers()
await cluster.clock.advance(20)
Dashboard(cluster)
"""
REPLAY = "Replay(cluster.timeline)"
PEERS = "picture => [...picture.querySelectorAll('.gk-peer')].map(e => e.getAttribute('aria-label').split('. ')[0])"


def test_a_page_that_was_not_there_shows_who_had_voted_by_then(notebook):
    nb = notebook([SLOW, REPLAY])
    nb.run_all()
    nb.locator(".gk-replay").scroll_into_view_if_needed()
    wait_attribute(nb, ".gk-replay", "data-state", "paused")
    live, replay = (nb.page.locator(".jp-NotebookPanel .jp-Cell").nth(cell).locator(".gk") for cell in (0, 1))
    end = replay.get_attribute("data-end")
    seen = []
    for place in range(0, live.locator("li").count(), 5):
        replay.locator("[data-do='end']").click()  # its feed tells what has been by then
        wait_attribute(nb, ".gk-replay", "data-now", end)
        for picture in (replay, live):
            sentence = picture.locator("li").nth(place)
            time = f"{float(sentence.get_attribute('data-time')):.6f}"
            sentence.click()
            picture.and_(nb.page.locator(f"[data-now='{time}']")).wait_for()
        peers = replay.evaluate(PEERS)
        nb.page.wait_for_function(
            f"([picture, peers]) => `${{({PEERS})(picture)}}` === `${{peers}}`", arg=[live.element_handle(), peers]
        )
        seen += peers
    assert [text for text in seen if "(votes of" in text and "refused by" in text]
    assert [text for text in seen if "(pre-votes of" in text]
