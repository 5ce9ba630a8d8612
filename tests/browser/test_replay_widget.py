"""``Replay(timeline)`` in a real JupyterLab: played, scrubbed, stepped; every fact is read out of the page."""

import pytest

pytestmark = pytest.mark.browser

BUILD = """
from groupkit import Cluster, Counter
from groupkit_widgets import Replay

async def a_run(peers):
    async with Cluster(peers, machine=Counter, seed=7, pace=float("inf")) as cluster:
        leader = await cluster.when().leader_elected()
        for number in range(3):
            await cluster[leader].group.execute(Counter.Increment(number))
        cluster.kill(leader)
        await cluster.when().leader_changed()
        cluster.restart(leader)
        await cluster.clock.advance(1.0)
        return cluster.timeline

timeline = await a_run(PEERS)
print(*[f"{r.leader} {r.term} {r.start:.6f} {r.end:.6f}" for r in timeline.leadership().itertuples()], sep="\\n")
"""
ROOT = ".gk-replay"
WAIT = f"""([nth, condition]) => {{
  const root = document.querySelectorAll(".jp-OutputArea-output {ROOT}")[nth];
  const r = root?.dataset ?? {{}};
  return Function("r", `return ${{condition}}`)(r);
}}"""
COUNTING = """() => {
  const ask = window.requestAnimationFrame;
  window.requestAnimationFrame = (draw) => { window.asked += 1; return ask(draw); };
}"""
KEPT_LEFT, KEPT_RIGHT = 38, 94  # pixels of the tape before time begins and after it ends


class Shown:
    """One of the notebook's replays, and what it says about itself."""

    def __init__(self, nb, nth=0):
        self.nb, self.page, self.nth = nb, nb.page, nth
        self.root = nb.locator(ROOT).nth(nth)
        self.until("r.state")

    def fact(self, name):
        return self.root.get_attribute(f"data-{name}")

    @property
    def now(self):
        return float(self.fact("now"))

    def until(self, condition):
        self.page.wait_for_function(WAIT, arg=[self.nth, condition])

    def press(self, key):
        self.root.locator(".gk-reigns").press(key)

    def at(self, time):
        """Press on the tape where ``time`` is."""
        tape = self.root.locator(".gk-reigns")
        box = tape.bounding_box()
        width, end = box["width"] - KEPT_LEFT - KEPT_RIGHT, float(self.fact("end"))
        tape.click(position={"x": KEPT_LEFT + width * time / end, "y": box["height"] / 2})
        self.until(f"Math.abs(r.now - {time}) < {end / 50}")

    def peers(self, fact):
        marks = self.root.locator("[data-peer]").all()
        return {mark.get_attribute("data-peer"): mark.get_attribute(f"data-{fact}") for mark in marks}


def opened(notebook, *cells, peers=3):
    """A notebook with a run of some peers, and these cells run; with the run's reigns: (leader, term, start, end)."""
    nb = notebook([BUILD.replace("PEERS", str(peers)), *cells])
    nb.run_all()
    nb.page.set_viewport_size({"width": 1280, "height": 1700})
    reigns = [line.split() for line in nb.outputs()[0].splitlines()]
    return nb, [(leader, term, float(start), float(end)) for leader, term, start, end in reigns]


def test_it_plays_pauses_and_ends(notebook):
    nb, _ = opened(notebook, "Replay(timeline)")
    shown = Shown(nb)
    assert (shown.fact("state"), shown.now) == ("paused", 0.0)
    nb.locator(f"{ROOT} [data-do=speed]").select_option(label="1/20")  # its end is minutes away
    nb.click_on(f"{ROOT} [data-do=play]")
    shown.until("r.state === 'playing' && r.now > 0.05")
    nb.page.keyboard.press("Space")  # the button has the focus now
    shown.until("r.state === 'paused'")
    assert 0 < shown.now < float(shown.fact("end"))
    shown.press("Space")
    shown.until("r.state === 'playing'")
    nb.locator(f"{ROOT} [data-do=speed]").select_option(label="50×")
    shown.until("r.state === 'ended' && r.now === r.end")


def test_it_can_be_scrubbed_to_any_moment(notebook):
    nb, [first, second] = opened(notebook, "Replay(timeline)")
    shown = Shown(nb)
    shown.at((first[2] + first[3]) / 2)
    shown.until(f"r.leader === '{first[0]}' && r.term === '1'")
    assert shown.peers("role")[first[0]] == "leader" and set(shown.peers("term").values()) == {"1"}
    shown.press("PageDown")
    shown.until(f"Math.abs(r.now - {second[2]}) < 1e-4")
    assert shown.peers("role")[first[0]] == "down"
    assert nb.text(f"{ROOT} .gk-sentences li").endswith(f"{second[0]} leads term 2")
    shown.press("End")
    shown.until("r.state === 'ended'")
    assert set(shown.peers("committed").values()) == {"4"}  # three commands, and the second leader's no-op


def test_it_steps_from_happening_to_happening(notebook):
    nb, _ = opened(notebook, "Replay(timeline)", "print(*sorted({f'{row[0]:.6f}' for row in timeline.recorder.rows}))")
    shown = Shown(nb)
    times, seen = {float(time) for time in nb.outputs()[2].split()}, [shown.now]
    for _ in range(6):
        nb.click_on(f"{ROOT} [data-do=step]")
        shown.until(f"+r.now > {seen[-1]}")
        seen.append(shown.now)
    assert all(any(abs(now - time) < 2e-6 for time in times) for now in seen)
    shown.press("ArrowLeft")
    shown.until(f"+r.now === {seen[-2]}")


def test_several_in_one_notebook_go_their_own_ways_and_keys_reach_the_one_with_the_focus(notebook):
    nb, _ = opened(notebook, "Replay(timeline)", "again = Replay(timeline); again", "again", "1 + 1")
    nb.page.set_viewport_size({"width": 1280, "height": 2900})  # all are in sight
    one, two, same = (Shown(nb, nth) for nth in range(3))
    two.press("End")
    two.until("r.state === 'ended'")
    same.press("ArrowRight")
    same.until("+r.now > 0")
    assert (one.now, one.fact("state"), same.fact("state")) == (0.0, "paused", "paused")
    nb.page.evaluate(
        "() => { document.activeElement.blur(); window.jupyterapp.shell.currentWidget.content.node.focus(); }"
    )
    before = [shown.now for shown in (one, two, same)]
    for key in ("ArrowRight", "Home", "End"):  # of the notebook: none of them listens
        nb.page.keyboard.press(key)
    two.root.locator(".gk-commits canvas").click(position={"x": 3, "y": 3})
    nb.page.keyboard.press("m")  # would make the cell Markdown
    nb.page.keyboard.press("Home")  # a click has given it the focus
    two.until("+r.now === 0")
    assert [one.now, same.now] == [before[0], before[2]]
    types = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.type)"
    assert set(nb.page.evaluate(types)) == {"code"}


def test_a_second_run_of_its_cell_leaves_one_and_a_reload_brings_it_back(notebook):
    nb, [first, _] = opened(notebook, "Replay(timeline)")
    Shown(nb)
    nb.page.evaluate(COUNTING)
    nb.run_cell(1)
    nb.page.wait_for_function(f"() => document.querySelectorAll('{ROOT}[data-state]').length === 1")
    nb.page.locator(ROOT).evaluate("root => { root.closest('.jp-OutputArea-output').style.display = 'none'; }")
    nb.page.wait_for_function(
        "() => new Promise(done => { window.asked = 0; setTimeout(() => done(window.asked === 0), 250); })"
    )  # what is not seen does not draw, and the first one is gone
    nb.reload()
    shown = Shown(nb)
    shown.at((first[2] + first[3]) / 2)
    shown.until(f"r.leader === '{first[0]}'")


def test_it_needs_its_kernel_no_more(notebook):
    nb, _ = opened(notebook, "Replay(timeline)")
    nb.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")
    shown = Shown(nb)
    shown.press("Space")
    shown.until("r.state === 'playing' && r.now > 0.05")


@pytest.mark.parametrize("peers", [3, 25])
def test_it_wears_the_theme_and_fits_its_cell(notebook, peers):
    nb, [first, _] = opened(notebook, "Replay(timeline)", peers=peers)
    shown = Shown(nb)
    shown.at((first[2] + first[3]) / 2)
    alike = (  # colours may come after their theme
        "all => new Set(all.map(css => getComputedStyle(document.querySelector(css)).backgroundColor)).size === 1"
    )
    for theme in ("light", "dark"):
        nb.theme(theme)
        shown.until(f"r.theme === '{theme}'")
        nb.page.wait_for_function(alike, arg=[ROOT, f"{ROOT} .gk-deck", ".jp-Notebook"])
        for width in (1280, 700):
            nb.page.set_viewport_size({"width": width, "height": 1700})
            nb.page.wait_for_function(
                "css => { const e = document.querySelector(css); return e.scrollWidth <= e.clientWidth; }", arg=ROOT
            )
            nb.screenshot(f"replay-{peers}-{theme}-{width}", ROOT)
        nb.page.set_viewport_size({"width": 1280, "height": 1700})
    assert len(shown.peers("role")) == peers


def test_a_saved_notebook_keeps_a_still_picture(notebook):
    nb, [first, _] = opened(notebook, "Replay(timeline)")
    nb.save()
    data = nb.saved().cells[1].outputs[0].data
    assert data["image/svg+xml"].startswith("<svg") and f"{first[0]} led term 1" in data["text/plain"]
