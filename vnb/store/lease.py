"""One writer for a run at a time. The lease of a process that died is recognised as dead and may be taken over."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path
from types import TracebackType

from ..errors import StoreError
from .database import Database

BEAT = 30.0
"""Seconds after which a writer renews its lease, at the next event that it appends."""
FOREIGN = 600.0
"""Seconds without a beat after which the lease of another machine, whose processes can't be seen, counts as dead."""


class Lease:
    """The right to write one run; given back by `release`, by the end of a `with`, or by the death of the process."""

    def __init__(self, database: Database, run_id: str, token: str) -> None:
        self.run_id = run_id
        self._database = database
        self._token = token

    def release(self) -> None:
        """Gives the lease back; a second call does nothing."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM leases WHERE run_id = ? AND token = ?", (self.run_id, self._token))

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def take(database: Database, run_id: str) -> Lease:
    """The lease of `run_id`.

    Raises:
        StoreError: A living process has it; the message names it.
    """
    token, pid = uuid.uuid4().hex, os.getpid()
    with database.writing() as connection:
        holder = living_holder(connection, run_id)
        if holder is not None:
            whose = "by this kernel" if holder == (pid, platform.node()) else f"by process {holder[0]} on {holder[1]}"
            raise StoreError(
                f"The run {run_id} is being written {whose}.",
                f"Wait until it ends or interrupt it there, or work on a copy: %vfork {run_id} NAME",
            )
        connection.execute(
            "INSERT OR REPLACE INTO leases (run_id, token, host, pid, started, beat) VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, token, platform.node(), pid, started(pid), time.time()),
        )
    return Lease(database, run_id, token)


def living_holder(connection: sqlite3.Connection, run_id: str) -> tuple[int, str] | None:
    """(pid, host) of the living process that has the lease of `run_id`."""
    row = connection.execute("SELECT pid, host, started, beat FROM leases WHERE run_id = ?", (run_id,)).fetchone()
    if row is None:
        return None
    pid, host, since, beat = row
    alive = started(pid) == since if host == platform.node() else time.time() - beat < FOREIGN
    return (pid, host) if alive else None


def beat(connection: sqlite3.Connection, run_id: str) -> None:
    """Renews the lease of `run_id` if that is due."""
    now = time.time()
    connection.execute("UPDATE leases SET beat = ? WHERE run_id = ? AND beat < ?", (now, run_id, now - BEAT))


def started(pid: int) -> str:
    """When the process `pid` of this machine was started, in words of the system; empty if it does not live."""
    if sys.platform == "linux":
        try:
            after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except (OSError, ValueError):
            return ""
        return "" if after_name[0] in "ZX" else f"{boot} {after_name[19]}"
    if sys.platform == "win32":
        return _started_on_windows(pid)
    said = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    status, _, when = said.stdout.strip().partition(" ")
    return "" if status.startswith("Z") else when.strip()


def _started_on_windows(pid: int) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = wintypes.HANDLE
    handle = wintypes.HANDLE(kernel.OpenProcess(0x1000, False, pid))  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return ""
    try:
        code, times = wintypes.DWORD(), [wintypes.FILETIME() for _ in range(4)]
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.GetProcessTimes(handle, *map(ctypes.byref, times))
        running = code.value == 259  # STILL_ACTIVE
        return f"{times[0].dwHighDateTime} {times[0].dwLowDateTime}" if running else ""
    finally:
        kernel.CloseHandle(handle)
