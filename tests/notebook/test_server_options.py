"""`%vmodel` for a server: what is typed reaches the engine, and the list says what was loaded."""

from __future__ import annotations

import pytest

from vnb.errors import EngineError, UsageError

from ..engines.openai.fake import Fake
from .conftest import Shell


def test_a_server_is_loaded_listed_and_unloaded(shell: Shell) -> None:
    with Fake() as fake:
        found = shell(f"%vmodel {fake.spec} --ctx 800 --max-batch 3 --timeout 20")
        row = next(row for row in found if row.spec == fake.spec)
        assert (row.name, row.context, row.slots, row.loaded, row.default) == ("fake", 800, 3, True, True)
        assert row.engine == f"server at {fake.url.split('/')[2]}, tokens estimated"
        assert fake.spec in repr(found)
        assert all(one.spec != fake.spec for one in shell(f"%vmodel unload {fake.spec}"))


def test_what_is_wrong_is_told_with_what_is_right(shell: Shell) -> None:
    with Fake() as fake:
        with pytest.raises(EngineError, match="it has fake") as caught:
            shell(f"%vmodel {fake.url}#fke")
        assert caught.value.hint == f"%vmodel {fake.spec}"
        for option in ("--threads 2", "--kv q4", "--timeout soon"):
            with pytest.raises(UsageError):
                shell(f"%vmodel {fake.spec} {option}")
        assert len(fake.asked) == 1
