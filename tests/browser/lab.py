"""A real JupyterLab or Notebook 7 on loopback, and Chromium to look at it with."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Route, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("VNB_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONFIGURATION = """
c.ServerApp.open_browser = False
c.LabApp.expose_app_in_browser = True
c.JupyterNotebookApp.expose_app_in_browser = True
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
"""
WIDE, NARROW = 1280, 360
PATIENCE = 60_000
"""Milliseconds that a machine with other work may take for anything."""

_OPEN = """async path => {
    await jupyterapp.restored;
    void jupyterapp.commands.execute("docmanager:open", {
        path, factory: "Notebook",
        kernel: {shouldStart: false, canStart: false, autoStartDefault: false},
        kernelPreference: {shouldStart: false, canStart: false, autoStartDefault: false},
    });
}"""


@dataclass
class Server:
    """A running server: where it is, and the folder of its notebooks."""

    base: str
    token: str
    root: Path

    def get(self, path: str) -> Any:
        """What its REST interface says."""
        request = urllib.request.Request(f"{self.base}/api/{path}", headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """A JupyterLab with fresh settings that serves `folder / "notebooks"`."""
    root, settings = folder / "notebooks", folder / "settings"
    news = settings / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    for path in (root, news):
        path.mkdir(parents=True)
    (settings / "jupyter_server_config.py").write_text(CONFIGURATION)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), root)
    variables = {
        "JUPYTER_CONFIG_DIR": settings,
        "JUPYTER_DATA_DIR": settings / "data",
        "JUPYTER_RUNTIME_DIR": settings / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": settings / "lab" / "user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": settings / "lab" / "workspaces",
        "IPYTHONDIR": settings / "ipython",
        "HOME": settings,
        "VNB_HOME": settings / "vnb",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),  # kernels import tests.notebook
    }
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={found.token}", f"--ServerApp.root_dir={root}"]
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            env=dict(os.environ, **{name: str(value) for name, value in variables.items()}),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _until_up(found, server, log)
        yield found
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def _until_up(found: Server, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 90
    while True:
        try:
            found.get("status")
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"JupyterLab did not come up:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.1)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that VNB_CHROMIUM names."""
    if CHROMIUM is None:
        raise RuntimeError("No Chromium here: apt-get install chromium, or set VNB_CHROMIUM")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield found
        found.close()


@dataclass
class Lab:
    """A page with JupyterLab or Notebook 7; what went wrong in vnb's code there, and what was asked of other hosts."""

    server: Server
    page: Page
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def run(self) -> Locator:
        """The first run of the notebook in front."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .vnb-run").first

    def start(self, theme: str = "JupyterLab Light") -> None:
        """Opens JupyterLab with nothing in it."""
        self.page.goto(f"{self.server.base}/lab?token={self.server.token}&reset")
        ready = "() => window.jupyterapp && jupyterapp.commands.hasCommand('apputils:change-theme')"
        self.page.wait_for_function(ready)
        self.theme(theme)
        self.page.evaluate("() => jupyterapp.shell.collapseLeft()")

    def open(self, name: str) -> None:
        """Opens a notebook without a kernel and waits for its first run."""
        self.page.evaluate(_OPEN, name)
        self.page.get_by_role("tab", name=name).wait_for()
        self.run.wait_for()

    def open_in_notebook(self, name: str) -> None:
        """Opens a notebook in Notebook 7; it starts a kernel of its own, which is not waited for."""
        self.page.goto(f"{self.server.base}/notebooks/{name}?token={self.server.token}")
        self.page.wait_for_selector(".vnb-run")

    def theme(self, name: str) -> None:
        """Changes the theme and waits for it."""
        self.page.evaluate(
            "async theme => { await jupyterapp.restored;"
            " await jupyterapp.commands.execute('apputils:change-theme', {theme}); }",
            name,
        )
        self.page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")


@contextlib.contextmanager
def look(browser: Browser, server: Server, width: int = WIDE, height: int = 1000, **more: Any) -> Iterator[Lab]:
    """A fresh page on the server; whatever it asks of another host is refused and noted."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    lab = Lab(server, page)

    def guard(route: Route) -> None:
        host = urlsplit(route.request.url)
        if host.hostname == "127.0.0.1" or host.scheme in ("data", "blob"):
            route.continue_()
        else:
            lab.elsewhere.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page.on("pageerror", lambda error: lab.errors.append(str(error)) if "vnb-" in (error.stack or "") else None)
    yield lab
    context.close()
