"""Whether planning helps a real model: the same tasks planned, asked directly, and asked in one raw chat message."""
