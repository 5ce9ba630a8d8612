"""The dashboard in a real JupyterLab: every gesture is read back from the page and from the kernel."""

import pytest

from tests.browser.dashboards import (
    BUILD,
    BUSY,
    LEADER,
    WAIT,
    keep_busy,
    led_dashboard,
    let_go,
    value,
    wait_attribute,
)

pytestmark = pytest.mark.browser


def test_a_click_on_the_leader_kills_it_while_a_cell_awaits(notebook):
    nb = led_dashboard(notebook, WAIT, "cluster['d'].alive, str(cluster.leader())")
    first = value(nb, ".gk", "data-leader")
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "waiting")
    nb.click_on(f"[data-peer={first}]")
    nb.wait_done()
    second = nb.outputs()[1].split()[-1]
    assert second != first
    nb.wait_text(LEADER, f"{second} · term")
    wait_attribute(nb, f"[data-peer={first}]", "data-role", "down")
    wait_attribute(nb, f"[data-peer={second}]", "data-role", "leader")
    nb.run_cell(2)
    assert nb.outputs()[2] == f"(False, '{second}')"
    assert f"{first}:1" in value(nb, ".gk-reigns", "data-reigns").split()
    nb.wait_text(".gk-sentences li", f"{second} leads term")
    nb.click_on(f"[data-peer={first}]")
    wait_attribute(nb, f"[data-peer={first}]", "data-role", "follower")
    nb.screenshot("dashboard-story", ".gk")


def test_a_click_on_a_bond_cuts_it_and_another_heals_it(notebook):
    nb = led_dashboard(notebook, "cluster.link('a', 'b').is_cut, cluster.link('b', 'a').is_cut")
    bond = "[data-bond='a-b']"
    for state, told in (("cut", "(True, True)"), ("up", "(False, False)")):
        nb.click_on(bond)
        wait_attribute(nb, bond, "data-state", state)
        nb.run_cell(1)
        assert nb.outputs()[1] == told


def test_the_menus_of_peers_and_bonds_by_keyboard(notebook):
    nb = led_dashboard(notebook, "cluster['a'].frozen, cluster.link('a', 'c').is_cut, cluster.link('c', 'a').is_cut")
    nb.locator("[data-peer=a]").press("m")
    nb.click("Freeze")
    nb.wait_text(".gk-sentences li", "a was frozen")
    assert "frozen" in value(nb, "[data-peer=a]", "aria-label")
    nb.locator("[data-bond='a-c']").press("m")
    nb.click("Cut only from a to c")
    wait_attribute(nb, "[data-bond='a-c']", "data-state", "cut one way")
    nb.run_cell(1)
    assert nb.outputs()[1] == "(True, True, False)"
    nb.locator("[data-peer=a]").press("m")
    nb.locator(".gk-menu button").first.press("Escape")
    assert nb.locator(".gk-menu").count() == 0
    assert nb.page.evaluate("document.activeElement.dataset.peer") == "a"


def test_every_thing_a_menu_offers_reaches_the_kernel(notebook):
    nb = led_dashboard(notebook, "[r[3:] for r in cluster.recorder.rows if r[1] == 'fault']")
    b, c, e, bond = "[data-peer=b]", "[data-peer=c]", "[data-peer=e]", "[data-bond='a-b']"
    steps = [  # what a menu offers next depends on what the page has seen of the step before
        (b, "Freeze", f"{b}[aria-label*='frozen']"), (b, "Thaw", f"{b}:not([aria-label*='frozen'])"),
        (b, "Let its timer run out", ".gk-sentences li:has-text('b was told to stand for election at once')"),
        (c, "Kill", f"{c}[data-role=down]"), (c, "empty disk", f"{c}:not([data-role=down])"),
        (e, "Isolate", "[data-bond='a-e'][data-state=cut]"),
        (bond, "Slow it", f"{bond}[data-odd=true]"), (bond, "Lose half", ".gk-sentences li:has-text('loss')"),
        (bond, "As fast and sure", f"{bond}[data-odd=false]"),
    ]  # fmt: skip
    for css, text, seen in steps:
        nb.locator(css).click(button="right")
        nb.click(text)
        nb.locator(seen).first.wait_for(state="attached")
        assert nb.locator(".gk-menu").count() == 0 and nb.text(".gk-error") == ""
    nb.click("Heal all")
    nb.wait_text(".gk-sentences li", "all links were healed")
    nb.run_cell(1)
    done = nb.outputs()[1]
    for verb in ("freeze", "thaw", "timeout_now", "kill", "restart", "isolate", "heal"):
        assert f"('{verb}', " in done
    assert "('restart', ('wipe',))" in done
    assert (
        done.count("'latency', (0.1, 0.15)") == 2 and done.count("'loss', 0.5") == 2 and done.count("'loss', 0.0") == 2
    )


def test_pause_step_resume_and_pace(notebook):
    nb = led_dashboard(notebook, "cluster.clock.paused, cluster.clock.pace, cluster.clock.now")
    nb.click("Pause")
    wait_attribute(nb, ".gk", "data-state", "paused")
    before = nb.text(".gk-clock")
    nb.run_cell(1)
    told = nb.outputs()[1]
    assert told.startswith("(True, 1.0, ")
    for _ in range(20):  # several events may fall on one instant
        nb.click("Step")
        nb.run_cell(1)
        if nb.outputs()[1] != told:
            break
    for _ in range(100):  # the last click may come later than this cell: they take different ways into the kernel
        now = float(nb.outputs()[1].split(", ")[2].rstrip(")"))
        if value(nb, ".gk", "data-now") == f"{now:.6f}":
            break
        nb.run_cell(1)
    else:
        raise AssertionError(f"the page shows {value(nb, '.gk', 'data-now')} s where the kernel has {now:.6f} s")
    assert now > float(told.split(", ")[2].rstrip(")"))
    assert float(before.split()[0]) <= float(nb.text(".gk-clock").split()[0])
    nb.locator("[data-do=pace]").fill("6")
    nb.wait_text(".gk-pace", "1/10")
    nb.click("Resume")
    wait_attribute(nb, ".gk", "data-state", "live")
    nb.run_cell(1)
    assert nb.outputs()[1].startswith("(False, 0.1, ")


def test_the_picture_is_back_after_a_reload_even_while_a_cell_awaits(notebook):
    nb = led_dashboard(notebook, WAIT, "str(await cluster.when().leader_elected())")
    first = value(nb, ".gk", "data-leader")
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "waiting")
    nb.reload()
    nb.wait_text(LEADER, f"{first} · term 1")
    nb.click_on(f"[data-peer={first}]")
    nb.wait_text(LEADER, "term [2-9]")
    nb.run_cell(2)
    assert nb.outputs()[2] == repr(value(nb, ".gk", "data-leader"))
    assert value(nb, ".gk-reigns", "data-reigns").startswith(f"{first}:1 ")


def test_two_dashboards_agree_and_both_can_be_touched(notebook):
    nb = led_dashboard(notebook, "Dashboard(cluster)")
    nb.run_cell(1)
    nb.page.wait_for_function("() => document.querySelectorAll('.gk .gk-leader').length === 2")
    nb.page.set_viewport_size({"width": 1280, "height": 1900})
    nb.click_on("[data-bond='b-c']", nth=1)
    nb.page.wait_for_function("() => document.querySelectorAll('[data-bond=\"b-c\"][data-state=cut]').length === 2")
    first = value(nb, ".gk", "data-leader")
    nb.click_on(f"[data-peer={first}]", nth=0)
    nb.page.wait_for_function(
        "first => { const all = [...document.querySelectorAll('.gk')].map(e => e.dataset.leader + e.dataset.term);"
        " return all.length === 2 && all[0] === all[1] && all[0] !== '' && !all[0].startsWith(first); }",
        arg=first,
    )


def test_clicks_arrive_after_the_widget_has_spoken_from_a_callback(notebook):
    """A front end may deliver the next click on another thread, whose event loop is not the group's."""
    nb = led_dashboard(
        notebook,
        "import threading\nthreads = set()\n"
        "spy = lambda widget, content, buffers: (threads.add(threading.current_thread().name),"
        " widget.send({'k': 'done', 'id': -1, 'line': ''}))\n"
        "import gc\nfrom groupkit_widgets.live import Live\n"
        "for one in [o for o in gc.get_objects() if isinstance(o, Live)]: one.on_msg(spy)",
        WAIT,
        "print(len(cluster.recorder.rows), [p.alive for p in cluster], cluster.violations)",
    )
    nb.run_cell(1)
    nb.run_cell(2, wait=False)
    nb.wait_output(2, "waiting")
    followers = [name for name in "abcde" if name != value(nb, ".gk", "data-leader")]
    for name in followers[:2]:
        nb.click_on(f"[data-peer={name}]")
        wait_attribute(nb, f"[data-peer={name}]", "data-role", "down")
        nb.click_on(f"[data-peer={name}]")
        wait_attribute(nb, f"[data-peer={name}]", "data-role", "follower")
    nb.click_on("[data-role=leader]")
    nb.wait_done()
    nb.run_cell(3)
    assert nb.outputs()[3].count("False") == 1 and nb.outputs()[3].endswith("[]")


def test_a_busy_kernel_is_said_to_be_busy_and_no_click_is_lost(notebook):
    nb = led_dashboard(notebook, BUSY)
    keep_busy(nb, 1)
    nb.click_on("[data-bond='a-b']")
    assert value(nb, "[data-bond='a-b']", "data-state") == "up"
    let_go(nb)
    wait_attribute(nb, "[data-bond='a-b']", "data-state", "cut")
    wait_attribute(nb, ".gk", "data-state", "live")
    assert value(nb, ".gk", "data-term") == "1"


def test_when_the_cell_is_run_again_the_old_picture_ends_and_a_new_one_begins(notebook):
    nb = led_dashboard(
        notebook, "old = Dashboard(cluster); old", "await cluster.close()", "old._handle, old._network, old._reel"
    )
    nb.run_cell(1)
    nb.run_cell(2)
    wait_attribute(nb, ".gk", "data-state", "ended")
    nb.run_cell(3)
    assert nb.outputs()[3] == "(None, None, None)"
    nb.reload()
    wait_attribute(nb, ".gk", "data-state", "ended")
    assert value(nb, ".gk", "data-term") == "1"
    nb.run_cell(0)
    wait_attribute(nb, ".gk", "data-state", "live")
    nb.wait_text(LEADER, "term 1")


def test_looking_back_and_returning(notebook):
    nb = led_dashboard(notebook, "await cluster.clock.advance(5)")
    nb.run_cell(1)
    nb.locator(".gk-reigns").press("Home")
    wait_attribute(nb, ".gk", "data-state", "past")
    assert nb.text(LEADER) == "no leader"
    nb.wait_text(".gk-badge", "goes on")
    nb.click("Live")
    nb.wait_text(LEADER, "term 1")


def test_a_lasso_splits_the_group(notebook):
    nb = led_dashboard(notebook, "[r[4] for r in cluster.recorder.rows if r[1:4] == ('fault', None, 'partition')]")
    nb.locator(".gk-ring").scroll_into_view_if_needed()
    box = nb.locator(".gk-ring").bounding_box()
    spots = [nb.locator(f"[data-peer={name}]").bounding_box() for name in "ab"]
    left, right = (min(s["x"] for s in spots) - 8, max(s["x"] + s["width"] for s in spots) + 8)
    top, bottom = (min(s["y"] for s in spots) - 8, max(s["y"] + s["height"] for s in spots) + 8)
    assert top >= box["y"] - 20
    mouse = nb.page.mouse
    mouse.move(left, bottom)
    mouse.down()
    for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
        mouse.move(x, y, steps=6)
    mouse.up()
    wait_attribute(nb, ".gk-ring", "data-sides", "a b | c d e")
    nb.run_cell(1)
    assert nb.outputs()[1] == "[(('a', 'b'), ('c', 'd', 'e'))]"


def test_peers_are_picked_and_split_off_without_a_mouse(notebook):
    nb = led_dashboard(notebook)
    for name in "ac":
        nb.locator(f"[data-peer={name}]").press("m")
        nb.click("Pick, to split off")
    nb.click("Split off a, c")
    wait_attribute(nb, ".gk-ring", "data-sides", "a c | b d e")


def test_writing_and_copying_what_was_done_as_a_cell(notebook):
    nb = led_dashboard(notebook, "cluster['a'].group.query(Counter.Value(), 'weak').result().result")
    nb.click("Write")
    nb.click("Write")
    nb.page.wait_for_function("() => document.querySelector('.gk-commits').dataset.committed.includes('a:2')")
    nb.run_cell(1)
    assert nb.outputs()[1] == "2"
    nb.click("Copy as cell")
    script = nb.locator(".gk-script").input_value()
    assert script.count(".group.execute(Counter.Increment(1))") == 2 and "await cluster.clock.sleep(" in script


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_wears_the_theme(notebook, theme):
    nb = led_dashboard(notebook)
    nb.theme(theme)
    wait_attribute(nb, ".gk", "data-theme", theme)
    nb.screenshot(f"dashboard-{theme}", ".gk")


def test_a_saved_notebook_keeps_a_still_picture(notebook):
    nb = led_dashboard(notebook)
    nb.save()
    data = nb.saved().cells[0].outputs[0].data
    assert data["image/svg+xml"].startswith("<svg") and "5 peers at" in data["text/plain"]


@pytest.mark.parametrize("part", ["Topology", "CommitPlot", "Leadership", "Logs", "Feed", "Controls"])
def test_each_part_works_alone(notebook, part):
    nb = notebook([BUILD.replace("Dashboard", part), "await cluster.when().leader_elected()"])
    nb.run_all()
    wait_attribute(nb, ".gk", "data-term", "1")
