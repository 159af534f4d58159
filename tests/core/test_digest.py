import os
import subprocess
import sys

from vnb.core.digest import canonical, digest, seed_for
from vnb.core.types import Json

VALUE: Json = {"b": [1, 2.5, None, True], "a": "é中‮\U0001f600", "nested": {"z": 1e-7, "y": -0.0}}
PINNED = "031f924ac367b4e11881511986bfca47"


def test_digest_is_the_same_in_every_process_and_version() -> None:
    assert digest(VALUE) == PINNED
    code = f"from vnb.core.digest import digest; print(digest({VALUE!r}))"
    for seed in ("0", "1"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == PINNED


def test_order_of_keys_does_not_matter_and_values_do() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    values: list[Json] = [{"a": 1}, {"a": "1"}, {"a": [1]}, {"a": None}, {"a": True}]
    assert len(set(map(digest, values))) == 5
    assert canonical({"b": 1, "a": [1, "x"]}) == '{"a":[1,"x"],"b":1}'


def test_seeds_differ_by_run_step_and_attempt() -> None:
    seeds = {seed_for(run, step, attempt) for run in (0, 1) for step in ("s1", "s2") for attempt in (1, 2)}
    assert len(seeds) == 8
    assert all(0 <= seed < 2**31 for seed in seeds)
