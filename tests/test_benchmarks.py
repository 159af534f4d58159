"""The measurements run, at sizes that say nothing about speed; what does not depend on speed is what it should be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import langgraph_peer, rerun
from benchmarks.tables import Claim, Scale, Spread, Table, said

QUICK = Scale(rounds=1, quick=True, threads=1)


@pytest.mark.parametrize("part", [part for part in command.PARTS if part != "parallel"])
def test_every_part_measures_something(part: str) -> None:
    for table in command.tables(part, QUICK):
        assert table.rows or table.notes, part
        assert all(len(row) == len(table.heads) for row in table.rows)
        assert Table.read(json.loads(json.dumps(table.record()))).markdown() == table.markdown()
        assert all(claim.holds for claim in table.claims)


def test_parallel_steps_are_measured_without_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    parallel = pytest.importorskip("benchmarks.parallel")
    monkeypatch.setattr(parallel, "has_transformers", lambda: False)
    (table,) = parallel.measure(QUICK)
    assert [row[0] for row in table.rows] == ["vnb", "llama.cpp, a loop", "llama.cpp, a loop that reuses"]
    assert any("transformers is absent" in note for note in table.notes)


def test_a_change_costs_what_it_must_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(langgraph_peer, "is_here", lambda: False)
    (table,) = rerun.measure(QUICK)
    assert [row[1] for row in table.rows] == [0, 4, 1, 2, 1, 2]
    assert any("LangGraph is absent" in note for note in table.notes)


def test_langgraph_runs_the_same_plan(tmp_path: Path) -> None:
    if not langgraph_peer.is_here():
        pytest.skip("pip install -r benchmarks/requirements.txt")
    peer = langgraph_peer.Graph(tmp_path / "a.sqlite")
    first = peer.run("a")
    assert sorted(peer.calls) == sorted(f"s{number}" for number in range(1, 10))
    again = peer.from_before("a", "s5", "Write s5 otherwise")
    assert again["s5"] != first["s5"] and again["s1"] == first["s1"] and again["s9"] != first["s9"]
    peer.close()


def test_spreads_and_claims_say_what_they_are() -> None:
    assert str(Spread.of([1.0])) == "1" and str(Spread.of([3.0, 1.0, 2.0])) == "2 (1.5 to 2.5)"
    assert (said(None), said(1234567), said(0.12345)) == ("–", "1,234,567", "0.123")
    assert "**holds**" in str(Claim("a", 1.02, 1.03)) and "**does not hold**" in str(Claim("a", 1.04, 1.03))


def test_the_command_writes_what_it_found_and_names_no_machine(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    told = [sys.executable, "-m", "benchmarks", "sizes", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(told, cwd=root, capture_output=True, text=True, check=True)
    assert "Runs on disk" in done.stdout
    written = {file.suffix: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    record = json.loads(written[".json"])
    assert record["parts"]["sizes"][0]["rows"] and record["versions"].startswith("vnb ")
    assert record["command"] == "python -m benchmarks sizes --quick"
    assert "Runs on disk" in written[".md"] and str(tmp_path) not in written[".json"] + written[".md"]


def test_a_part_that_fails_is_said_to_have_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = subprocess.CompletedProcess([], 1, "", "ValueError: it went wrong\n")
    monkeypatch.setattr(command, "_apart", lambda part, scale: gone)
    assert command.report(["sizes"], QUICK, None) == 1
    assert "Failed: `ValueError: it went wrong`" in capsys.readouterr().out
