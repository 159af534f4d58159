"""The connection to one server: nothing else is ever connected to.

Redirects are not followed. Proxies, `.netrc` and whatever else the environment says for all programs are left aside; a proxy is
used if `VNB_PROXY` names one. A server is sent the user's key once it has asked for one, which is when it answers 401 or 403.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from ...errors import BudgetError, EngineError
from .address import Address
from .keys import find_key
from .refusals import Refused, failure, pause, unreachable

if TYPE_CHECKING:
    import httpx

CONNECT = 10.0
"""Seconds to wait for a connection."""
ASK = 30.0
"""Seconds to wait for what a server answers at once, such as a count of tokens."""
LONGEST = 16 << 20
"""Bytes of an answer in one piece."""


def import_httpx() -> Any:
    """Imports the library.

    Raises:
        EngineError: It is not installed.
    """
    try:
        import httpx
    except ImportError:
        raise EngineError(
            "Servers are spoken to by httpx, which is not installed.", "pip install 'vnb[openai]'"
        ) from None
    return httpx


class Wire:
    """Requests to the server at `address`.

    Args:
        patience: Seconds that a stream may stay silent.
    """

    def __init__(self, address: Address, patience: float) -> None:
        self._httpx: Any = import_httpx()
        self.address, self.patience = address, patience
        self._key = ""
        try:
            options: dict[str, Any] = {
                "trust_env": False,
                "follow_redirects": False,
                "verify": _trusted() if address.base.startswith("https:") else False,  # without TLS it is not asked
                "proxy": os.environ.get("VNB_PROXY") or None,
                "headers": {"Accept-Encoding": "identity", "User-Agent": "vnb"},
                "limits": self._httpx.Limits(max_connections=None),
            }
            self._streams = self._httpx.AsyncClient(
                timeout=self._httpx.Timeout(patience, connect=CONNECT, pool=None), **options
            )
            self._blocking = self._httpx.Client(timeout=self._httpx.Timeout(ASK, connect=CONNECT), **options)
        except ValueError as error:
            raise EngineError(f"VNB_PROXY is no address of a proxy: {error}", "VNB_PROXY=http://host:3128") from None

    async def get(self, url: str) -> Any:
        """The JSON that lies at `url`.

        Raises:
            Refused: The server says why not.
            EngineError: No answer, or none in JSON.
        """
        async with self._sent("GET", url, None) as response:
            return self._json(await self.body(response), url)

    @contextlib.asynccontextmanager
    async def stream(self, url: str, body: dict[str, Any]) -> AsyncGenerator[httpx.Response, None]:
        """Posts a body; the answer can be read while the block lasts, and is cut off at its end.

        Raises:
            Refused: The server says why not.
            EngineError: No answer.
        """
        async with self._sent("POST", url, body) as response:
            yield response

    def ask(self, url: str, body: dict[str, Any]) -> Any:
        """Posts a body and waits for the JSON, in this thread: for what a server answers at once.

        Raises:
            Refused: The server says why not.
            EngineError: No answer, or none in JSON.
        """
        while True:
            try:
                response = self._blocking.post(url, content=json.dumps(body), headers=self._headers())
            except (self._httpx.RequestError, self._httpx.InvalidURL) as error:
                raise unreachable(self.address, error, ASK) from None
            if response.status_code in (401, 403) and self._found_key(find_key(self.address.host)):
                continue
            if response.status_code != 200:
                raise Refused(response, response.content, self.address, self._key)
            return self._json(response.content, url)

    def failure(self, error: Any) -> EngineError | BudgetError:
        """The server's own error in the midst of a stream, named."""
        return failure(error, self.address, self._key)

    async def close(self) -> None:
        """Ends all connections. Twice is fine."""
        await self._streams.aclose()
        self._blocking.close()

    @contextlib.asynccontextmanager
    async def _sent(self, method: str, url: str, body: dict[str, Any] | None) -> AsyncGenerator[httpx.Response, None]:
        """Sends until the server neither asks for the key nor for patience; its answer, if that is a good one."""
        tries, waited = 0, 0.0
        content = None if body is None else json.dumps(body)
        while True:
            try:
                request = self._streams.build_request(method, url, content=content, headers=self._headers())
                response = await self._streams.send(request, stream=True)
                async with contextlib.aclosing(response):
                    if response.status_code == 200:
                        yield response
                        return
                    said = await self.body(response)
            except (self._httpx.RequestError, self._httpx.InvalidURL) as error:
                raise unreachable(self.address, error, self.patience) from None
            if response.status_code in (401, 403):
                if not self._key and self._found_key(await asyncio.to_thread(find_key, self.address.host)):
                    continue
            elif (seconds := pause(response, tries, waited)) is not None:
                tries, waited = tries + 1, waited + seconds
                await asyncio.sleep(seconds)
                continue
            raise Refused(response, said, self.address, self._key)

    def _found_key(self, key: str) -> bool:
        """Takes the key that was found, if there was none before: then it is worth another try."""
        new = bool(key) and not self._key
        self._key = self._key or key
        return new

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        return {**headers, "Authorization": f"Bearer {self._key}"} if self._key else headers

    async def body(self, response: httpx.Response) -> bytes:
        """All of an answer in one piece."""
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > LONGEST:
                raise EngineError(f"{self.address.base} does not end its answer.", "Is it an OpenAI-compatible server?")
        return bytes(content)

    def _json(self, content: bytes, url: str) -> Any:
        try:
            return json.loads(content)
        except ValueError:
            raise EngineError(
                f"{url} answered something that is not JSON.",
                "Is it an OpenAI-compatible server? Their addresses often end in /v1.",
            ) from None


def _trusted() -> ssl.SSLContext:
    """Certificates of the system, of `SSL_CERT_FILE`, and those that come with httpx."""
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
