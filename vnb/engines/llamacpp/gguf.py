"""What a GGUF file says of itself: a reader of its header, with the standard library alone.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

from ...core.types import Json
from ...errors import EngineError

SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
STRING, ARRAY = 8, 9
CONTROL, UNKNOWN = 3, 2  # token types that no user's text may turn into
BLOCKS = {  # ggml type -> (values of a block, bytes of a block)
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """What of a GGUF header the engine needs.

    Attributes:
        values: Scalars and strings by their keys; arrays are left out.
        control: Texts of the tokens that have a meaning of their own, such as `<|end|>`.
        parameters: How many weights the file holds.
        size: Bytes of the file.
    """

    values: dict[str, Json]
    control: tuple[str, ...]
    parameters: int
    size: int

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    @property
    def trained_context(self) -> int:
        """The context length that the model was trained for; 0 where the file does not say."""
        value = self.values.get(f"{self.architecture}.context_length", 0)
        return value if isinstance(value, int) else 0

    @property
    def template(self) -> str:
        return str(self.values.get("tokenizer.chat_template", ""))


class _Reader:
    def __init__(self, view: mmap.mmap) -> None:
        self.view, self.at = view, 0

    def scalar(self, form: str) -> Json:
        value: Json = struct.unpack_from(form, self.view, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def number(self, form: str = "<Q") -> int:
        value = self.scalar(form)
        assert isinstance(value, int)
        return value

    def raw(self) -> bytes:
        length = self.number()
        start, self.at = self.at, self.at + length
        if self.at > len(self.view):
            raise struct.error("a string ends outside the file")
        return self.view[start : self.at]

    def text(self) -> str:
        return self.raw().decode("utf-8", "replace")

    def array(self) -> tuple[int, list[bytes] | bytes]:
        """The element type, and strings or the packed numbers."""
        kind, count = self.number("<I"), self.number()
        if kind == STRING:
            return kind, [self.raw() for _ in range(count)]
        if kind not in SCALARS:
            raise struct.error(f"an array of type {kind}")
        start, self.at = self.at, self.at + count * struct.calcsize(SCALARS[kind])
        if self.at > len(self.view):
            raise struct.error("an array ends outside the file")
        return kind, self.view[start : self.at]


def read_header(path: Path) -> Header:
    """Reads the header and checks that the file is as long as it says.

    Raises:
        EngineError: No file, not GGUF, cut short, or damaged.
    """
    if path.is_dir():
        raise EngineError(f"{path} is a folder, not a GGUF file.", f"%vmodel {path.as_posix()}/….gguf")
    if not path.is_file():
        raise EngineError(f"There is no file {path}.", "%vmodel ./model.gguf")
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise EngineError(f"{path} is not a GGUF file.", "Give a model in GGUF format: %vmodel ./model.gguf")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                return _parse(_Reader(view))
    except (struct.error, MemoryError, OverflowError, IndexError, AssertionError) as error:
        raise EngineError(f"{path} is cut short or damaged: {error}.", "Download or convert it again.") from None
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}.") from None


def _parse(reader: _Reader) -> Header:
    reader.at = 4
    version, tensors, pairs = reader.number("<I"), reader.number(), reader.number()
    if version not in (2, 3):
        raise struct.error(f"GGUF version {version} is not known")
    values: dict[str, Json] = {}
    tokens: list[bytes] = []
    types: bytes = b""
    for _ in range(pairs):
        key, kind = reader.text(), reader.number("<I")
        if kind == STRING:
            values[key] = reader.text()
        elif kind == ARRAY:
            _, content = reader.array()
            if key == "tokenizer.ggml.tokens" and isinstance(content, list):
                tokens = content
            elif key == "tokenizer.ggml.token_type" and isinstance(content, bytes):
                types = content
        elif kind in SCALARS:
            values[key] = reader.scalar(SCALARS[kind])
        else:
            raise struct.error(f"a value of type {kind}")
    end = parameters = 0
    for _ in range(tensors):
        reader.raw()
        shape = [reader.number() for _ in range(reader.number("<I"))]
        kind, offset = reader.number("<I"), reader.number()
        block, size = BLOCKS.get(kind, (1, 0))
        end = max(end, offset + prod(shape) // block * size)
        parameters += prod(shape)
    alignment = values.get("general.alignment", 32)
    begin = -(-reader.at // alignment) * alignment if isinstance(alignment, int) and alignment > 0 else reader.at
    if begin + end > len(reader.view):
        raise struct.error(f"its tensors need {begin + end:,} bytes, the file has {len(reader.view):,}")
    kinds = struct.unpack(f"<{len(types) // 4}i", types[: len(types) // 4 * 4])
    control = [t.decode("utf-8", "replace") for t, k in zip(tokens, kinds, strict=False) if k in (CONTROL, UNKNOWN)]
    return Header(values, tuple(t for t in control if t), parameters, len(reader.view))
