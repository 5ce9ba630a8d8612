"""A run's page, opened from the file system in a real browser: played, scrubbed, stepped, read out of the DOM."""

import itertools

import pytest

from groupkit import Cluster, ConsensusConfig, Rules, Timeline, run
from tests.browser.lab import CHROMIUM_FLAGS, find_chromium
from tests.browser.notebook import PATIENCE

pytestmark = pytest.mark.browser

ROOT = ".gk-replay"
WAIT = f"""new Promise((done, fail) => {{
  const began = performance.now();
  const r = document.querySelector("{ROOT}").dataset;
  const look = () => {{
    if (CONDITION) done();
    else if (performance.now() - began > {PATIENCE * 1000})
      fail(new Error("not reached; the page says " + JSON.stringify(r)));
    else requestAnimationFrame(look);
  }};
  look();
}})"""
KEPT_LEFT, KEPT_RIGHT = 38, 94  # pixels of the tape before time begins and after it ends


def a_run(peers=5, **settings):
    async def main():
        async with Cluster(peers, **settings) as cluster:
            leader = await cluster.when().leader_elected()
            for number in range(5):
                await cluster[leader].group.execute(number)
            cluster.kill(leader)
            if len(cluster) > 1:
                await cluster.when().leader_changed()
            cluster.restart(leader)
            await cluster.clock.advance(2.0)
            return cluster.timeline

    return run(main, seed=7)


class Shown:
    """The page, and what it says about itself."""

    def __init__(self, page):
        self.page = page

    def fact(self, name, css=ROOT):
        return self.page.locator(css).first.get_attribute(f"data-{name}")

    @property
    def now(self):
        return float(self.fact("now"))

    def until(self, condition):
        """Look at every frame, from outside: the page's policy lets nobody evaluate text inside it."""
        self.page.evaluate(WAIT.replace("CONDITION", condition))

    def press(self, key):
        before = self.fact("now")
        self.page.keyboard.press(key)
        return before

    def at(self, part):
        """Press on the tape at this part of the run."""
        box = self.page.locator(f"{ROOT} .gk-reigns").bounding_box()
        width = box["width"] - KEPT_LEFT - KEPT_RIGHT
        self.page.mouse.click(box["x"] + KEPT_LEFT + width * part, box["y"] + box["height"] / 2)
        end = float(self.fact("end"))
        self.until(f"Math.abs(r.now - {end * part}) < {end / 50}")

    def peers(self, fact):
        marks = self.page.locator(f"{ROOT} [data-peer]").all()
        return {mark.get_attribute("data-peer"): mark.get_attribute(f"data-{fact}") for mark in marks}


@pytest.fixture
def show(playwright, tmp_path):
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
    console, asked, number = [], [], itertools.count()

    def show(timeline, **look):
        path = tmp_path / f"run-{next(number)}.html"
        timeline.to_html(path)
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **look}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", lambda message: console.append(message.text))
        page.on("pageerror", lambda error: console.append(f"uncaught: {error}"))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        shown = Shown(page)
        if look.get("java_script_enabled", True):
            page.locator(f"{ROOT}[data-state]").wait_for()
        return shown

    yield show
    browser.close()
    assert not console, "the page printed something"
    assert all(url.startswith("file:") for url in asked) and len(asked) == next(number)


def test_it_plays_pauses_and_ends(show):
    shown = show(a_run())
    assert (shown.fact("state"), shown.now) == ("paused", 0.0)
    shown.page.locator("[data-do=speed]").select_option(label="1/20")  # its end is minutes away
    shown.page.locator(".gk-reigns").focus()
    shown.page.keyboard.press("Space")
    shown.until("r.state === 'playing' && r.now > 0.05")
    shown.page.locator("[data-do=play]").click()
    shown.until("r.state === 'paused'")
    assert 0 < shown.now < float(shown.fact("end"))
    shown.page.keyboard.press("End")
    shown.until("r.state === 'ended' && r.now === r.end")
    shown.page.locator(".gk-reigns").focus()
    shown.page.keyboard.press("Space")  # from the end it begins again
    shown.until("r.state === 'playing' && +r.now < 2")
    shown.page.locator("[data-do=speed]").select_option(label="50×")
    shown.until("r.state === 'ended'")


def test_any_moment_is_shown_as_it_was(show):
    timeline = a_run()
    shown = show(timeline)
    (first, second) = timeline.leadership().itertuples()
    shown.at((first.start + first.end) / 2 / timeline.end)
    assert shown.peers("role")[first.leader] == "leader"
    assert shown.fact("leader") == first.leader and shown.fact("term") == "1"
    assert set(shown.peers("term").values()) == {"1"}
    shown.press("PageDown")
    shown.until(f"r.leader === '{second.leader}' || Math.abs(r.now - {second.start}) < 1e-4")
    assert abs(shown.now - second.start) < 1e-4
    assert shown.peers("role")[first.leader] == "down"
    assert shown.page.locator(".gk-sentences li").first.inner_text().endswith(f"{second.leader} leads term 2")
    shown.press("End")
    shown.until("r.state === 'ended'")
    last = timeline.committed().iloc[-1]
    assert shown.peers("committed") == {peer: str(int(last[peer])) for peer in timeline.peers}
    assert shown.fact("committed", ".gk-commits") == " ".join(f"{peer}:{int(last[peer])}" for peer in timeline.peers)


def test_steps_go_from_happening_to_happening(show):
    timeline = a_run(3)
    shown = show(timeline)
    seen = [shown.now]
    for _ in range(6):
        before = shown.press("ArrowRight")
        shown.until(f"r.now !== '{before}'")
        seen.append(shown.now)
    assert seen == sorted(set(seen))
    times = {round(row[0], 6) for row in timeline.recorder.rows} | {
        round(arrival, 6) for _, _, arrival, *_ in timeline.recorder.messages if arrival is not None
    }
    assert all(any(abs(now - time) < 2e-6 for time in times) for now in seen[1:])
    before = shown.press("ArrowLeft")
    shown.until(f"r.now !== '{before}'")
    assert shown.now == seen[-2]
    before = shown.fact("speed")
    shown.page.keyboard.press("ArrowUp")
    shown.until(f"r.speed !== '{before}'")
    assert float(shown.fact("speed")) > float(before)


def test_a_sentence_leads_to_its_moment(show):
    timeline = a_run()
    shown = show(timeline)
    shown.page.keyboard.press("End")
    shown.until("r.state === 'ended'")
    (killed,) = [row for row in timeline.recorder.rows if row[1] == "fault" and row[3] == "kill"]
    shown.page.locator(".gk-sentences li", has_text="was killed").click()
    shown.until(f"Math.abs(r.now - {killed[0]}) < 1e-5")


def test_what_the_pointer_is_on_is_explained(show):
    timeline = a_run()
    shown = show(timeline)
    (first, _) = timeline.leadership().itertuples()
    shown.at((first.start + first.end) / 2 / timeline.end)
    shown.page.locator(f"{ROOT} [data-peer={first.leader}]").hover()
    shown.page.locator(".gk-hint", has_text=f"{first.leader}: leader, term 1").wait_for()
    shown.page.locator(f"{ROOT} [data-peer={first.leader}]").click()  # nothing can be broken any more
    assert shown.peers("role")[first.leader] == "leader"
    shown.page.locator(".gk-commits").hover()
    shown.page.locator(".gk-commits .gk-tip", has_text="committed at").wait_for()
    shown.page.locator(".gk-logs").hover(position={"x": 45, "y": 30})
    shown.page.locator(".gk-logs .gk-tip", has_text="index 1, term 1").wait_for()
    shown.page.locator(".gk-zoom button").first.click()
    assert abs(shown.now / timeline.end - (first.start + first.end) / 2 / timeline.end) < 0.02


def test_it_follows_the_colour_scheme_and_fits_a_phone(show):
    for scheme in ("light", "dark"):
        shown = show(a_run(), color_scheme=scheme, viewport={"width": 390, "height": 800}, reduced_motion="reduce")
        assert shown.fact("theme") == scheme
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        deck = shown.page.locator(".gk-deck").bounding_box()
        assert deck["y"] + deck["height"] <= 800  # always within reach of a thumb
        shown.page.keyboard.press("Space")
        shown.until("+r.now > 0.02")


def test_without_javascript_the_still_plot_is_there(show):
    shown = show(a_run(), java_script_enabled=False)
    assert shown.page.locator("svg.gk-still").is_visible()
    assert "With JavaScript" in shown.page.locator("noscript").inner_text()
    assert shown.page.locator(ROOT).count() == 0


def test_odd_names_one_peer_and_rules_off_are_shown_too(show):
    rules = Rules(one_vote_a_term=False)
    shown = show(a_run(["<b>x</b>", "</script>", "é"], rules=rules))
    assert set(shown.peers("role")) == {"<b>x</b>", "</script>", "é"}
    assert shown.page.locator(".gk-off").inner_text() == "rules off: one_vote_a_term"
    assert shown.page.locator("b", has_text="x").count() == 0
    show(a_run(1, config=ConsensusConfig()))


def test_both_leaders_of_a_split_group_are_named(show):
    async def main():
        async with Cluster(4, quorum="bonded") as cluster:
            await cluster.when().converged()
            cluster.partition(["a", "b"])
            await cluster.clock.advance(10.0)
            return cluster.timeline

    timeline = run(main, seed=7)
    shown = show(timeline)
    shown.page.keyboard.press("End")
    shown.until("r.state === 'ended'")
    leaders = {name: term for name, term in shown.peers("term").items() if shown.peers("role")[name] == "leader"}
    assert len(leaders) == 2
    told = " and ".join(f"{name} · term {term}" for name, term in sorted(leaders.items()))
    assert shown.page.locator(".gk-deck .gk-leader").inner_text() == f"♛ {told}, without a majority"


def test_a_loaded_bonded_run_of_many_plays(show, tmp_path):
    a_run(25, quorum="bonded").save(tmp_path / "run.gz")
    shown = show(Timeline.load(tmp_path / "run.gz"))
    assert len(shown.peers("role")) == 25
    shown.page.keyboard.press("Space")
    shown.until("r.state === 'playing' && +r.now > 0.05")


def test_a_violation_is_marked_on_the_tape_and_a_click_in_the_feed_looks_there(show):
    async def main():
        async with Cluster(3, rules=Rules().without("one_vote_a_term"), seed=2) as cluster:
            cluster.timeout_now("a")
            cluster.timeout_now("b")
            await cluster.clock.advance(2.0)
            return cluster.timeline

    timeline = run(main)
    violation = timeline.violations[0]
    shown = show(timeline)
    shown.press("End")
    shown.until("r.state === 'ended'")
    marked = shown.page.locator(f"{ROOT} .gk-reigns").get_attribute("data-violations")
    assert f"{violation.property}:{violation.time:.3f}" in marked
    row = shown.page.locator(".gk-sentences li[data-kind=violation]").last
    assert f"violation of {violation.property}: " in row.inner_text()
    row.click()
    shown.until(f"Math.abs(r.now - {violation.time}) < 1e-4")
