"""Engines: loaded models that answer several requests at once."""
