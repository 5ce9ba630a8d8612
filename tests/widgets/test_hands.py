"""What a click does, and the line of Python that does the same."""

import pytest

from groupkit import Cluster, Counter, KeyValue, NoOp, Register, StateMachine, run
from groupkit_widgets.hands import VERBS, Hands, a_command, writes


def on_five(what, **options):
    async def main():
        cluster = Cluster(5, **{"machine": Counter, **options})
        await cluster.when().leader_elected()
        return await what(cluster, Hands())

    return run(main, seed=5)


@pytest.mark.parametrize(
    ("verb", "args", "line"),
    [
        ("kill", ["a"], "cluster.kill('a')"),
        ("restart", ["a", True], "cluster.restart('a', True)"),
        ("cut", ["a", "b", True], "cluster.cut('a', 'b', True)"),
        ("heal", [], "cluster.heal()"),
        ("partition", [["c", "a"]], "cluster.partition({'a', 'c'})"),
    ],
)
def test_a_verb_is_done_at_once_and_spelled_out(verb, args, line):
    async def what(cluster, hands):
        told = hands.do(cluster, {"do": "verb", "verb": verb, "args": args})
        assert told.splitlines()[-1] == line
        assert told.startswith("await cluster.clock.sleep(")
        again = hands.do(cluster, {"do": "verb", "verb": verb, "args": args})
        assert again == line  # no time has passed in between

    on_five(what)


def test_what_was_copied_does_the_same_again():
    async def by_hand(cluster, hands):
        lines = []
        for verb, args in (("kill", ["a"]), ("cut", ["b", "c"]), ("restart", ["a"]), ("heal", [])):
            lines.append(hands.do(cluster, {"do": "verb", "verb": verb, "args": args}))
            await cluster.clock.sleep(0.75)
        return "\n".join(lines), [row for row in cluster.recorder.rows if row[1] == "fault"]

    async def by_script():
        cluster = Cluster(5, machine=Counter)
        scope = {"cluster": cluster}
        exec("async def main():\n" + "\n".join(f"    {line}" for line in script.splitlines()), scope)
        await scope["main"]()
        return [row for row in cluster.recorder.rows if row[1] == "fault"]

    script, rows = on_five(by_hand)
    again = run(by_script, seed=5)
    assert [row[1:] for row in rows] == [row[1:] for row in again]
    assert [row[0] for row in again] == pytest.approx([row[0] for row in rows], abs=0.003)


def test_what_is_no_verb_is_refused():
    async def what(cluster, hands):
        with pytest.raises(ValueError, match="not 'close'"):
            hands.do(cluster, {"do": "verb", "verb": "close", "args": []})

    on_five(what)
    assert "drop" not in VERBS and "at" not in VERBS


def test_time_in_hands():
    async def what(cluster, hands):
        hands.do(cluster, {"do": "pace", "pace": 0.1})
        assert cluster.clock.pace == 0.1
        hands.do(cluster, {"do": "pause"})
        before = len(cluster.recorder.messages), cluster.clock.now
        assert "step()" in hands.do(cluster, {"do": "step"})
        await cluster.clock.step()
        assert (len(cluster.recorder.messages), cluster.clock.now) >= before
        hands.do(cluster, {"do": "pace", "pace": -1})
        hands.do(cluster, {"do": "resume"})
        assert cluster.clock.pace == float("inf") and not cluster.clock.paused

    on_five(what)


def test_a_bond_is_slowed_and_as_before_again():
    async def what(cluster, hands):
        hands.do(cluster, {"do": "tune", "a": "a", "b": "b", "name": "latency", "value": [0.1, 0.2]})
        hands.do(cluster, {"do": "tune", "a": "a", "b": "b", "name": "loss", "value": 0.5})
        assert cluster.link("b", "a").latency == pytest.approx((0.1, 0.2)) and cluster.link("a", "b").loss == 0.5
        hands.do(cluster, {"do": "tune", "a": "a", "b": "b", "name": "plain", "value": None})
        assert cluster.link("b", "a").latency == pytest.approx((0.010, 0.015)) and cluster.link("a", "b").loss == 0
        assert cluster.view()["wires"] == {}

    on_five(what)


@pytest.mark.parametrize("machine", [Counter, KeyValue, NoOp, Register])
def test_every_ready_made_machine_can_be_written_to(machine):
    async def what(cluster, hands):
        hands.do(cluster, {"do": "write", "peer": None})
        hands.do(cluster, {"do": "write", "peer": "a"})
        await cluster["a"].group.when().committed().reaches(2)
        assert not cluster.violations

    on_five(what, machine=machine)
    assert writes(machine.__name__)
    command, text = a_command(machine.__name__, 4)
    assert eval(text, {"Counter": Counter, "KeyValue": KeyValue, "Register": Register}) == command


def test_other_machines_are_not_guessed_at():
    class Mine(StateMachine):
        def apply(self, command, ctx):
            pass

    async def what(cluster, hands):
        with pytest.raises(TypeError, match="Mine takes"):
            hands.do(cluster, {"do": "write", "peer": "a"})
        for peer in cluster:
            cluster.kill(peer)
        with pytest.raises(LookupError, match="every peer is down"):
            hands.do(cluster, {"do": "write", "peer": None})

    on_five(what, machine=Mine)
    assert not writes("Mine")


def test_random_faults_are_a_switch_whose_seed_is_told():
    async def what(cluster, hands):
        told = hands.do(cluster, {"do": "verb", "verb": "random_faults", "args": [3]})
        assert told.splitlines()[-1] == "cluster.random_faults(3)" and cluster.view()["random_faults"] == 3
        await cluster.clock.advance(20)
        told = hands.do(cluster, {"do": "verb", "verb": "end_random_faults", "args": []})
        assert told.splitlines()[-1] == "cluster.end_random_faults()"
        assert all(peer.alive and not peer.frozen for peer in cluster)
        assert not cluster.view()["wires"] and not cluster.violations
        await cluster.when().converged()

    on_five(what)


def test_timers_and_the_latency_of_all_links():
    async def what(cluster, hands):
        told = [
            hands.do(cluster, {"do": "verb", "verb": verb, "args": args})
            for verb, args in (("spread_timers", []), ("align_timers", []), ("set_latency", [[0.05, 0.08]]))
        ]
        assert [line.splitlines()[-1] for line in told] == [
            "cluster.spread_timers()", "cluster.align_timers()", "cluster.set_latency((0.05, 0.08))",
        ]  # fmt: skip
        assert cluster.link("c", "d").latency == pytest.approx((0.05, 0.08))
        timers = [peer["timer"][1] for peer in cluster.view()["peers"].values() if peer["timer"]]
        assert len(timers) == 4 and len(set(timers)) == 1
        hands.do(cluster, {"do": "tune", "a": "a", "b": "b", "name": "latency", "value": [0.1, 0.2]})
        hands.do(cluster, {"do": "tune", "a": "a", "b": "b", "name": "plain", "value": None, "latency": [0.05, 0.08]})
        assert cluster.link("a", "b").latency == pytest.approx((0.05, 0.08)), "as the others are now"

    on_five(what)


async def meddle(cluster, hands):
    """By hand: what befalls messages on their way, at odd moments, also while time stands still. Returns the lines."""
    lines = []

    def do(what, **more):
        lines.extend(hands.do(cluster, {"do": what, **more}).splitlines())

    await cluster.clock.sleep(4.0)
    for verb, more in (("delay_message", [0.25]), ("duplicate_message", [0.125]), ("drop_message", [])):
        await cluster.clock.sleep(0.3123456789)
        do("write", peer="c")
        await cluster.clock.sleep(0.0051)
        cluster.clock.pause()  # as while the message is read
        do("verb", verb=verb, args=[cluster.in_flight()[-1].number, *more])
        cluster.clock.resume()
        do("pause")
        do("step")
        await cluster.clock.step()
        lines.append("await cluster.clock.step()")  # by a cell, in between
        do("verb", verb="drop_message", args=[cluster.in_flight()[0].number])
        do("resume")
    return lines


def faults_of(cluster):
    return [row[1:] for row in cluster.recorder.rows if row[1] == "fault"]


def test_the_lines_over_messages_name_the_same_messages_again():
    async def by_hand():
        cluster = Cluster(5, machine=Counter)
        return await meddle(cluster, Hands()), faults_of(cluster)

    async def by_script():
        cluster = Cluster(5, machine=Counter)
        scope = {"cluster": cluster, "Counter": Counter}
        exec("async def main():\n" + "\n".join(f"    {line}" for line in lines), scope)
        await scope["main"]()
        return faults_of(cluster)

    lines, rows = run(by_hand, seed=5)
    assert sum("same seed and same calls before, same number" in line for line in lines) == 6
    assert any("  # the forward from c to " in line for line in lines)
    again = run(by_script, seed=5)
    assert [(row[1], row[2], row[3][:3]) for row in rows] == [(row[1], row[2], row[3][:3]) for row in again]
    assert len(rows) == 6


def test_a_message_that_has_arrived_meanwhile_is_a_clear_word():
    async def what(cluster, hands):
        number = cluster.recorder.messages[-1][0]
        await cluster.clock.sleep(0.1)
        with pytest.raises(LookupError, match=f"message {number} from . to . has arrived"):
            hands.do(cluster, {"do": "verb", "verb": "drop_message", "args": [number]})

    on_five(what)


def test_a_step_by_hand_stands_behind_a_pause_in_the_lines():
    async def what(cluster, hands):
        cluster.clock.pause()  # by a cell
        told = hands.do(cluster, {"do": "step"})
        assert told.endswith("cluster.clock.pause()\nawait cluster.clock.step()")
        await cluster.clock.step()
        assert hands.do(cluster, {"do": "step"}) == "await cluster.clock.step()", "no sleep where time stands still"

    on_five(what)
