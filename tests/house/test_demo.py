"""The story in the terminal: true for every seed, the same on every computer, readable in 80 columns and in a pipe."""

import io
import os
import re
import subprocess
import sys

import pytest
from rich.cells import cell_len
from rich.console import Console

from groupkit import demo, run
from tests.house import tree

PNG = b"\x89PNG\r\n\x1a\n"
CHAPTERS = ["elect", "commit", "kill", "restart", "split", "heal"]


def told(seed, **look):
    """The story of a seed as text, the run, and the ends of its chapters."""
    page = io.StringIO()
    console = Console(file=page, width=80, highlight=False, **look)
    timeline, moments = run(lambda: demo.tell(console, seed))
    return page.getvalue(), timeline, moments


def flat(text):
    """Without the breaks of lines."""
    return " ".join(text.split())


def by_hand(folder, *words, hash_seed="0", encoding="utf-8", **more):
    """As a user starts it, with its output in a pipe."""
    settings = {"PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(tree.ROOT), **more}
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    command = [sys.executable, "-m", "groupkit.demo", *words]
    return subprocess.run(command, capture_output=True, cwd=folder, env={**plain, **settings}, timeout=600)


@pytest.mark.parametrize("seed", range(12))
def test_the_story_holds_for_every_seed(seed):
    text, timeline, moments = told(seed)
    assert [chapter for chapter, _, _ in moments] == CHAPTERS
    first, second, third = timeline.leadership()["leader"]
    assert first != second != third
    assert "CommandLost: Counter.Increment(n=100) is lost" in flat(text)
    assert "committed at index 15. The counter stands at 114, whichever peer is asked." in flat(text)
    assert set(timeline.committed().iloc[-1]) == {15}
    assert not timeline.events()["kind"].isin(["violation", "stall"]).any()


def test_a_term_without_a_winner_is_told_of():
    for seed in range(200):
        text, timeline, _ = told(seed)
        missing = {1, 2, 3} - set(timeline.leadership()["term"])
        assert ("had no winner" in flat(text)) == bool(missing)
        if missing:
            assert f"(Term {min(missing)} had no winner: the votes were split, and they tried again.)" in flat(text)
            return
    raise AssertionError("200 stories, and no vote was split")


def test_the_minority_commits_nothing():
    _, timeline, moments = told(7)
    ends = {chapter: time for chapter, time, _ in moments}
    committed = timeline.committed()
    before, after = (committed.loc[: ends[name]].iloc[-1] for name in ("restart", "split"))
    assert sorted(after - before) == [0, 0, 4, 4, 4]


@pytest.mark.parametrize("look", [{}, {"force_terminal": True, "color_system": "truecolor"}], ids=["plain", "coloured"])
def test_no_line_is_wider_than_the_terminal(look):
    text, _, _ = told(7, **look)
    assert ("\x1b[" in text) == bool(look)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(cell_len, lines)) == 80
    assert all(f"{number}  " in text for number in range(1, 7))


@pytest.mark.slow
def test_a_pipe_gets_plain_text_both_tables_and_the_picture(tmp_path):
    first = by_hand(tmp_path)
    assert first.returncode == 0, first.stderr.decode()
    text = first.stdout.decode()
    assert "\x1b" not in text and not first.stderr
    assert "timeline.leadership()" in text and "timeline.committed()" in text
    assert text.endswith("The same as a picture: groupkit-demo.png\n")
    assert (tmp_path / "groupkit-demo.png").read_bytes().startswith(PNG)
    again = by_hand(tmp_path, "--png", "other.png", hash_seed="1")
    assert again.stdout.decode() == text.replace("groupkit-demo.png", "other.png")
    assert (tmp_path / "other.png").read_bytes() == (tmp_path / "groupkit-demo.png").read_bytes()


@pytest.mark.slow
def test_a_terminal_without_these_letters(tmp_path):
    answer = by_hand(tmp_path, "--seed", "3", encoding="ascii")
    assert answer.returncode == 0, answer.stderr.decode()
    assert "leader" in answer.stdout.decode("ascii") and "♛" not in answer.stdout.decode("ascii")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--png", "no/such/folder/a.png"], "name a file in a folder that exists"),
        (["--png", "."], "name a file in a folder that exists"),
    ],
)
def test_bad_arguments_are_refused_at_once(words, says, capsys):
    with pytest.raises(SystemExit) as left:
        demo.main(words)
    assert left.value.code == 2
    assert says in capsys.readouterr().err
