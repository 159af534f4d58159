"""One server, one browser and one page with JupyterLab for all tests; the page may ask nothing of any other host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from . import lab


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    with lab.serve(tmp_path_factory.mktemp("lab")) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=lab.PATIENCE)
    with lab.chromium() as found:
        yield found


@pytest.fixture(scope="session")
def shared(browser: Browser, server: lab.Server) -> Iterator[lab.Lab]:
    with lab.look(browser, server) as found:
        found.start()
        yield found


@pytest.fixture
def page(shared: lab.Lab) -> Iterator[lab.Lab]:
    """JupyterLab in its light theme; each test opens notebooks of its own."""
    shared.errors.clear()
    shared.elsewhere.clear()
    yield shared
    assert shared.elsewhere == [], "something was asked of another host"
    assert shared.errors == []
