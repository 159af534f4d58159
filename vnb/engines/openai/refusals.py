"""What servers say when they do not answer, as errors with a name and a hint."""

from __future__ import annotations

import email.utils
import json
import re
import time
from typing import TYPE_CHECKING, Any

from ...errors import BudgetError, EngineError, VnbError
from .address import KEYS, Address

if TYPE_CHECKING:
    import httpx

LONGEST_WAIT = 60.0
"""Seconds that one request waits at most, all its retries together."""
FIRST_WAIT = 0.5
"""Seconds before the first retry where the server names none; each further one waits twice as long."""
BUSY = (429, 503)
_WORDS = 300
_TOO_LONG = re.compile(
    r"context.?(length|size|window)|maximum context|exceed_context|prompt is too long", re.IGNORECASE
)


def pause(response: httpx.Response, tries: int, waited: float) -> float | None:
    """Seconds to wait before a request is sent again; `None` if that is no use, or would take too long."""
    if response.status_code not in BUSY:
        return None
    seconds = _retry_after(response.headers.get("Retry-After", ""))
    if seconds is None:
        seconds = FIRST_WAIT * 2**tries
    return seconds if waited + seconds <= LONGEST_WAIT and tries < 20 else None


def _retry_after(said: str) -> float | None:
    """Seconds that a `Retry-After` header names, which may be a date."""
    if re.fullmatch(r"\d+(\.\d+)?", said.strip()):
        return float(said)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


class Refused(EngineError):
    """A server answered with another status than 200.

    Attributes:
        status: The HTTP status.
        said: The server's own words, shortened, without the key.
        param: The field of the request that it names.
    """

    def __init__(self, response: httpx.Response, content: bytes, address: Address, key: str) -> None:
        self.status = response.status_code
        said, self.param = _words(content)
        self.said = _clean(said, key)
        message, hint = _explained(self.status, self.said, address, bool(key), response.headers)
        super().__init__(message, hint)

    def named(self, context: int) -> VnbError:
        """The error to raise for it: a `BudgetError` if the prompt was too long."""
        if self.status in (400, 413, 422) and _TOO_LONG.search(self.said):
            return BudgetError(
                f"The prompt and max_tokens do not fit the server's context: {self.said}",
                f"Lower max_tokens or --budget, or load it with less than --ctx {context}.",
            )
        return self


def _explained(status: int, said: str, address: Address, with_key: bool, headers: httpx.Headers) -> tuple[str, str]:
    base, words = address.base, f": {said}" if said else "."
    if status in (401, 403) and not with_key:
        return f"{base} wants a key (HTTP {status}){words}", f"{KEYS}    or: keyring set vnb {address.host}"
    if status in (401, 403):
        return f"{base} does not take this key (HTTP {status}){words}", f"Another key: {KEYS}"
    if 300 <= status < 400:
        target = re.split(r"[?#]", headers.get("Location", ""))[0]
        return f"{base} sends to another address, {target or 'which it does not name'}; that is not followed.", (
            f"If you trust it: %vmodel {target.removesuffix('/models').removesuffix('/chat/completions')}#{address.model}"
        )
    if status == 404:
        return f"{base} has no model {address.model or 'of that name'}, or nothing at this address{words}", (
            f"%vmodel {address.spec.partition('#')[0]}    names what it has"
        )
    seconds = _retry_after(headers.get("Retry-After", ""))
    later = f"Try again in {seconds:,.0f} seconds" if seconds else "Try again later"
    if status == 429:
        return f"{base} takes no more requests for now (HTTP 429){words}", f"{later}, or lower --max-batch."
    if status == 503:
        return f"{base} is not ready (HTTP 503){words}", f"{later}; it may still be loading its model."
    if status >= 500:
        return f"{base} failed (HTTP {status}){words}", "Its own log says more; then try again."
    if re.search(r"image|multimodal|vision", said, re.IGNORECASE):
        return f"{base} takes no images with {address.model} (HTTP {status}){words}", "Leave out --image."
    return f"{base} refused the request (HTTP {status}){words}", "Change what it names, or use another server."


def failure(error: Any, address: Address, key: str) -> EngineError | BudgetError:
    """An error that came within a stream."""
    said = _clean(_words(json.dumps({"error": error}).encode())[0], key)
    if _TOO_LONG.search(said):
        return BudgetError(f"The prompt does not fit the server's context: {said}", "Lower --budget or --max-tokens.")
    return EngineError(f"{address.base} failed while it answered: {said}", "Its own log says more.")


def unreachable(address: Address, error: Exception, patience: float) -> EngineError:
    """An error of the connection itself."""
    kind, words = type(error).__name__, _clean(str(error), "")
    again = f"Is it running? Then again: %vmodel {address.spec}"
    if kind == "ConnectTimeout":
        return EngineError(f"Nothing answers at {address.base}.", again)
    if kind == "ReadTimeout":
        return EngineError(
            f"{address.base} said nothing for {patience:g} seconds.",
            f"If it is only slow: %vmodel {address.spec} --timeout {max(1, round(patience * 4))}",
        )
    if kind in ("ReadError", "RemoteProtocolError"):
        return EngineError(f"{address.base} cut the connection ({words or kind}).", "Its own log says why.")
    if "CERTIFICATE" in words:
        return EngineError(f"{address.base} cannot be trusted: {words}", "SSL_CERT_FILE=ca.pem, before Python starts")
    return EngineError(f"{address.base} cannot be reached: {words or kind}.", again)


def _words(content: bytes) -> tuple[str, str]:
    """A server's words, and the field that it names, in whichever form it says them."""
    text = content[:100_000].decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except ValueError:
        return re.sub(r"<[^>]*>", " ", text), ""
    found = answer.get("error", answer) if isinstance(answer, dict) else answer
    if not isinstance(found, dict):
        return str(found), ""
    detail = found.get("detail")
    if isinstance(detail, list):  # FastAPI's
        parts = [one for one in detail if isinstance(one, dict)]
        named = [str(place) for one in parts for place in one.get("loc", ())[-1:]]
        return "; ".join(f"{'.'.join(map(str, one.get('loc', ())))}: {one.get('msg')}" for one in parts), (
            named or [""]
        )[0]
    words = [str(one) for one in (found.get("message"), detail, found.get("code"), found.get("type")) if one]
    return ", ".join(words) or text, str(found.get("param") or "")


def _clean(said: str, key: str) -> str:
    if key:
        said = said.replace(key, "…")
    words = " ".join("".join(char if char.isprintable() else " " for char in said).split())
    return words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"
