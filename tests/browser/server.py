"""A JupyterLab server of its own: private folders, a random token, a free port, on this computer only."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 180

# Every cell in the page, no question about news, no look-up of releases, nothing saved behind a test's back.
# Widget messages stay as Lab sends them by default, so that the tests meet what users meet.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class Server:
    """One JupyterLab server that serves `root`; everything it writes goes below `home`."""

    def __init__(self, root: Path, home: Path):
        self.root, self.home = root, home
        self.token = secrets.token_hex(24)
        self.port = free_port()
        self.log: list[str] = []
        self._ready = threading.Event()
        self._write_settings()
        self._process = subprocess.Popen(
            self._command(), env=self._environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_SECONDS) or self._process.poll() is not None:
            self.stop()
            raise RuntimeError(f"JupyterLab did not start within {START_SECONDS} s:\n{self.log_text()}")
        while not self._listens():  # it names its address a moment before it listens there
            assert self._process.poll() is None, self.log_text()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log_text(self) -> str:
        return "".join(self.log)

    def call(self, method: str, path: str) -> object:
        """One call of the server's REST interface; the decoded answer, or None where it is empty."""
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """Shut down every kernel, so that what one test left running does not slow the next."""
        sessions = self.call("GET", "/api/sessions")
        assert isinstance(sessions, list)
        for session in sessions:
            self.call("DELETE", f"/api/sessions/{session['id']}")

    def stop(self) -> None:
        """Ask the server to end, kernels included; end the process if it does not."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError, urllib.error.URLError):
                self.call("POST", "/api/shutdown")
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.terminate()
                try:
                    self._process.wait(10)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
        self._reader.join(10)
        if self._process.stdout:
            self._process.stdout.close()

    def _write_settings(self) -> None:
        for name, value in SETTINGS.items():
            file = self.home / "settings" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(value), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        mine = {
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        }
        folders = {variable: str(self.home / folder) for variable, folder in mine.items()}
        # The token goes through the environment: a command line can be read by every user of the computer.
        inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # plots are to be seen
        return {**inherited, **folders, "JUPYTER_TOKEN": self.token, "PYTHONUNBUFFERED": "1"}

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={self.root}", "--LabApp.news_url=None"]
        return [*command, "--LabApp.expose_app_in_browser=True"]

    def _read_log(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.log.append(line)
            if f"127.0.0.1:{self.port}/lab" in line:
                self._ready.set()
        self._ready.set()  # the process has ended: whoever waits for it may go on and see that


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
