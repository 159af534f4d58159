"""The workflows run what there is, and the version is said in one place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

import vnb

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

if not WORKFLOWS:
    pytest.skip("a source distribution holds no workflows", allow_module_level=True)


def jobs(name: str) -> dict[str, Any]:
    found = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))["jobs"]
    assert isinstance(found, dict)
    return found


def test_the_parts_of_the_workflow_are_those_of_the_script() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (first,) = re.findall(r"^carry (\w+)", script, re.MULTILINE)
    (others,) = re.findall(r"^printf '%s\\n' ([\w ]+) \|", script, re.MULTILINE)
    named = jobs("ci")["linux"]["strategy"]["matrix"]["part"]
    assert set(named) == {first, *others.split()}
    assert all(re.search(rf"^{part}\(\) \{{", script, re.MULTILINE) for part in named)


def test_only_publishing_may_prove_who_it_is() -> None:
    release = jobs("release")
    assert release["publish"]["permissions"] == {"id-token": "write"} and release["publish"]["needs"] == "build"
    for file in WORKFLOWS:
        text = file.read_text(encoding="utf-8")
        assert "contents: read" in text and "password" not in text.replace("no password", "") and "secrets." not in text


def test_the_version_is_read_by_the_workflow_as_python_does() -> None:
    (step,) = [one for one in jobs("release")["build"]["steps"] if one.get("name") == "the tag is the version"]
    pattern = re.search(r"s/(\^__version__ = .*?)/", step["run"])
    assert pattern is not None
    source = (ROOT / "vnb" / "__init__.py").read_text(encoding="utf-8")
    found = re.findall(pattern.group(1).replace(r"\(", "(").replace(r"\)", ")"), source, re.MULTILINE)
    assert found == [vnb.__version__]
