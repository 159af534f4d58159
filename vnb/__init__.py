"""vnb: hand a complex task to a local language model, and see and control how it is carried."""

__version__ = "0.1.0"
