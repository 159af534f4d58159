"""Events from an engine's thread: whole, in order, to their end, and looked at together."""

from __future__ import annotations

import asyncio
import threading

import pytest

from vnb.engines.stream import Beat, Cancel, Hear, Stream, rest


def test_a_stream_gives_everything_in_order_to_its_end() -> None:
    def tell(hear: Hear[int]) -> None:
        for number in range(1000):
            hear(0.0, number)
        hear(0.0, None)

    def begin(hear: Hear[int]) -> Cancel:
        threading.Thread(target=tell, args=(hear,)).start()
        return lambda: None

    async def events(stream: Stream[int]) -> list[int | None]:
        return [event async for batch in stream.batches() for _, event in batch]

    async def read() -> tuple[list[int | None], int]:
        beat = Beat()
        streams = [Stream[int](begin, beat) for _ in range(8)]
        assert beat.requests == 8
        heard = await asyncio.gather(*map(events, streams))
        assert all(one == heard[0] for one in heard)
        return heard[0], beat.requests

    heard, left = asyncio.run(read())
    assert heard == [*range(1000), None]
    assert left == 0


def test_all_requests_are_looked_at_together_and_many_of_them_less_often() -> None:
    beat = Beat()
    for requests, seconds in ((1, 0.05), (3, 0.05), (4, 0.1), (8, 0.2), (100, 0.2)):
        beat.requests = requests
        assert rest(requests) == pytest.approx(seconds)
        first, second = beat.after(10.01), beat.after(10.04)
        assert first == second > 10.04  # two requests that look at different times meet
        assert first <= 10.04 + seconds


def test_a_call_that_cannot_begin_is_not_counted() -> None:
    def refuse(hear: Hear[int]) -> Cancel:
        raise RuntimeError("closed")

    async def begin(beat: Beat) -> None:
        with pytest.raises(RuntimeError, match="closed"):
            Stream[int](refuse, beat)

    beat = Beat()
    asyncio.run(begin(beat))
    assert beat.requests == 0
