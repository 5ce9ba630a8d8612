"""A sentence for every row."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit.record.sentences import sentence, some

REASON = "its log (term 1, index 3) is behind mine (term 1, index 5)"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (("state", "a", "leader", 3, "a"), "a leads term 3"),
        (("state", "a", "candidate", 3, None), "a is a candidate, its term is 3"),
        (("state", "a", "follower", 3, "b"), "a follows b in term 3"),
        (("state", "a", "follower", 3, None), "a knows no leader in term 3"),
        (("state", "a", "observer", 3, "b"), "a, an observer, follows b in term 3"),
        (("state", "a", "down", 3, None), "a is down"),
        (("log", "a", 3, ((1, "x", None),), 1, 3), "a logged 1 entry at index 3, the last of term 1"),
        (
            ("log", "a", 3, ((1, "x", None), (2, "y", None)), 2, 4),
            "a logged 2 entries at indexes 3–4, the last of term 2",
        ),
        (("log", "a", 3, (), 1, 2), "a's log ends at index 2 (term 1) now"),
        (("log", "a", 1, (), 0, 0), "a's log is empty now"),
        (("committed", "a", 4), "a knows indexes up to 4 as committed"),
        (("committed", "a", 0), "a begins at 0"),
        (("online", "a", False), "a is offline"),
        (("vote", "c", "b", 2, False, False, REASON), f"c refused b: {REASON}"),
        (("vote", "c", "b", 2, False, True, ""), "c voted for b in term 2"),
        (("vote", "c", "c", 2, False, True, ""), "c voted for itself in term 2"),
        (("vote", "c", "b", 2, True, True, ""), "c would vote for b in term 2"),
        (("vote", "c", "b", 2, True, False, "no"), "c would not vote for b: no"),
        (("election", "b", 2, False, "knows no leader"), "b stands for election in term 2: knows no leader"),
        (("election", "b", 2, True, ""), "b asks who would vote for it in term 2"),
        (("defeated", "b", 2, False, ["a", "c"]), "b cannot win term 2 any more: a, c refused"),
        (("unseated", "b", 2, "it heard from no quorum"), "b no longer leads term 2: it heard from no quorum"),
        (("bond", "a", "b", False, "a went down"), "a lost its bond with b: a went down"),
        (("bond", "a", "b", True, ""), "a is bonded with b"),
        (("command", "a", 1, "submitted", (1, (5,))), "a was given 1 command: 5"),
        (("command", "a", 1, "indexed", (2, 3, 2)), "a has its 2 commands at indexes 3–4 of term 2"),
        (("command", "a", 1, "committed", (2, 3, 1)), "a knows as committed its 1 command at index 3 of term 2"),
        (("command", "a", 1, "lost", "overwritten"), "a's commands are lost: overwritten"),
        (("fault", "a", "kill", ()), "a was killed"),
        (("fault", "a", "restart", ("wipe",)), "a was restarted with an empty disk"),
        (("fault", "a", "cut", ("b", "one way")), "the link from a to b was cut"),
        (("fault", "a", "cut", ("b",)), "the links of a and b were cut"),
        (("fault", "a", "heal", ("b",)), "the links of a and b were healed"),
        (("fault", None, "heal", ()), "all links were healed"),
        (("fault", None, "partition", (("a", "b"), ("c",))), "the network was split: a b | c"),
        (("fault", "a", "isolate", ()), "a was cut from everybody"),
        (("fault", "a", "drift", (1.5,)), "a's clock runs at rate 1.5 now"),
        (("fault", "a", "link", ("b", "loss", 0.1)), "the loss from a to b is 0.1 now"),
        (("fault", None, "undrop", ("rule",)), "messages are no longer dropped by the rule rule"),
        (
            ("fault", "a", "drop_message", ("b", "vote", 17)),
            "the vote from a to b was dropped on its way (message 17)",
        ),
        (
            ("fault", "a", "delay_message", ("b", "append", 17, 0.5, 1.01, 1.51)),
            "the append from a to b comes 0.5 s later (message 17)",
        ),
        (
            ("fault", "a", "duplicate_message", ("b", "vote", 17, 20, 0.0)),
            "the vote from a to b comes twice (message 17, copy 20)",
        ),
        (
            ("fault", None, "align_timers", (("a", 2.25), ("c", 2.25))),
            "the election timers of a, c were aligned: they run out at 2.25 s",
        ),
        (
            ("fault", None, "spread_timers", (("c", 2.0), ("a", 2.5))),
            "the election timers were spread: c at 2 s, a at 2.5 s",
        ),
        (("fault", None, "set_latency", (0.01, 0.2)), "the latency of all links is (0.01, 0.2) now"),
        (("fault", None, "quake", (7,)), "quake 7"),
        (("stall", None, 0.512), "the notebook was busy for 0.512 s and the group's clock stood still"),
        (("violation", None, "log matching", "a and b differ"), "violation of log matching: a and b differ"),
        (("join", "a"), "a joined"),
        (("novelty", "a", 1, "x"), "a: novelty 1, 'x'"),
    ],
)
def test_sentence(row: tuple[Any, ...], text: str) -> None:
    assert sentence((1.0, *row)) == text


def test_of_many_commands_the_first_few_are_named() -> None:
    assert some([1, 2, 3]) == "1, 2, 3"
    assert some(list(range(1000))) == "0, 1, 2, … 997 more"
    assert some([]) == ""
