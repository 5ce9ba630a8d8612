#!/usr/bin/env python3
"""The one tool of this repository; it needs nothing but Python 3.11 or newer.

    python3 dev.py lab      open JupyterLab on the first lesson
    python3 dev.py demo     play the story in the terminal
    python3 dev.py test     run the tests          (--quick leaves out the slow and the browser ones)
    python3 dev.py check    style, types, rooms    (--fix formats and mends what can be mended)
    python3 dev.py bench    run the benchmarks

The first run makes an environment in .venv and installs groupkit into it; later runs go straight on.
Further arguments are passed on:  python3 dev.py test -k leader      python3 dev.py lab --no-browser --port 9000
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "groupkit.stamp"
WINDOWS = os.name == "nt"
LESSON = "01_first_group.ipynb"


def say(text: str) -> None:
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def dotted(version: "tuple[int, ...]") -> str:
    return ".".join(map(str, version))


def runs(name: str) -> bool:
    """Whether this command is there and starts (a version manager may leave one that only complains)."""
    return shutil.which(name) is not None and subprocess.call([name, "-c", ""], stderr=subprocess.DEVNULL) == 0


def check_python() -> None:
    """Refuse a Python that groupkit does not run on, and name one that would do."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    others = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    found = [name for name in others if runs(name)]
    way_out = f"Try:  {found[0]} {' '.join(sys.argv)}" if found else "Install one of them and run this again with it."
    sys.exit(
        f"dev.py: groupkit runs on Python {dotted(OLDEST)} to {dotted(NEWEST)}, "
        f"and this is {dotted(sys.version_info[:3])} ({sys.executable}). {way_out}"
    )


# ---------------------------------------------------------------------------------------------- the environment


def venv_python() -> pathlib.Path:
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def fault_of_venv() -> "str | None":
    """Why the environment cannot be used as it stands, or None."""
    ask = "import sys, pip; print(*sys.version_info[:2]); print(sys.prefix)"
    try:
        answer = subprocess.run([venv_python(), "-I", "-c", ask], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "is broken"
    lines = answer.stdout.splitlines()
    if answer.returncode or len(lines) != 2:
        return "is broken"
    version = tuple(map(int, lines[0].split()))
    if version != sys.version_info[:2]:
        return f"was made by Python {dotted(version)}, and this is {dotted(sys.version_info[:2])}"
    if pathlib.Path(lines[1]).resolve() != VENV.resolve():
        return "is not an environment of its own"
    stamped = read_stamp()
    if stamped and stamped[0] != str(ROOT):
        # Scripts inside name their interpreter by its full path, so an environment cannot be moved.
        return f"was made in another folder, {stamped[0]}"
    return None


def read_stamp() -> "list[str]":
    try:
        return STAMP.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def wanted_stamp() -> "list[str]":
    return [str(ROOT), hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()]


def remove_venv() -> None:
    if pathlib.Path(sys.prefix).resolve() == VENV.resolve():
        sys.exit("dev.py: this Python lives in .venv itself: run `deactivate`, then run this again.")
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    else:
        shutil.rmtree(VENV)


def make_venv() -> None:
    say("making an environment in .venv (once; about half a minute)")
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, text=True)
    if made.returncode:
        sys.exit(
            f"{made.stdout}\ndev.py: this Python cannot make environments ({sys.executable} -m venv). "
            "On Debian and Ubuntu:  apt install python3-venv"
        )


def install() -> None:
    """Install groupkit, editable, with its tools: with uv for its speed, with pip where uv will not do."""
    python, what = str(venv_python()), ["--editable", ".[dev]"]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    uv = [python, "-m", "uv", "pip", "install", *quiet, "--python", python, *what]
    got_uv = subprocess.run([*pip, "install", "--quiet", "uv"]).returncode == 0
    if got_uv and subprocess.run(uv, cwd=ROOT).returncode == 0:
        return
    say("uv could not install it; trying pip, which takes longer")
    status = subprocess.run([*pip, "install", *what], cwd=ROOT).returncode
    if status:
        say("the installation failed; the lines above say why. Nothing is lost: run the same command again.")
        sys.exit(status)


def calm_lab() -> None:
    """Two defaults for this environment: no question about news over the first lesson, no look-up of releases."""
    notification = {"fetchNews": "false", "checkForUpdates": False}
    file = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"@jupyterlab/apputils-extension:notification": notification}), encoding="utf-8")


def ensure_venv() -> None:
    fault = fault_of_venv() if VENV.exists() or VENV.is_symlink() else None
    if fault:
        say(f".venv {fault}: making it anew")
        remove_venv()
    if not VENV.exists():
        make_venv()
    if read_stamp() != wanted_stamp():
        say("installing groupkit and its tools into .venv")
        install()
        calm_lab()
        STAMP.write_text("\n".join(wanted_stamp()) + "\n", encoding="utf-8")


# ------------------------------------------------------------------------------------------------- the commands


def become(*arguments: str) -> int:
    """Run the environment's Python in place of this process, so that signals and the exit status are its own."""
    command = [str(venv_python()), *arguments]
    os.chdir(ROOT)
    if not WINDOWS:
        sys.stdout.flush()
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child was interrupted too, and decides what that means


def lab(arguments: "list[str]") -> int:
    """JupyterLab on the first lesson, for this computer only."""
    fixed = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={ROOT / 'notebooks'}"]
    fixed.append(f"--LabApp.default_url=/lab/tree/{LESSON}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        fixed.append("--allow-root")
    return become("-m", "jupyterlab", *fixed, *arguments)


def test(arguments: "list[str]") -> int:
    quick = ["-m", "not slow and not browser"] if "--quick" in arguments else []
    return become("-m", "pytest", *quick, *(word for word in arguments if word != "--quick"))


def demo(arguments: "list[str]") -> int:
    return become("-m", "groupkit.demo", *arguments)


def bench(arguments: "list[str]") -> int:
    return become("-m", "benchmarks", *arguments)


def check(arguments: "list[str]") -> int:
    """Every check, also after one has failed; --fix mends first what can be mended."""
    wrong = [word for word in arguments if word != "--fix"]
    if wrong:
        sys.exit(f"dev.py: check takes --fix and nothing else, not {' '.join(wrong)}")
    notebooks = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "notebooks").glob("*.ipynb"))
    strip = ["-m", "nbstripout", "--extra-keys", "metadata.language_info.version"]
    fixes = [["-m", "ruff", "check", "--fix", "--quiet"], ["-m", "ruff", "format", "--quiet"], [*strip, *notebooks]]
    checks = {
        "style": ["-m", "ruff", "check"],
        "format": ["-m", "ruff", "format", "--check"],
        "types": ["-m", "mypy"],
        "rooms": ["-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo"],
        "stripped notebooks": [*strip, "--verify", *notebooks],
    }
    if not notebooks:
        fixes.pop()
        checks.pop("stripped notebooks")
    python = str(venv_python())
    if arguments:
        for words in fixes:
            subprocess.run([python, *words], cwd=ROOT)
    failed = []
    for name, words in checks.items():
        say(f"checking {name}")
        if subprocess.run([python, *words], cwd=ROOT).returncode:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


COMMANDS = {"lab": lab, "test": test, "demo": demo, "check": check, "bench": bench}


def main(words: "list[str]") -> int:
    check_python()
    if not words or words[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0 if words else 2
    if words[0] not in COMMANDS:
        sys.exit(f"dev.py: there is no command {words[0]!r}; there are: {', '.join(COMMANDS)}")
    ensure_venv()
    return COMMANDS[words[0]](words[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
