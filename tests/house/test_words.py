"""The repository speaks of itself only: no folder of anybody's computer, no host a package was fetched from."""

import re

from tests.house import tree

# Each is spelled in two parts, so that this file may stand among those it looks at.
MACHINE_PATHS = ["/ro" + "ot", "/wo" + "rk/", "/t" + "mp/", "/ho" + "me/", "/Use" + "rs/", "C:" + r"\\"]
REGISTRIES = ["py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "debian" + r"\.org", "unp" + "kg"]
CDNS = ["jsdel" + "ivr", "cdn" + "js", "googlea" + "pis", "esm" + r"\.sh"]
FORBIDDEN = re.compile(
    "|".join([*(rf"(?<![\w.~}}-]){path}" for path in MACHINE_PATHS), *REGISTRIES, *CDNS]),
)


def test_no_machine_path_and_no_registry_host():
    found = []
    for path in tree.files():
        content = path.read_bytes()
        if b"\0" in content:
            continue  # a picture
        for number, line in enumerate(content.decode().splitlines(), start=1):
            if match := FORBIDDEN.search(line):
                found.append(f"{tree.name_of(path)}:{number}: {match[0]}")
    assert not found


def test_what_is_forbidden_is_recognised():
    for bad in ("see /t" + "mp/x", "open('/ro" + "ot/a')", "https://py" + "pi.org/simple", "'/wo" + "rk/main'"):
        assert FORBIDDEN.search(bad), bad
    for good in ("/lab/workspaces", "src/root", "tmp/x", "a/work/b", "~/work/x"):
        assert not FORBIDDEN.search(good), good


def test_files_are_text_with_a_final_newline_and_no_trailing_space():
    found = []
    for path in tree.files():
        if path.suffix not in {".py", ".js", ".css", ".toml", ".yml", ".md", ".ipynb"}:
            continue
        text = path.read_text(encoding="utf-8")
        if text and not text.endswith("\n"):
            found.append(f"{tree.name_of(path)}: no newline at its end")
        if path.suffix not in {".md", ".ipynb"} and re.search(r"[ \t]+$", text, flags=re.MULTILINE):
            found.append(f"{tree.name_of(path)}: trailing space")
    assert not found
