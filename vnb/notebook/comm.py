"""The comm `vnb`, which a front end opens to ask of the store."""

from __future__ import annotations

from typing import Any

from ..errors import VnbError
from .store_commands import answer

TARGET = "vnb"


def register(ip: Any) -> None:
    """Takes comms of this kernel; in a shell without a kernel does nothing."""
    kernel = getattr(ip, "kernel", None)
    if kernel is not None:
        kernel.comm_manager.register_target(TARGET, _opened)


def unregister(ip: Any) -> None:
    """Takes no more."""
    kernel = getattr(ip, "kernel", None)
    if kernel is not None:
        kernel.comm_manager.targets.pop(TARGET, None)


def _opened(comm: Any, _: Any) -> None:
    def heard(message: Any) -> None:
        args = dict(message["content"]["data"])
        said = {"type": "answer", "id": args.pop("id"), "ok": True, "error": "", "hint": "", "value": None}
        try:
            said["value"] = answer(args.pop("name"), args)
        except VnbError as error:
            said |= {"ok": False, "error": error.message, "hint": error.hint}
        comm.send(said)

    comm.on_msg(heard)
