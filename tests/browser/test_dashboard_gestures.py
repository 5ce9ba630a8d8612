"""Messages on their way, timers, timings and random faults by hand: read back from the page and from the kernel."""

import pytest

from tests.browser.dashboards import LEADER, WAIT, led_dashboard, value, wait_attribute

pytestmark = pytest.mark.browser

# Time is to stand where at least three messages, and no others, have just set out: so all of them are still on their
# way 5 ms later, and none lies upon another. Not while votes come in: those have other words.
FLYING = """
KINDS = {"heartbeat", "append", "append_reply"}
cluster.clock.pause()
while True:
    kinds, sent = {m.kind for m in cluster.in_flight()}, [m.sent for m in cluster.in_flight()]
    if len(sent) >= 3 and min(sent) > cluster.clock.now - 0.0025 and kinds <= KINDS: break
    await cluster.clock.advance(0.002)
await cluster.clock.advance(0.005)
print(*(m.number for m in cluster.in_flight()))
"""
FATES = "print(*(f'{number}:{fate}' for number, (fate, _) in sorted(cluster.recorder.fates.items())))"
FAULTS = "[r[3] for r in cluster.recorder.rows if r[1] == 'fault']"


def paused_with_messages(notebook, *cells):
    """A dashboard whose time stands still with messages on their way; and their numbers."""
    nb = led_dashboard(notebook, FLYING, *cells)
    nb.run_cell(1)
    numbers = nb.outputs()[1].split()
    for number in numbers:
        nb.locator(f"[data-message='{number}']").wait_for(state="attached")
    return nb, numbers


def no_error(nb):
    nb.page.wait_for_function("() => !document.querySelector('.gk-error').textContent")


def test_a_message_is_read_dropped_delayed_and_sent_twice(notebook):
    nb, (one, two, three, *_) = paused_with_messages(
        notebook, FATES, "print({m.number: round(m.arrival - m.sent, 4) for m in cluster.in_flight()})"
    )
    nb.click_on(f"[data-message='{one}']")
    nb.wait_text(".gk-menu-title", f".message {one}.\n.*\n(heartbeat after|has everything|entries after)")
    assert "term 1" in nb.text(".gk-menu-title") and "arrives" in nb.text(".gk-menu-title")
    nb.screenshot("dashboard-message", ".gk")
    nb.click("Drop it")
    nb.locator(f"[data-message='{one}']").wait_for(state="detached")
    nb.click_on(f"[data-message='{two}']")
    nb.click("past any timeout")
    nb.wait_text(".gk-sentences li", f"comes 2.5 s later .message {two}")
    nb.click_on(f"[data-message='{three}']")
    nb.click("Send it twice")
    nb.wait_text(".gk-sentences li", f"comes twice .message {three}, copy ")
    no_error(nb)
    nb.run_cell(2)
    assert f"{one}:dropped" in nb.outputs()[2].split() and nb.outputs()[2].count("duplicate") == 1
    nb.run_cell(3)
    took = eval(nb.outputs()[3])
    assert int(one) not in took and took[int(two)] > 2.5 and len(took) >= 3
    nb.click("Copy as cell")
    script = nb.locator(".gk-script").input_value()
    assert f"cluster.drop_message({one})  # the " in script and "same seed and same calls before, same number" in script
    assert f"cluster.delay_message({two}, 2.5)  # " in script and f"cluster.duplicate_message({three})  # " in script
    assert script.startswith("await cluster.clock.sleep(")


def test_a_message_by_keyboard(notebook):
    nb, _ = paused_with_messages(notebook, FATES)
    nb.locator("[data-bond='d-e']").focus()
    nb.page.keyboard.press("Tab")
    focused = nb.page.evaluate("() => document.activeElement.dataset.message")
    assert focused, "the messages come behind the bonds"
    assert "Enter opens its menu" in nb.page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    nb.page.keyboard.press("Enter")
    assert nb.page.evaluate("() => document.activeElement.textContent") == "Drop it"
    nb.page.keyboard.press("Escape")
    assert nb.page.evaluate("() => document.activeElement.dataset.message") == focused
    nb.page.keyboard.press("m")
    nb.page.keyboard.press("Enter")
    nb.locator(f"[data-message='{focused}']").wait_for(state="detached")
    assert nb.page.evaluate("() => document.activeElement.closest('.gk-ring') !== null"), "the focus stays here"
    nb.run_cell(2)
    assert f"{focused}:dropped" in nb.outputs()[2].split()


def test_time_waits_while_the_menu_of_a_moving_message_is_open(notebook):
    nb, (*_, number) = paused_with_messages(  # the last to arrive: minutes later, at that pace
        notebook, "cluster.clock.paused", FATES, "cluster.clock.pace = 0.00002; cluster.clock.resume()"
    )
    nb.run_cell(4)
    wait_attribute(nb, ".gk", "data-state", "live")
    nb.locator(f"[data-message='{number}']").dispatch_event("click")
    wait_attribute(nb, ".gk", "data-state", "paused")
    nb.wait_text(".gk-menu-title", "time waits while this is open")
    nb.run_cell(2)
    assert nb.outputs()[2] == "True"
    nb.click("Drop it")
    wait_attribute(nb, ".gk", "data-state", "live")
    no_error(nb)
    nb.run_cell(3)
    assert f"{number}:dropped" in nb.outputs()[3].split()
    nb.run_cell(2)
    assert nb.outputs()[2] == "False"
    nb.click("Copy as cell")
    assert "pause" not in nb.locator(".gk-script").input_value()


def test_a_message_that_arrived_meanwhile_is_a_clear_word_and_nothing_breaks(notebook):
    nb, (one, *_) = paused_with_messages(notebook, "cluster.clock.resume(); await cluster.clock.advance(0.5)")
    nb.click_on(f"[data-message='{one}']")
    nb.run_cell(2)
    nb.click("Drop it")
    nb.wait_text(".gk-error", f"NotInFlight: message {one} from . to . has arrived")
    nb.click_on("[data-bond='a-b']")
    wait_attribute(nb, "[data-bond='a-b']", "data-state", "cut")
    assert nb.text(".gk-error") == ""


def test_a_message_of_the_past_is_read_and_no_more(notebook):
    """With links this slow there is always a message on its way."""
    nb = led_dashboard(notebook, "cluster.set_latency(0.4); await cluster.clock.advance(3)")
    nb.run_cell(1)
    nb.click("Pause")
    nb.locator(".gk-reigns").press("ArrowLeft")
    wait_attribute(nb, ".gk", "data-state", "past")
    nb.locator("[data-message]").first.dispatch_event("click")
    nb.wait_text(".gk-menu-title", "what has been cannot be changed")
    assert nb.locator(".gk-menu button").all_inner_texts() == ["Close"]


def test_timers_are_aligned_into_a_split_vote_and_spread_again(notebook):
    nb = led_dashboard(
        notebook,
        FAULTS,
        "dues = sorted({p['timer'][1] for p in cluster.view()['peers'].values() if p['timer']}); dues",
        "await cluster.clock.advance(dues[0] - cluster.clock.now - 0.001)",
    )
    nb.click("Timings")
    leader = value(nb, ".gk", "data-leader")
    nb.click("Pause")  # before the leader dies: nobody is to stand for election meanwhile
    wait_attribute(nb, ".gk", "data-state", "paused")
    nb.click_on(f"[data-peer={leader}]")
    wait_attribute(nb, f"[data-peer={leader}]", "data-role", "down")
    nb.click("Align")
    nb.wait_text(".gk-sentences li", "were aligned: they run out at")
    nb.run_cell(2)
    assert nb.outputs()[2].count(",") == 0, "one instant for all"
    nb.click("Spread")
    nb.wait_text(".gk-sentences li", "the election timers were spread: ")
    nb.run_cell(2)
    assert nb.outputs()[2].count(",") == 3, "four timers at four instants"
    nb.click("Align")
    # A click and a cell take different ways into the kernel, and the cell's may be the shorter one.
    nb.locator(".gk-sentences li").filter(has_text="were aligned: they run out at").nth(1).wait_for(state="attached")
    nb.run_cell(2)
    assert nb.outputs()[2].count(",") == 0
    nb.run_cell(3)  # up to a moment before
    nb.locator("[data-do=pace]").fill("0")  # 1/1000: before one of them can win, half a minute goes by
    nb.click("Resume")
    nb.page.wait_for_function("() => document.querySelectorAll('.gk-peer[data-role=candidate]').length === 4")
    nb.screenshot("dashboard-split-vote", ".gk")
    nb.run_cell(1)
    assert nb.outputs()[1].count("align_timers") == 2 and nb.outputs()[1].count("spread_timers") == 1
    nb.click("Copy as cell")
    script = nb.locator(".gk-script").input_value()
    assert "cluster.align_timers()" in script and "cluster.spread_timers()" in script


def test_the_latency_of_all_links_is_changed_and_the_line_on_timings_follows(notebook):
    nb = led_dashboard(
        notebook, "cluster.link('a', 'c').latency, cluster.link('e', 'b').latency", "cluster.link('a', 'b').loss"
    )
    nb.wait_text(".gk-stable", "slowest round trip 30 ms, .*: stable")
    nb.click("Timings")
    nb.wait_text(".gk-fixed", "heartbeat 500 ms, election after 2 s to 2.5 s")
    assert nb.locator("[data-do=latency-low]").input_value() == "10"
    for name, typed in (("high", "900"), ("low", "600")):
        nb.locator(f"[data-do=latency-{name}]").fill(typed)
        nb.locator(f"[data-do=latency-{name}]").press("Enter")
    nb.wait_text(".gk-stable", "slowest round trip 1.8 s, .*: a heartbeat can come too late")
    nb.wait_text(".gk-sentences li", "the latency of all links is .0.6, 0.9. now")
    nb.run_cell(1)
    assert nb.outputs()[1].count("(0.6, 0.9)") == 2
    assert nb.locator("[data-odd=true]").count() == 0, "all alike: none is dashed"
    nb.screenshot("dashboard-latency", ".gk")
    nb.locator("[data-bond='a-b']").click(button="right")
    nb.click("Lose half")
    wait_attribute(nb, "[data-bond='a-b']", "data-odd", "true")
    nb.locator("[data-bond='a-b']").click(button="right")
    nb.click("As fast and sure as the others")
    wait_attribute(nb, "[data-bond='a-b']", "data-odd", "false")
    nb.run_cell(2)
    assert nb.outputs()[2] == "0.0"
    nb.locator("[data-do=latency]").fill("25")
    nb.wait_text(".gk-stable", "slowest round trip 3 ms, .*: stable")
    nb.run_cell(1)
    assert nb.outputs()[1].count("(0.001, 0.0015)") == 2
    nb.click("as built")
    nb.wait_text(".gk-stable", "slowest round trip 30 ms")


def test_a_cell_with_other_times_builds_such_a_group(notebook):
    nb = led_dashboard(notebook, "", "cluster.seed, len(cluster), cluster['a'].group.config().heartbeat_interval")
    nb.click("Timings")
    nb.click("Cell with other times")
    nb.locator(".gk-script").wait_for()
    text = nb.locator(".gk-script").input_value()
    assert "heartbeat_interval=0.5,\n" in text and "cluster = Cluster(5, machine=Counter, config=config, seed=7" in text
    nb.page.evaluate(
        "text => window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource(text)",
        text.replace("heartbeat_interval=0.5", "heartbeat_interval=0.25"),
    )
    nb.run_cell(1)
    nb.run_cell(2)
    assert nb.outputs()[2] == "(7, 5, 0.25)"


def test_random_faults_go_on_until_they_are_switched_off(notebook):
    nb = led_dashboard(
        notebook,
        "cluster.view()['random_faults'], all(p.alive and not p.frozen for p in cluster), cluster.view()['wires']",
        "await cluster.clock.advance(20)",
        FAULTS,
    )
    switch = "[data-do=storm]"
    nb.locator("[data-do=seed]").fill("5")
    nb.click_on(switch)
    wait_attribute(nb, switch, "aria-checked", "true")
    nb.wait_text(".gk-sentences li", "random faults begin, drawn from seed 5")
    nb.run_cell(2)
    assert nb.locator("[data-do=seed]").is_disabled() and nb.locator("[data-do=seed]").input_value() == "5"
    nb.screenshot("dashboard-faults", ".gk")
    nb.reload()
    wait_attribute(nb, switch, "aria-checked", "true")
    assert nb.locator("[data-do=seed]").input_value() == "5"
    nb.click_on(switch)
    wait_attribute(nb, switch, "aria-checked", "false")
    nb.wait_text(".gk-sentences li", "random faults end; ")
    nb.run_cell(1)
    assert nb.outputs()[1] == "(None, True, {})"
    nb.run_cell(3)
    assert nb.outputs()[3].count("'") > 20
    nb.click("Copy as cell")
    script = nb.locator(".gk-script").input_value()
    assert "cluster.random_faults(5)" in script and "cluster.end_random_faults()" in script, "also after a reload"


def test_no_click_is_lost_or_merged_while_a_cell_awaits(notebook):
    """Synced traits are lost while a cell awaits; gestures go as messages, and each of them counts."""
    nb = led_dashboard(
        notebook,
        WAIT,
        "cluster.clock.pace = 1.0",
        "len([r for r in cluster.recorder.rows if r[1] == 'command' and r[4] == 'submitted'])",
        FAULTS,
    )
    nb.run_cell(1, wait=False)
    nb.wait_output(1, "waiting")
    for _ in range(25):
        nb.click("Write")
    nb.click("Timings")
    for percent in ("20", "40", "30"):
        nb.locator("[data-do=latency]").fill(percent)
    for _ in range(6):
        nb.click_on("[data-bond='a-b']")
        wait_attribute(nb, "[data-bond='a-b']", "data-state", "cut")
        nb.click_on("[data-bond='a-b']")
        wait_attribute(nb, "[data-bond='a-b']", "data-state", "up")
    for place in (7, 5, 9):
        nb.locator("[data-do=pace]").fill(str(place))
    nb.click_on("[data-role=leader]")
    nb.wait_done()
    nb.run_cell(3)
    assert nb.outputs()[3] == "25"
    nb.run_cell(4)
    done = nb.outputs()[4]
    assert done.count("'cut'") == 6 and done.count("'heal'") == 6 and done.count("'set_latency'") == 3
    nb.wait_text(LEADER, "term [2-9]")


@pytest.mark.parametrize("peers", [3, 25])
def test_groups_of_other_sizes(notebook, peers):
    nb = notebook(
        [
            f"from groupkit import Cluster, Counter\nfrom groupkit_widgets import Dashboard\n"
            f"cluster = Cluster({peers}, machine=Counter, seed=3)\nDashboard(cluster)"
        ]
    )
    nb.run_cell(0)
    nb.wait_text(LEADER, "term 1")
    nb.click("Write")
    nb.page.wait_for_function("() => /:1/.test(document.querySelector('.gk-commits').dataset.committed)")
    nb.screenshot(f"dashboard-{peers}", ".gk")
    first = value(nb, ".gk", "data-leader")
    nb.click_on(f"[data-peer={first}]")
    wait_attribute(nb, f"[data-peer={first}]", "data-role", "down")
