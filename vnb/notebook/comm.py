"""Where JupyterLab's panels connect: the comm target `vnb`, which the page opens and the kernel answers.

The page opens it, not the cell, so that ipykernel (7 and newer) serves it beside a cell that still runs.
"""

from __future__ import annotations

import contextvars
import threading
from typing import Any

from ..api.runtime import runtime
from .channel import Channel, Message
from .run_panel import RunPanel
from .store_commands import StorePanel

TARGET = "vnb"

_open: set[Channel] = set()
"""The lines to pages. One that was reloaded does not close its own: whoever comes next looks after the others."""


def register(ip: Any) -> None:
    """Lets pages connect, if the shell belongs to a kernel."""
    kernel = getattr(ip, "kernel", None)
    if kernel is not None:
        kernel.comm_manager.register_target(TARGET, _opened)


def unregister(ip: Any) -> None:
    """Takes that back."""
    kernel = getattr(ip, "kernel", None)
    if kernel is not None and TARGET in kernel.comm_manager.targets:
        kernel.comm_manager.unregister_target(TARGET, _opened)


def _opened(comm: Any, message: dict[str, Any]) -> None:
    """A page has connected: for one run, if it says which."""
    for other in tuple(_open):
        other.let_go()
    context = contextvars.copy_context()  # whose messages ipykernel takes for answers to this page

    def send(said: Message) -> None:
        context.copy().run(comm.send, said)

    def closed(_: object = None) -> None:
        _open.discard(channel)
        channel.close()

    def close() -> None:
        closed()
        context.copy().run(comm.close)

    prompt = threading.current_thread() is not threading.main_thread()  # a shell of the kernel beside the cells'
    channel = Channel(send, close, prompt)
    _open.add(channel)
    run_id = message["content"]["data"].get("run")
    channel.about(StorePanel() if run_id is None else RunPanel(runtime(), run_id, channel))
    comm.on_msg(lambda said: channel.hear(said["content"]["data"]))
    comm.on_close(closed)
