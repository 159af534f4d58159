"""Runs Python that a language model wrote: without files, network or processes, within limits (package `pydantic-monty`)."""

from .execution import Execution, Limits
from .program import variable_name
from .run import execute
from .source import source_of

__all__ = ["Execution", "Limits", "execute", "source_of", "variable_name"]
