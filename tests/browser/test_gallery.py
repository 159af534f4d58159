"""The static gallery: saved runs can be looked into without a kernel, a server of Jupyter's, or any other host."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parents[2]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the gallery, served as plain files."""
    pytest.importorskip("jupyterlite_core")
    folder = tmp_path_factory.mktemp("gallery") / "site"
    subprocess.run([sys.executable, "gallery/build.py", str(folder)], cwd=ROOT, check=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_saved_run_opens_without_a_kernel(site: str, browser: Browser) -> None:
    page = browser.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda one: None if one.url.startswith((site, "data:", "blob:")) else elsewhere.append(one.url))
    page.goto(f"{site}lab/index.html?path=01_quickstart.ipynb")
    page.locator(".jp-Dialog button", has_text="No Kernel").click()
    run = page.locator(".vnb-run").first
    step = run.get_by_role("treeitem", name="s1").first
    step.click()
    expect(run.get_by_role("tab", name="Tokens")).to_be_visible()
    table = page.locator(".jp-OutputArea-output table").first
    expect(table).to_contain_text("vnb-tiny")
    text = table.evaluate("table => table.parentElement.innerText")
    assert text.strip().startswith("Models"), "lines of a saved text were joined by commas"
    assert elsewhere == []
    page.close()
