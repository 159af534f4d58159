import json

import pytest
from hypothesis import HealthCheck, given, settings

from vnb.core import codec
from vnb.core import events as ev
from vnb.core.types import Alternative, Json, Options, Step, Task, Token
from vnb.errors import CodecError

from .strategies import events


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(events)
def test_every_event_survives_json(event: ev.Event) -> None:
    text = json.dumps(codec.encode_event(event))
    assert codec.decode_event(json.loads(text)) == event


def test_defaults_are_left_out_and_tokens_are_arrays() -> None:
    body = ev.StepDecoded("s1", 1, (Token(7, "a", 0.5), Token(8, "b", 0.6, -0.1, (Alternative(8, "b", -0.1),))))
    written = codec.encode_event(ev.Event("r", 3, 1.0, body))
    assert written["tokens"] == [[7, "a", 0.5], [8, "b", 0.6, -0.1, [[8, "b", -0.1]]]]
    assert codec.encode(Step("s1", "do it")) == {"id": "s1", "instruction": "do it"}
    assert codec.encode(Task("t", "x", options=Options())) == {"id": "t", "text": "x"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "must be a JSON object"),
        ({"run_id": "r", "seq": 1, "at": 0.0}, "has no 'type'"),
        ({"run_id": "r", "seq": 1, "at": 0.0, "type": "StepTeleported"}, "Unknown event type"),
        ({"run_id": "r", "seq": 1, "at": 0.0, "type": "StepQueued", "step": "s1"}, "has no 'attempt'"),
        ({"run_id": "r", "seq": 1, "at": 0.0, "type": "StepQueued", "step": 4, "attempt": 1}, "Expected str"),
        ({"run_id": "r", "seq": True, "at": 0.0, "type": "StepQueued", "step": "s1", "attempt": 1}, "Expected int"),
        (
            {"run_id": "r", "seq": 1, "at": 0.0, "type": "StepQueued", "step": "s1", "attempt": 1, "mood": "good"},
            "no field 'mood'",
        ),
        ({"run_id": "r", "seq": 1, "at": 0.0, "type": "RunFinished", "status": "bored"}, "Expected one of"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(data: Json, said: str) -> None:
    with pytest.raises(CodecError, match=said):
        codec.decode_event(data)
