"""Which request goes next in the ExLlamaV2 engine."""

from __future__ import annotations

import random

from vnb.core.types import Admission
from vnb.engines.exllamav2.queueing import PAGE, PATIENCE, Line, Place, page_keys, pages_for


def place(ids: list[int], new: int = 1) -> Place:
    return Place(page_keys(ids), pages_for(len(ids) + new))


def line(slots: int, pages: int, *waiting: Place) -> Line:
    return Line(slots, pages, list(waiting))


def test_pages_are_counted_up() -> None:
    assert [pages_for(n) for n in (1, PAGE, PAGE + 1, 3 * PAGE)] == [1, 1, 2, 3]


def test_keys_are_those_of_full_pages_before_the_last_token() -> None:
    assert page_keys(list(range(PAGE))) == ()
    one, two = page_keys(list(range(PAGE + 1))), page_keys(list(range(2 * PAGE + 1)))
    assert len(one) == 1 and two[:1] == one
    assert page_keys([7, *range(1, PAGE + 1)]) != one
    assert page_keys([7, *range(1, 2 * PAGE + 1)])[1] != two[1]  # chained: the same page behind another prefix


def test_who_shares_pages_goes_first_and_takes_fewer() -> None:
    head = list(range(2 * PAGE))
    a, other, b = place([*head, 1]), place([9] * (2 * PAGE + 1)), place([*head, 2])
    queue = line(2, 8, a, other, b)
    assert queue.next_up() is a
    assert queue.free_pages() == 5
    assert queue.next_up() is b
    assert queue.free_pages() == 4
    assert queue.next_up() is None and queue.waiting == [other] and other.passed == 1
    assert a.admission == Admission(a.number, 3)
    assert b.admission == Admission(b.number, 3, 2, (a.number,), (other.number,))
    queue.leave(a)
    assert queue.free_pages() == 5  # the head is still b's
    queue.leave(b)
    assert queue.free_pages() == 8


def test_nobody_is_passed_for_ever() -> None:
    big = place([1] * (7 * PAGE))
    queue = line(4, 8, place([2] * 10), big, *(place([3 + i] * 10) for i in range(20)))
    started = []
    first = queue.next_up()
    assert first is not None
    while big in queue.waiting:
        went = queue.next_up()
        if went is None:  # nothing goes before it any more: one has to leave
            queue.leave(queue.running[0])
        elif went is not big:
            started.append(went)
    assert len(started) == PATIENCE


def test_the_sums_hold_whatever_comes_and_goes() -> None:
    chance = random.Random(3)
    heads = [[h] * (PAGE * chance.randint(0, 3)) for h in range(4)]
    queue = Line(5, 12)
    for step in range(2000):
        if chance.random() < 0.5:
            queue.waiting.append(place([*chance.choice(heads), step], chance.randint(1, 600)))
        queue.next_up()
        if chance.random() < 0.4 and queue.waiting + queue.running:
            queue.leave(chance.choice(queue.waiting + queue.running))
        held = {key for p in queue.running for key in p.keys}
        used = len(held) + sum(p.pages - len(p.keys) for p in queue.running)
        assert queue.free_pages() == 12 - used >= 0 and len(queue.running) <= 5
        while len(queue.waiting) > 6:
            queue.leave(queue.waiting[0])
    while queue.running:
        queue.leave(queue.running[0])
    assert queue.free_pages() == 12


def test_what_was_waited_for_is_told() -> None:
    first, big, small = place([1] * (4 * PAGE)), place([2] * (5 * PAGE)), place([3])
    queue = line(2, 8, first, big)
    assert queue.next_up() is first and queue.next_up() is None
    assert [one.waits for one in queue.waiting] == ["pages"]
    queue.waiting.append(small)
    assert queue.next_up() is small and small.admission == Admission(small.number, 1, passed=(big.number,))
    assert queue.next_up() is None and [one.waits for one in queue.waiting] == ["slot"]
    queue.leave(first)
    assert queue.next_up() is big and big.admission == Admission(big.number, 6, waited="slot")
