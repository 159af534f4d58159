"""Where runs are kept: one SQLite file, written event by event, and its exchange format."""
