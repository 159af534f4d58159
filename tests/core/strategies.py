"""Hypothesis strategies for the values of `vnb.core`."""

from __future__ import annotations

from hypothesis import strategies as st

from vnb.core import codec
from vnb.core import events as ev
from vnb.core import types as ty

texts = st.text(max_size=12)
floats = st.floats(allow_nan=False, allow_infinity=False, width=32)

st.register_type_strategy(str, texts)
st.register_type_strategy(float, floats)

tokens = st.builds(ty.Token)
bodies = st.one_of([st.builds(body) for body in codec.BODIES.values()])
events = st.builds(ev.Event, run_id=texts, seq=st.integers(1, 10**6), at=floats, body=bodies)
