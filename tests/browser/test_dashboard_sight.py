"""How often a picture is told and drawn: only while somebody looks, and no more than is wanted."""

import pytest

from tests.browser.dashboards import LEADER, led_dashboard, let_go, wait_attribute

pytestmark = pytest.mark.browser


def test_nothing_is_sent_while_time_stands_still_or_nobody_looks(notebook):
    nb = led_dashboard(
        notebook,
        "import asyncio, gc\nfrom groupkit_widgets.live import Live\n"
        "picture = next(o for o in gc.get_objects() if isinstance(o, Live))",
        "\n".join(f"# {n}" for n in range(120)),
        "before = picture._sequence\nawait asyncio.sleep(1)\nprint(picture._sequence - before)",
        # When a page sees itself in sight or not, only it knows; then it tells the kernel.
        "while not picture._watched: await asyncio.sleep(0.01)\n"
        "before = picture._sequence\nwhile picture._sequence < before + 5: await asyncio.sleep(0.01)",
        "while picture._watched or picture._handle: await asyncio.sleep(0.01)",
    )
    nb.run_cell(1)
    nb.click("Pause")
    wait_attribute(nb, ".gk", "data-state", "paused")
    assert sent_in_a_second(nb) == 0
    nb.click("Resume")
    wait_attribute(nb, ".gk", "data-state", "live")
    nb.page.set_viewport_size({"width": 1280, "height": 4000})
    nb.run_cell(4, wait=False)  # frames flow
    # Lab goes to the cell that runs, in a notebook whose size it may not know yet: the picture is what is looked at.
    nb.page.wait_for_function("() => { document.querySelector('.gk')?.scrollIntoView(); return !window.running; }")
    nb.wait_done()
    nb.page.set_viewport_size({"width": 1280, "height": 900})
    nb.page.locator(".jp-Cell").nth(3).evaluate("cell => cell.scrollIntoView({block: 'end'})")
    nb.page.wait_for_function("() => document.querySelector('.gk').getBoundingClientRect().bottom < 0")
    nb.run_cell(5)  # the kernel knows that nobody looks
    assert sent_in_a_second(nb) == 0


def sent_in_a_second(nb):
    nb.run_cell(3)
    return int(nb.outputs()[3])


HELD_UP = """
import asyncio, pathlib, time
print("held up", flush=True)
while not pathlib.Path("go").exists():
    time.sleep(0.25)
    await asyncio.sleep(0.15)
pathlib.Path("go").unlink()
print(sum(row[1] == "stall" for row in cluster.recorder.rows))
"""


def test_reduced_motion_is_respected(notebook):
    """Also while the kernel is held up again and again, as a busy computer does: that is no transition."""
    nb = led_dashboard(notebook, HELD_UP)
    try:
        nb.page.emulate_media(reduced_motion="reduce")
        nb.reload()
        nb.wait_text(LEADER, "term 1")
        assert min(gaps(nb, 8)) > 190
        nb.run_cell(1, wait=False)
        nb.wait_output(1, "held up")
        assert min(gaps(nb, 8)) > 190
        let_go(nb)
        nb.wait_done()
        assert int(nb.outputs()[1].split()[-1]) > 3
        nb.click_on("[data-role=leader]")
        nb.wait_text(LEADER, "term [2-9]")
    finally:
        nb.page.emulate_media(reduced_motion="no-preference")
    # Up to 20 times a second, soon: the picture looks at what is preferred a few times a second.
    assert any(min(gaps(nb, 8)) < 150 for _ in range(50))


def test_a_tab_that_was_left_and_taken_up_again_draws_no_more_often(notebook):
    nb = led_dashboard(notebook)
    asked = nb.page.evaluate(
        "() => new Promise(done => {"
        " let away = false; Object.defineProperty(document, 'hidden', { get: () => away, configurable: true });"
        " for (let turn = 0; turn < 20; turn++) {"
        "  away = !away; document.dispatchEvent(new Event('visibilitychange')); }"
        " delete document.hidden;"
        " const counts = new Map(), own = requestAnimationFrame;"
        " window.requestAnimationFrame = (draw) => { const now = document.timeline.currentTime;"
        "  counts.set(now, (counts.get(now) ?? 0) + 1);"
        "  if (counts.size > 10) { window.requestAnimationFrame = own; done([...counts.values()].slice(1, 10)); }"
        "  return own(draw); }; })"
    )
    assert min(asked) == 1, "one frame asks for the next; others in the page may ask now and then"


def gaps(nb, count):
    """Milliseconds between one drawing of the ring and the next, so many times."""
    return nb.page.evaluate(
        "count => new Promise(done => { const times = [], own = CanvasRenderingContext2D.prototype.clearRect;"
        " CanvasRenderingContext2D.prototype.clearRect = function (...a) {"
        "  if (this.canvas.className === 'gk-ring-canvas') times.push(document.timeline.currentTime);"
        "  if (times.length > count) { CanvasRenderingContext2D.prototype.clearRect = own;"
        "   done(times.slice(1).map((time, place) => time - times[place])); }"
        "  return own.apply(this, a); }; })",
        count,
    )
