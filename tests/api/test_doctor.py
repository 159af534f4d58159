"""What the doctor finds, on this machine and on machines where something is amiss."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import vnb
from vnb.api import doctor as doctor_module
from vnb.api import doctor_engines, doctor_jupyter
from vnb.api.doctor import doctor
from vnb.api.findings import Finding, Report, apart, looked_at
from vnb.engines.exllamav2.preflight import GB, Gpu, Machine
from vnb.store.store import Store

GOOD = Machine(
    exllamav2="0.3.2",
    torch="2.11.0+cu130",
    cuda="13.0",
    gpus=(Gpu("H100", 9, 80 * GB, 78 * GB),),
    extension=True,
    flash_attn="2.8.3",
)


def only(findings: Iterable[Finding]) -> Finding:
    (one,) = findings
    return one


def test_this_machine(tmp_path: Path) -> None:
    before = set(sys.modules)
    report = doctor(tmp_path / "home" / "runs.sqlite")
    names = "Python Jupyter Kernel Extension llama.cpp vnb-tiny GPU ExLlamaV2 Servers Store Memory Disk"
    assert [one.about for one in report.findings] == names.split()
    for about in ("Python", "Jupyter", "Kernel", "llama.cpp", "vnb-tiny"):
        assert report[about].status == "ok", report[about]
    assert "xllamacpp" in report["llama.cpp"].text and "threads" in report["llama.cpp"].text
    assert not (tmp_path / "home").exists(), "looking makes no store"
    assert not {"torch", "exllamav2", "jupyterlab"} & (set(sys.modules) - before)


def test_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_engines, "version", {"httpx": "0.28.1"}.get)
    found = only(doctor_engines.servers())
    assert (found.status, found.mend) == ("ok", "") and "httpx 0.28.1" in found.text
    monkeypatch.setattr(doctor_engines, "version", {}.get)
    found = only(doctor_engines.servers())
    assert (found.status, found.mend) == ("ok", 'pip install "vnb[openai]"')


def test_what_is_amiss_comes_with_what_mends_it() -> None:
    report = Report((Finding("A", "ok", "fine"), Finding("B", "fail", "<gone> \x1b[31m" + "x " * 90, "pip install b")))
    assert not report.ok and Report(report.findings[:1]).ok
    with pytest.raises(KeyError):
        report["C"]
    said = repr(report)
    assert "1 ok, 0 warn, 1 fail" in said and "→ pip install b" in said and "\x1b" not in said
    assert all(len(line) <= 110 for line in said.splitlines())
    html = report._repr_html_()
    assert "&lt;gone&gt;" in html and "<gone>" not in html and "<code>pip install b</code>" in html


def test_a_check_that_fails_is_a_finding() -> None:
    def broken() -> Iterable[Finding]:
        yield Finding("x", "ok", "")
        raise RuntimeError("no idea")

    assert looked_at("x", broken) == (Finding("x", "warn", "could not be looked at: RuntimeError: no idea"),)


def test_another_process_answers_dies_or_takes_too_long() -> None:
    assert apart("import vnb.errors, json; print('noise'); print(json.dumps([1]))", 60) == [1]
    with pytest.raises(ChildProcessError, match="boom"):
        apart("raise SystemExit('boom')", 60)
    with pytest.raises(TimeoutError):
        apart("import threading; threading.Event().wait()", 0.5)


# ---------------------------------------------------------------- Jupyter

ALL = {"jupyterlab": "4.6.6", "notebook": "", "ipykernel": "7.4.0", "anywidget": "0.11.0", "ipywidgets": "8.1.9"}


@pytest.mark.parametrize(
    ("has", "about", "status", "mend"),
    [
        ({}, "Jupyter", "ok", ""),
        ({"jupyterlab": "", "notebook": "7.4.1"}, "Jupyter", "ok", ""),
        ({"jupyterlab": "4.3.9"}, "Jupyter", "warn", "jupyterlab>=4.4"),
        ({"jupyterlab": "5.0.0"}, "Jupyter", "warn", "jupyterlab>=4.4"),
        ({"jupyterlab": "", "notebook": "6.5.7"}, "Jupyter", "warn", "jupyterlab>=4.4"),
        ({"jupyterlab": ""}, "Jupyter", "warn", "pip install"),
        ({}, "Kernel", "ok", ""),
        ({"ipykernel": "6.30.1"}, "Kernel", "warn", "ipykernel>=7"),
        ({"anywidget": ""}, "Kernel", "fail", "vnb"),
    ],
)
def test_jupyters_pieces(
    has: dict[str, str], about: str, status: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_jupyter, "version", {**ALL, **has}.__getitem__)
    found = {one.about: one for one in doctor_jupyter.pieces()}[about]
    assert found.status == status and mend in found.mend and bool(found.mend) == (status != "ok")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, object], None]:
    """Installs an extension of some version, with a page configuration, where JupyterLab looks first."""
    for variable in ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")

    def install(version: str, disabled: object) -> None:
        folder = tmp_path / "jupyter_path" / "labextensions" / "vnb-labextension"
        folder.mkdir(parents=True)
        told = {"name": "vnb-labextension", "version": version, "jupyterlab": {"_build": {"load": "x.js"}}}
        (folder / "package.json").write_text(json.dumps(told))
        config = tmp_path / "jupyter_config_dir" / "labconfig"
        config.mkdir(parents=True)
        (config / "page_config.json").write_text(json.dumps({"disabledExtensions": disabled}))

    return install


@pytest.mark.parametrize(
    ("disabled", "enabled"),
    [
        ({}, True),
        ({"vnb-labextension": True}, False),
        ({"vnb-labextension": False, "other": True}, True),
        ({"vnb-.*": True}, False),
        (["vnb-labextension"], False),
    ],
)
def test_the_extension_is_judged_as_jupyterlab_does(lab: Any, disabled: object, enabled: bool) -> None:
    lab(vnb.__version__, disabled)
    found = only(doctor_jupyter.labextension())
    assert (found.status == "ok") == enabled and ("labextension enable" in found.mend) != enabled
    if isinstance(disabled, dict):  # lists are of older releases; this one fails on them
        listed = [sys.executable, "-m", "jupyter", "labextension", "list"]
        said = subprocess.run(listed, capture_output=True, text=True, check=True)
        (line,) = [line for line in (said.stdout + said.stderr).splitlines() if "vnb-labextension v" in line]
        assert ("enabled" in line) == enabled


def test_an_extension_of_another_vnb_or_half_switched_off_is_named(lab: Any) -> None:
    lab("0.0.1", {})
    found = only(doctor_jupyter.labextension())
    assert found.status == "warn" and "0.0.1" in found.text and vnb.__version__ in found.text
    config = Path(os.environ["JUPYTER_CONFIG_DIR"], "labconfig", "page_config.json")
    config.write_text('{"disabledExtensions": {"vnb-labextension:renderer": true}}')
    found = only(doctor_jupyter.labextension())
    assert found.status == "warn" and "enable vnb-labextension:renderer" in found.mend


def test_no_extension_where_jupyterlab_looks(lab: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    assert only(doctor_jupyter.labextension()).status == "warn"


# ---------------------------------------------------------------- engines


def test_a_library_that_needs_other_instructions_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_engines, "apart", lambda *_: {"features": "CPU : AVX = 1 | AVX2 = 1 | OPENMP = 1 | "})
    monkeypatch.setattr(doctor_engines, "_cpu_flags", lambda: {"avx", "sse"})
    found = only(doctor_engines.llamacpp())
    assert found.status == "fail" and "AVX2" in found.text and "AVX," not in found.text
    monkeypatch.setattr(doctor_engines, "_cpu_flags", set)
    assert only(doctor_engines.llamacpp()).status == "ok", "where the system does not tell, loading it decides"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_library_that_kills_its_process_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_engines, "_IMPORT", f"import os; os.kill(os.getpid(), {int(signal.SIGILL)})")
    found = only(doctor_engines.llamacpp())
    assert found.status == "fail" and "lacks instructions" in found.text and found.mend


def test_the_engines_own_words_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_engines, "apart", lambda *_: {"error": "no libgomp", "hint": "apt-get install libgomp1"})
    assert only(doctor_engines.llamacpp()) == Finding("llama.cpp", "fail", "no libgomp", "apt-get install libgomp1")
    monkeypatch.setattr(doctor_engines, "version", lambda _: "")
    assert only(doctor_engines.llamacpp()).status == "fail"
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setattr("sys.platform", "linux")
    found = only(doctor_engines.llamacpp())
    assert found.status == "warn" and "riscv64" in found.text


def test_a_damaged_model_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF?")
    monkeypatch.setattr("vnb.models.TINY", tmp_path / "tiny.gguf")
    found = only(looked_at("vnb-tiny", doctor_engines.embedded_model))
    assert found.status == "fail" and "damaged" in found.text and "reinstall" in found.mend


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script in the place of a program")
@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        (None, "ok", "no NVIDIA driver"),
        ("exit 9", "warn", "finds no GPU"),
        ("echo 'NVIDIA H100, 580.65, 81559, 81000'", "ok", "NVIDIA H100, driver 580.65, 79.1 of 79.6 GB free"),
        ("echo 'NVIDIA H100, 580.65, [N/A], [N/A]'", "warn", "finds no GPU"),
    ],
)
def test_the_driver(
    script: str | None, status: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if script:
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
    found = only(doctor_engines.driver())
    assert found.status == status and said in found.text


@pytest.mark.parametrize(
    ("change", "status", "said", "mend"),
    [
        ({}, "ok", "attention: flash-attn 2.8.3; H100 (78.0 GB free)", ""),
        ({"flash_attn": ""}, "ok", "sdpa", "flash-attn"),
        ({"cuda": "", "gpus": ()}, "warn", "without CUDA", "whl/cu"),
        ({"extension": False, "nvcc": True, "compiler": True, "lock": Path("/c/lock")}, "warn", "under way", "rm"),
    ],
)
def test_exllamav2_is_judged_as_its_engine_does(
    change: dict[str, Any], status: str, said: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(json.dumps(dataclasses.asdict(dataclasses.replace(GOOD, **change)), default=str))
    monkeypatch.setattr(doctor_engines, "apart", lambda *_: told)
    monkeypatch.setattr(doctor_engines, "version", lambda _: "1")
    found = only(doctor_engines.exllamav2())
    assert found.status == status and said in found.text and mend in found.mend and bool(mend) == bool(found.mend)


def test_a_gpu_that_nothing_uses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_engines, "version", lambda _: "")
    monkeypatch.setattr(doctor_engines, "nvidia", lambda: ["H100"])
    assert "vnb[exllamav2]" in only(doctor_engines.exllamav2()).mend


# ---------------------------------------------------------------- what is left


def test_the_store(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    Store(path).close()
    assert "0 runs" in only(doctor_module.stored(path)).text
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = only(doctor_module.stored(path))
        other.execute("ROLLBACK")
    assert found.status == "warn" and "locked" in found.text and "VNB_HOME" in found.mend
    path.write_bytes(b"no database" * 100)
    found = only(doctor_module.stored(path))
    assert found.status == "fail" and "is not a vnb store" in found.text and found.mend


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = only(doctor_module.stored(tmp_path / "file" / "runs.sqlite"))
    assert found.status == "fail" and "VNB_HOME" in found.mend


@pytest.mark.parametrize(("free", "status"), [(8e9, "ok"), (5e8, "warn"), (1e6, "fail")])
def test_room_on_disk(free: float, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert only(doctor_module.disk(tmp_path / "deep" / "runs.sqlite")).status == status


def test_a_containers_memory_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor_module, "_cgroup", lambda *names: {"memory.max": 10**9, "memory.current": 3 * 10**8}[names[0]]
    )
    found = only(doctor_module.memory())
    assert found.status == "warn" and found.text.startswith("0.7 of 1.0 GB free")
    monkeypatch.setattr(doctor_module, "_cgroup", lambda *_: None)
    assert float(only(doctor_module.memory()).text.split()[2]) > 1


# ---------------------------------------------------------------- the command


def test_the_command_says_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from vnb.__main__ import main

    monkeypatch.setenv("VNB_HOME", str(tmp_path / "home"))
    assert main(["doctor"]) == 0
    assert "vnb-tiny" in capsys.readouterr().out
    (tmp_path / "home").write_text("a file")
    assert main(["doctor"]) == 1
    assert "fail  Store" in capsys.readouterr().out


def test_other_words_are_answered(capsys: pytest.CaptureFixture[str]) -> None:
    from vnb.__main__ import main

    assert main([]) == main(["help"]) == main(["--help"]) == 0
    assert "vnb doctor" in capsys.readouterr().out
    assert main(["docter"]) == 2
    assert "docter" in capsys.readouterr().err
    said = subprocess.run([sys.executable, "-m", "vnb", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == f"vnb {vnb.__version__}"
