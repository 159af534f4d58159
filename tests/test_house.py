"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import vnb

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vnb"
MODULES = sorted(PACKAGE.rglob("*.py"))
SOURCES = [
    file
    for pattern in (
        "vnb/**/*.py",
        "train/**/*.py",
        "benchmarks/**/*.py",
        "labextension/**/*.py",
        "labextension/**/*.ts*",
        "labextension/style/*.css",
    )
    for file in sorted(ROOT.glob(pattern))
    if not {"node_modules", "runs"} & set(file.parts) and ".gen." not in file.name
]

# Which room may import which; a room may always import itself, and anybody may import `errors` and `locale`.
ROOMS: dict[str, set[str]] = {
    "locale": set(),
    "errors": set(),
    "core": set(),
    "context": {"core"},
    "engines": {"core"},
    "store": {"core"},
    "views": {"core", "context.diff"},
    "reading": {"core"},
    "sandbox": {"core"},
    "planner": {"core", "context", "engines.base", "reading"},
    "executor": {"core", "context", "engines", "store", "views", "planner", "reading", "sandbox"},
    "api": {"core", "context", "engines", "store", "views", "planner", "reading", "sandbox", "executor"},
    "notebook": {"core", "context", "engines", "store", "views", "planner", "sandbox", "executor", "api"},
    "models": set(),
    "__main__": set(),  # the command: it knows the public API alone
}
STANDARD_LIBRARY_ONLY = {"locale", "errors", "core", "store", "planner", "context", "reading"}
NO_JUPYTER = set(ROOMS) - {"notebook"}
JUPYTER = {"IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "comm", "jupyterlab", "notebook"}
HEAVY = {
    "torch", "xllamacpp", "exllamav2", "matplotlib", "ipywidgets", "anywidget", "numpy", "jsonschema", "IPython", "httpx",
    "pydantic_monty",
}  # fmt: skip

LONGEST = 300
LONG = {
    "labextension/src/ui/messages.ts": "every word of the front end, in one place",
    "labextension/src/ui/zh_CN.ts": "the same words in Chinese",
    "vnb/core/events.py": "one small class for each event, to be read in one place",
    "vnb/core/types.py": "the values, to be read in one place",
}
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "handler", "handlers", "misc"}


def place(file: Path) -> str:
    """The dotted name of a module below `vnb`; a package's is that of its folder."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything that a file imports, wherever in it."""
    folder = ["vnb", *file.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = folder[: len(folder) - node.level + 1] if node.level else []
            module = ".".join([*origin, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


@pytest.mark.parametrize("file", MODULES, ids=place)
def test_a_room_imports_no_higher_one(file: Path) -> None:
    room = place(file).partition(".")[0]
    if not room:
        return  # the public API stands on everything
    assert room in ROOMS, f"{room} has no floor: add it to ROOMS"
    allowed = {"vnb.__version__", "vnb.errors", "vnb.locale", f"vnb.{room}"} | {f"vnb.{other}" for other in ROOMS[room]}
    for line, name in imports(file):
        if within(name, "vnb") and not (name == "vnb" and room in {"api", "notebook", "__main__"}):
            assert any(within(name, prefix) for prefix in allowed), f"{file}:{line} imports {name}"
        top = name.partition(".")[0]
        if room in STANDARD_LIBRARY_ONLY:
            assert top == "vnb" or top in sys.stdlib_module_names, f"{file}:{line} imports {name}"
        if room in NO_JUPYTER:
            assert top not in JUPYTER, f"{file}:{line} imports {name}"
        assert top not in {"train", "tests", "benchmarks"}, f"{file}:{line} imports {name}"


def test_the_walk_sees_relative_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    file = tmp_path / "core" / "deep" / "fold.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "from . import a\nfrom .. import b\nfrom ...store import c\ndef f():\n    from ...api.run import d\nimport vnb.e"
    )
    expected = ["vnb.core.deep.a", "vnb.core.b", "vnb.store.c", "vnb.e", "vnb.api.run.d"]
    assert [name for _, name in imports(file)] == expected
    assert place(file) == "core.deep.fold"


@pytest.mark.parametrize("module", ["vnb", "vnb.api.run", "vnb.api.runtime", "vnb.sandbox", "vnb.notebook.extension"])
def test_importing_brings_nothing_heavy(module: str) -> None:
    light = HEAVY - ({"IPython"} if module == "vnb.notebook.extension" else set())
    script = f"import {module}, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & light


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_is_short_or_says_why_not(file: Path) -> None:
    name = file.relative_to(ROOT).as_posix()
    lines = len(file.read_text(encoding="utf-8").splitlines())
    if name in LONG:
        assert lines > LONGEST, f"{name} is short again: take it from the list"
    else:
        assert lines <= LONGEST, f"{name} has {lines} lines: part it, or say here why not"
    assert not BANNED & set(file.relative_to(ROOT).with_suffix("").parts)


def test_the_long_files_exist() -> None:
    assert all((ROOT / name).exists() for name in LONG)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """The names in a wheel and in a source distribution, with the front end as it was built last."""
    (PACKAGE / "labextension").mkdir(exist_ok=True)
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as tar:
        return in_wheel, {name.partition("/")[2] for name in tar.getnames()}


def test_packages_hold_what_is_needed(packages: tuple[set[str], set[str]]) -> None:
    in_wheel, in_sdist = packages
    modules = {file.relative_to(ROOT).as_posix() for file in MODULES}
    for held in (in_wheel, in_sdist):
        assert modules | {"vnb/py.typed", "vnb/locale/zh_CN.json"} <= held
        assert any(name.startswith("vnb/models/") and name.endswith(".gguf") for name in held), "vnb-tiny is missing"
        assert not [
            name for name in held if "__pycache__" in name or "node_modules" in name or name.startswith("train/runs")
        ]
    assert any(name.endswith("licenses/LICENSE") for name in in_wheel)
    assert not [name for name in in_wheel if not name.startswith(("vnb/", "vnb-"))]
    assert not [name for name in in_wheel if name.startswith("vnb/labextension/")], "it has a place of its own"
    assert {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "tests/test_house.py"} <= in_sdist
    tools = {"labextension/_backend/vnb_backend.py", "labextension/yarn.lock", "labextension/src/hosts/renderer.tsx"}
    assert tools <= in_sdist
    assert not [name for name in in_sdist if name.startswith(("labextension/lib/", "labextension/.yarn/"))]


def test_packages_hold_the_front_end(packages: tuple[set[str], set[str]]) -> None:
    if not any((PACKAGE / "labextension").iterdir()):
        pytest.skip("the front end was not built here: pip install .")
    in_wheel, in_sdist = packages
    place = "/share/jupyter/labextensions/vnb-labextension/"
    installed = {name.partition(place)[2] for name in in_wheel if place in name}
    shipped = {name.removeprefix("vnb/labextension/") for name in in_sdist if name.startswith("vnb/labextension/")}
    assert {"package.json", "install.json", "sources.txt", "static/style.js"} <= installed
    assert "schemas/vnb-labextension/plugin.json" in installed
    assert any(name.startswith("static/remoteEntry.") for name in installed)
    assert installed == {name for name in shipped if "." in name}
    assert {"vnb/static/widget.js", "vnb/static/widget.css"} <= in_wheel & in_sdist


def test_the_lock_file_names_no_registry() -> None:
    lock = (ROOT / "labextension" / "yarn.lock").read_text(encoding="utf-8")
    assert "://" not in lock


def test_the_versions_are_one() -> None:
    package = json.loads((ROOT / "labextension" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == vnb.__version__
