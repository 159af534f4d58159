"""What is offered where, through the completer that IPython and kernels use."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter

from tests.notebook import scripts
from tests.notebook.conftest import Shell


def offered(shell: Shell, code: str) -> list[str]:
    """What a kernel would answer with the cursor at the end: `replaced → text`."""
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions(code, len(code)))
    return [code[: one.start] + one.text for one in found]


@pytest.mark.parametrize(
    ("code", "one"),
    [
        ("%%vtask --see", "%%vtask --seed"),
        ("%%vtask article --seed 3 --inte", "%%vtask article --seed 3 --integrate"),
        ("%%vtask --integrate ", "%%vtask --integrate concat"),
        ("%%vtask --integrate=w", "%%vtask --integrate=write"),
        ("%%vtask --integrate a", "%%vtask --integrate auto"),
        ("%%vtask --str", "%%vtask --strategy"),
        ("%%vtask --strategy d", "%%vtask --strategy direct"),
        ("%%vtask --th", "%%vtask --think"),
        ("%%vtask --think o", "%%vtask --think off"),
        ("%%vtask --repe", "%%vtask --repeat-penalty"),
        ("%%vtask --dr", "%%vtask --dry"),
        ("%vrun plan_a --retr", "%vrun plan_a --retries"),
        ("%%vtask --reuse r", "%%vtask --reuse refresh"),
        ("%%vtask -m sc", "%%vtask -m scripted:scripted"),
        ("%%vtask -m b", "%%vtask -m big.gguf"),
        ("%vmodel f", "%vmodel folder"),
        ("%vmodel t", "%vmodel tiny"),
        ("%vmodel u", "%vmodel unload"),
        ("%vmodel be", "%vmodel bench"),
        ("%%vtask --plan p", "%%vtask --plan plan_a"),
        ("%vrun plan", "%vrun plan_a"),
        ("%vrun art", "%vrun article"),
        ("x = %vrun art", "x = %vrun article"),
        ("%vplan ar", "%vplan article"),
        ("%%vtask --schema sha", "%%vtask --schema shape"),
        ("%%vtask --docs folder/co", "%%vtask --docs folder/config.json"),
        ("%%vtask --docs fo", "%%vtask --docs folder/"),
        ("%vplot --what it", "%vplot --what itl"),
        ("%vplot article art", "%vplot article article"),
        ("import sys\n%vopen art", "import sys\n%vopen article"),
        ("%vrerun s", "%vrerun s1"),
        ("%vrerun s1 s2 --run article in", "%vrerun s1 s2 --run article integrate"),
        ("%vchoose s2#", "%vchoose s2#1"),
        ("%vstop art", "%vstop article"),
        ("%vrun article --plan pl", "%vrun article --plan plan_a"),
        ("%vfork art", "%vfork article"),
        ("%vfork article:s", "%vfork article:s3"),
        ("%vopen fo", "%vopen folder/"),
        ("%vexport art", "%vexport article"),
        ("%vexport article folder/co", "%vexport article folder/config.json"),
        ("%vexport article a.html --f", "%vexport article a.html --force"),
    ],
)
def test_what_is_offered(shell: Shell, code: str, one: str) -> None:
    scripts.use()
    Path("big.gguf").touch()
    Path("folder").mkdir()
    Path("folder/config.json").touch()
    shell("%%vtask article --view none\nWrite an article.")
    shell("%%vplan plan_a\ns1: Write the past")
    shell("shape = {}")
    assert one in offered(shell, code)


def test_only_what_fits_is_offered(shell: Shell) -> None:
    scripts.use()
    shell("%%vtask article --view none\nWrite an article.")
    run = shell.names["article"]
    assert offered(shell, "%%vtask --view ") == ["%%vtask --view tree", "%%vtask --view text", "%%vtask --view none"]
    assert set(offered(shell, "%vopen ")) == {"%vopen article", f"%vopen {run.id}"}
    assert offered(shell, f"%vopen {run.id[:5]}") == [f"%vopen {run.id}"]
    assert not any(one.endswith("--seed") for one in offered(shell, "%%vtask --seed 3 --"))
    assert any(one.endswith("--docs") for one in offered(shell, "%%vtask --docs a --"))
    assert "%%vtask x\n--seed" not in offered(shell, "%%vtask x\n--see")
    assert {"article['s1", "article['plan"} <= set(offered(shell, "article['"))


def test_nothing_is_offered_once_the_extension_is_gone(shell: Shell) -> None:
    shell.ip.run_line_magic("load_ext", "vnb")
    shell.ip.run_line_magic("unload_ext", "vnb")
    assert "%%vtask --seed" not in offered(shell, "%%vtask --see")
