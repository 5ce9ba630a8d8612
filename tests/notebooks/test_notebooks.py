"""Every lesson runs from its first cell to its last in a fresh kernel, without anybody's hand."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

CELL_SECONDS = 600  # deadlines only: a busy computer may stand still for long
# What a lesson's prose says of its outputs: regular expressions, each to be found in them. Where time goes at the pace
# of the wall clock (01, 02, 05), a busy computer changes who wins: there only what holds whoever it is.
CLAIMS = {
    "01_first_group": [
        r"PeerId\('d'\)",  # "It is `d`"
        r"Index\(1\)\n",
        r"QueryResult\(7, at Cursor\(term=1, index=2\)\)",
        r"heard nothing from d for an election timeout",
        r"s  (\w) asks who would vote for it(?s:.)*s  \1 stands for election",  # "The winner asked twice"
    ],
    "02_joining_and_bonds": [
        r"alice leads after \d+\.\d+ s, in term 1",
        r"bob's leader at first: None\nbob's leader: +alice",
        r"noticed after [12]\.\d+ s; carol's bonds: <bonds of carol: alice>",
        r"the same group: False",
        r"\n(bob|carol)\n\1\ndave's leader: \1\n",  # all tell of the same successor
        r"committed on dave: \d \| on carol: 2",
        r"bob follows (\w+) in term (\d)\ncarol follows \1 in term \2\ndave follows dave in term (?!\2)\d",
        r"bob went back to 5\ncarol went back to 5\ndave never went back",
        r"bob 8 QueryResult\(16, .*\ncarol 8 QueryResult\(16, .*\ndave 6 QueryResult\(1013, ",
        r"(reverted: Counter.Increment\(n=1\) at bob: index [678] was acknowledged, then lost to another history\n){3}",
    ],
    "03_who_counts": [
        r"a: bert refused, cleo refused, dora refused\nb: emil 2, fay 3",
        r"a: follower follows d in term 2, bonds: d\nb: leader   follows b in term 2, bonds: c, e\n",  # two of one term
        r"a: bert 2, cleo 3, dora 4\nb: emil 2, fay 3",
        r"a went back to 1\nb never went back\nc never went back\nd went back to 1\ne never went back",
        r"(\w: ann, emil, fay, gus, hal, ida, jo\n){5}",
        r"(KeyValue.Put\(key='(bert|cleo|dora)', value='invited at a'\): index \d was acknowledged, [^\n]*\n){3}",
        r"members: 7 committed, 3 offline\nbonded: 7 committed, 3 reverted",
    ],
    "04_reading_a_run": [
        r"\[2\.\d+, 1\.9\d+, 0\.0\d+\] together",  # two seconds, two seconds, next to nothing
        r"two +\d\d +8 +0 +\d\d\n",  # three fates; the fourth, unknown, did not occur
        r"committed (\w) +\d\d(?s:.)*lost +\w +4 (?s:.)* \1 +4 (?s:.)*offline +(?!\1)\w +\d\d ",
        r"votes_for +4\n",
        r"from \w, arrived at (\d\.\d{6}) s\n\w led from +\1 s",  # "To the very instant"
        r"a leads term 2', the other 'the links of \w and a were cut'",
        r"vote lost: a leads term 2, 1\.98\d+ s(?s:.)*winner dead: \w leads term 3, [34]\.\d+ s",  # "Twice as long"
    ],
    "05_play": [r"\('follower', Term\(\d\)\)", r"the two runs do not differ"],
    "06_break_it": [
        r"Election Safety violated at .* leads term 1, and so does",
        r"\('no harm',\n +leader +term\n 0 +c +1\)",
        r"Term and Vote Kept violated at 0\.100 s by b",
        r"Leader Completeness violated at .* e leads in term 4 without the committed entry 1",
        r"without timers_randomised:\n +after 60 s(?s:.)*without applied_once:\n +b added 1 once",
        r"storm 1: .*the group held",
        r"Applied Once violated",
    ],
    "07_is_it_linearizable": [
        r"  > bob: read -> None \(called 4\.0, returned 5\.0\)",
        r"Linearizable: 10 operations",
        r"QueryResult\(5, at Cursor\(term=1, index=5\)\)",
        r"found no leader to confirm it",
        r"Not linearizable: 12 operations(?s:.)*  > d: read -> 5",
        r"7 True\nNone True",
    ],
    "08_papers": [
        r"\nTrue\n",  # the frame of the process pool equals the first one
        r"\n60 rows, \d worker processes, 0 errors",
        r"150–151 .* 0\.34 +1\.93(?s:.)*150–155 .* 0\.98 +1\.71(?s:.)*25–50 .* 1\.24(?s:.)*12–24 .* 1\.46",
        r"1–3 +0\.75 +0\.85 +0\.91 +0\.95 +1\.02(?s:.)*1–3 +0\.98 +0\.94 +0\.86 +0\.77",
        r"first timeout after 0\.200 of the range, by the formula 0\.200",
        r"members quorum lost 0 acknowledged writes in 5000 runs; 0 runs ended in an error",
    ],
}
LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs_to_its_end(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))  # nobody's own settings
    before = path.read_bytes()
    notebook = nbformat.reads(before.decode(), as_version=4)
    (tmp_path / "cwd").mkdir()
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        iopub_timeout=CELL_SECONDS,  # no output is missed, however late it comes
        resources={"metadata": {"path": tmp_path / "cwd"}},
    )
    client.execute()
    assert not complaints(notebook)
    told = said(notebook)
    assert [claim for claim in CLAIMS[path.stem] if not re.search(claim, told)] == [], told
    assert path.read_bytes() == before, "running a lesson must not write into it"


def said(notebook: nbformat.NotebookNode) -> str:
    """Everything that cells have put out, as text."""
    told = ""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if output.output_type == "stream":
            told += output.text  # one print comes in several pieces when the kernel is slow
        else:
            told += f"\n{output.get('data', {}).get('text/plain', '')}\n"
    return re.sub(r"\n+", "\n", f"{told}\n")


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """What went to stderr and is no progress bar: warnings, and exceptions that nobody was there to catch."""
    return [
        f"cell {i}: {output.text}"
        for i, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr" and ("Warning" in output.text or "Traceback" in output.text)
    ]
