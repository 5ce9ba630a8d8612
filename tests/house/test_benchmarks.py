"""Every benchmark still runs, at its smallest size; how fast is not asked here."""

import json

import pytest

from benchmarks import __main__ as command
from benchmarks import cases, floor, gates, happysim_group, measure, pysyncobj_group, simpy_group, tables, watch
from benchmarks.measure import Case, Meter, Result, Series
from groupkit import Cluster, Rules, run

SMALL = [case for case in cases.every_case() if case.peers <= 7]
PAIRS = [
    pytest.param(case, name, id=f"{case.name}, {case.peers}: {name}") for case in SMALL for name in case.contenders
]


@pytest.mark.parametrize("case, who", PAIRS)
def test_it_runs(case, who):
    amount = 1 if case.per == "itself" else case.amount
    assert case.contenders[who](amount) > 0


def test_the_floor_commits_and_applies_everything_everywhere(monkeypatch):
    applied = []
    monkeypatch.setattr(floor, "nothing", applied.append)
    floor.batches(5, 10, 30)
    assert applied.count(0) == applied.count(9) == 5  # the last batch is told to followers by the next one
    assert applied.count(29) == 1


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("tuned", [True, False])
def test_pysyncobj_commits_and_applies_everything_everywhere(batched, tuned):
    group = pysyncobj_group.Group(5, batched=batched, tuned=tuned)
    group.execute(7, 3)
    group.round()
    assert [peer.applied for peer in group.peers] == [7] * 5
    group.close()


@pytest.mark.parametrize("model", [floor.Elections, simpy_group.Elections])
def test_the_models_elect_crash_and_elect_again(model):
    group = model(5, seed=3, latency=(0.005, 0.010), timeout=(0.150, 0.300), beat=0.075)
    first = group.elect(10.0)
    assert first is not None
    first.alive = False
    second = group.elect(10.0)
    assert second is not None and second is not first
    assert second.term > first.term
    assert sum(peer.leader is second for peer in group.peers if peer.alive) >= 3


def test_a_group_that_can_never_elect_is_given_up():
    for model in (floor.Elections, simpy_group.Elections):
        same = model(5, seed=3, latency=(0.010, 0.010), timeout=(0.150, 0.150), beat=0.075)
        assert same.elect(1.0) is None


def test_ratios_are_taken_round_by_round_and_above_one_is_better():
    more = Result(Case("a", 5, {}), {"us": Series([4.0, 9.0]), "them": Series([2.0, 3.0])}, Series([1.0]))
    less = Result(Case("b", 5, {}, per="unit"), {"us": Series([2.0]), "them": Series([4.0])}, Series([1.0]))
    assert more.ratio("us", "them").figures == [2.0, 3.0]
    assert less.ratio("us", "them").figures == [2.0]
    assert more.ratio("us", "nobody") is None


def test_a_trial_is_told_in_runs_and_in_events():
    figures = {cases.RECORDED: Series([500.0]), cases.SIMPY: Series([100.0]), cases.FLOOR: Series([40.0])}
    events = cases.trial_events(2)
    assert 30 < events[cases.FLOOR] < events[cases.RECORDED] < 150
    table = tables.trial_table([Result(Case(cases.TRIAL, 5, {}), figures, Series([300.0]))])
    assert [line.split()[0] for line in table.splitlines()[2:5]] == ["recorded", "SimPy", "floor"]
    assert "2.00k/s" in table and "25.0k/s" in table
    assert tables.trial_table([]) == ""


def test_a_gate_is_judged_by_the_median():
    case = Case(cases.ONE, 5, {})
    figures = {cases.RECORDED: 15.0, cases.BARE: 20.0, cases.BATCHED: 9.0, cases.PLAIN: 10.0, cases.FLOOR: 100.0}
    result = Result(case, {name: Series([value] * 3) for name, value in figures.items()}, Series([300.0]))
    judged = {(v.kind, v.gate.of): v.met for v in gates.verdicts([result])}
    assert judged == {
        ("gate", gates.PYSYNCOBJ): True,
        ("goal", gates.PYSYNCOBJ): False,
        ("goal", cases.FLOOR): False,
    }


def test_every_gate_speaks_of_a_case_that_is_measured():
    measured = {(case.name, case.peers) for case in cases.every_case()}
    assert {(gate.case, gate.peers) for gate in gates.GATES} <= measured


NUMBERS = [(0.1234, "0.12"), (9.996, "10.0"), (312.4, "312"), (999.6, "1.00k"), (14_300, "14.3k"), (2e6, "2.00M")]


@pytest.mark.parametrize("value, text", NUMBERS)
def test_numbers_have_three_digits_that_matter(value, text):
    assert tables.number(value) == text


def test_the_command_prints_its_tables_and_writes_its_file(monkeypatch, capsys, tmp_path):
    few = [case for case in SMALL if case.name in (cases.TRIAL, cases.ONE) and case.peers == 5]
    monkeypatch.setattr(command, "every_case", lambda: few)
    monkeypatch.setattr(command, "QUICK", (1, 0.0))
    file = tmp_path / "figures.json"
    assert command.main(["--quick", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert printed.count(tables.CAVEAT) == 5
    assert "one at a time" in printed and "≥ 1.50 × PySyncObj" in printed
    written = json.loads(file.read_text(encoding="utf-8"))
    taken = [len(figures) for case in written["cases"] for figures in case["figures"].values()]
    assert taken == [1] * (11 if happysim_group.THERE else 10)
    assert written["verdicts"]


def test_the_command_names_what_there_is():
    with pytest.raises(SystemExit, match="'nonsense' matches nothing; there are 'one at a time'"):
        command.main(["--only", "nonsense"])


def test_an_import_that_brings_heavy_libraries_is_caught(monkeypatch):
    from benchmarks import ours

    with pytest.raises(AssertionError, match="brings numpy"):
        ours.importing("import numpy")


def test_a_disturbed_figure_is_taken_again_and_the_calmest_surroundings_count(monkeypatch):
    prices = iter([100.0, 100.0, 100.0, 200.0, 130.0, 110.0, 150.0, 150.0])
    monkeypatch.setattr(measure, "heap_price", lambda: next(prices))
    figures = iter([1.0, 7.0, 8.0, 9.0])
    meter = Meter(rounds=2, target=0.0)
    case = Case("made up", 3, {"x": lambda amount: next(figures)}, per="itself")
    result = list(meter.run([case]))[-1][1][0]
    assert result.series["x"].figures == [1.0, 8.0]
    assert result.noise.figures == [100.0, 130.0]
    assert meter.again == 2


def test_amounts_are_learnt_and_kept_to_whole_steps():
    asked = []

    def contender(amount):
        asked.append(amount)
        return amount / 1000

    case = Case("made up", 3, {"x": contender}, amount=10, step=10)
    meter = Meter(rounds=2, target=0.1)
    last = list(meter.run([case]))[-1][1]
    assert asked[0] == 10 and set(asked[1:]) == {100}
    assert last[0].series["x"].figures == [1000.0, 1000.0]
    assert measure.heap_price(100) >= 0


@pytest.mark.parametrize(
    "case", [case for case in watch.every_case(True) if case.peers <= 5], ids=lambda case: case.name
)
def test_the_watch_is_left_out_where_its_cost_is_measured(case):
    assert all(run(case.amount) > 0 for run in case.contenders.values())


def test_the_watchs_share_is_what_the_unwatched_run_saves():
    result = Result(Case("a", 5, {}), {watch.WATCHED: Series([3.0]), watch.UNWATCHED: Series([4.0])}, Series([1.0]))
    assert watch.shares(result).figures == [0.25] and watch.line(result).endswith("met")


def test_an_unwatched_cluster_sees_no_violation_that_a_watched_one_sees():
    for make, seen in ((Cluster, True), (watch.Unwatched, False)):

        async def main(make=make):
            cluster = make(5, rules=Rules().without("one_vote_a_term"), seed=2)
            cluster.timeout_now("a")
            cluster.timeout_now("b")
            await cluster.clock.advance(0.1)
            return bool(cluster.violations)

        assert run(main) is seen
