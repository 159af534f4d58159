"""How much there is of something in a finished text: sentences, words, characters, paragraphs, items, lines."""

from __future__ import annotations

import json
import re

from .spans import ends_a_sentence

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_EASTERN = re.compile(f"[{_HAN}\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"(?:[^\W_]\.){2,8}|\d+(?:[.,:/]\d+)+%?|[^\W_]+(?:[-'’‑][^\W_]+)*")
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+\S|^\s{0,3}(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__)\s*[:：]?\s*$")
_RULE = re.compile(r"^[ \t]{0,3}(?:[-*_=] ?){3,}$|^[ \t]{0,8}\|[ :|-]{1,300}$")
_ITEM = re.compile(
    r"^(?P<indent>[ \t\u3000]{0,40})(?:#{1,6}\s+|\*\*|__|>\s?)?(?:(?P<bullet>[-*+•·▪◦‣–—])\s+"
    r"|(?P<number>\(?\d{1,3}[.)、．:：]\)?\s*(?=\D)|[a-zA-Z][.)]\s+"
    r"|[（(]?[一二三四五六七八九十]{1,3}[、）)．.]\s*|[①-⑳]\s*"
    r"|第[一二三四五六七八九十]{1,2}(?:[、，:：]|[条点项]))|(?P<step>(?:step|tip|reason|point"
    r"|步骤)\s?\d{1,2}\s?[:.：])\s*)(?=\S)",
    re.IGNORECASE,
)
_END = re.compile(
    r"[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[.!?]+(?=[\u4e00-\u9fff])|[。！？!?]+[”’」』）)\"*]*|…+[”’」』）)\"*]*(?=\s|$)"
)
_SAID = re.compile(r"\s?[^\s，。！？]{0,6}(?:说|道|问|喊|答|叫|笑着|回答)")


def lines_of(text: str) -> list[str]:
    """The lines of prose and lists of a text: without code, headings, rules and blank lines at its ends."""
    found: list[str] = []
    fenced = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        elif not line.strip():
            found.append("")
        elif not fenced and not _RULE.match(line):
            found.append("" if _HEADING.match(line) and not _ITEM.match(line) else line.rstrip())
    if not any(line.strip() for line in found) and text.strip():  # all of it is code or headings
        return [line for line in text.split("\n") if not _FENCE.match(line)]
    return found


def _blocks(text: str) -> list[list[str]]:
    """The runs of lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in lines_of(text):
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def sentences(text: str) -> int:
    """How many sentences there are; headings and titles are none, an item of a list without a point is one."""
    count = 0
    open_lead = False
    blocks = _blocks(text)
    for place, block in enumerate(blocks):
        if len(blocks) > 1 and _is_a_title(block, place, len(blocks)):
            continue
        pieces: list[str] = []
        for line in block:
            item = _ITEM.match(line)
            if item or not pieces:
                pieces.append(line[item.end() :] if item else line)
            else:
                pieces[-1] += " " + line.strip()
        for piece in pieces:
            ends, rest = _sentences_of(piece)
            lead = rest.rstrip(" *_").endswith((":", "："))
            count += ends + (1 if rest and not lead else 0)
            open_lead = lead
    return max(count, 1 if open_lead and not count else count)


def _sentences_of(piece: str) -> tuple[int, str]:
    """How many sentences end in a piece, and what stands behind the last end."""
    count = start = 0
    for match in _END.finditer(piece):
        if not re.search(r"\w", piece[start : match.start()]):
            start = match.end()
            continue
        if not ends_a_sentence(piece, match.start(), match.end()):
            continue
        if match.group()[-1:] in '”」』"' and _SAID.match(piece, match.end()):
            continue
        count += 1
        start = match.end()
    rest = piece[start:]
    return count, rest if re.search(r"\w", rest) else ""


def _is_a_title(block: list[str], place: int, blocks: int) -> bool:
    """Whether a block is a title, a salutation or a signature: a short line without an end."""
    line = block[0].strip(" *_#")
    if len(block) > 2 or _ITEM.match(block[0]) or re.search(r"[.!?。！？…][\"'”’」』）)*_]*$", block[-1].strip()):
        return False
    short = len(_WORD.findall(line)) <= 8 and len(_EASTERN.findall(line)) <= 16
    return (
        short and not line.endswith((":", "：")) and (place == 0 or place == blocks - 1 or line.endswith((",", "，")))
    )


def words(text: str) -> int:
    """How many words there are: a hyphen or an apostrophe joins, every Chinese character counts as one."""
    plain = _without_marks(text)
    return len(_EASTERN.findall(plain)) + len(_WORD.findall(_EASTERN.sub(" ", plain)))


def characters(text: str, every: bool = False) -> int:
    """How many characters there are, as Chinese word processors count 字: characters, and words and numbers in between.

    Args:
        every: Count every character and space instead, as for the length of a message.
    """
    return len(text.strip()) if every else words(text)


def is_eastern(text: str) -> bool:
    """Whether a text is mostly in characters of Chinese, Japanese or Korean."""
    return len(_EASTERN.findall(text)) > len(re.findall(r"[^\W\d_]", _EASTERN.sub(" ", text))) / 3


def _without_marks(text: str) -> str:
    kept: list[str] = []
    for line in text.split("\n"):
        if line.strip() and not _FENCE.match(line) and not _RULE.match(line):
            item = _ITEM.match(line)
            kept.append(line[item.end() :] if item and not re.match(r"\s*[A-Za-z][.)]", line) else line)
    return "\n".join(kept)


def paragraphs(text: str) -> int:
    """How many paragraphs (or stanzas) there are: blocks between blank lines, without titles; or lines, if none is blank."""
    blocks = _blocks(text)
    prose = (
        [block for place, block in enumerate(blocks) if not _is_a_title(block, place, len(blocks))]
        if len(blocks) > 1
        else blocks
    )
    prose = prose or blocks
    listed = [block for block in prose if all(_ITEM.match(line) for line in block)]
    if listed and len(listed) < len(prose):
        prose = [block for block in prose if block not in listed]
    if len(prose) == 1:
        long = [
            line
            for line in prose[0]
            if re.search(r"[.!?。！？…][\"'”’」』）)*_]*$", line.strip())
            and len(line) > (20 if is_eastern(line) else 60)
        ]
        if len(long) > 1 and len(long) >= len(prose[0]) - 1:
            return len(long)
    return len(prose)


def items(text: str) -> int:
    """How many items a list has: its markers at the outermost level; without markers its lines, sentences or commas."""
    if (several := _json_items(text)) is not None:
        return several
    found: list[tuple[int, str]] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        item = _ITEM.match(line) if line.strip() else None
        if item and not fenced and not _RULE.match(line):
            found.append((len(item["indent"].expandtabs(4)), item.lastgroup or ""))
    if found:
        outermost = min(indent for indent, _ in found)
        kinds = [kind for indent, kind in found if indent <= outermost + 1]
        return kinds.count(kinds[0])
    rows = [line for line in lines_of(text) if line.strip() and not line.rstrip().endswith((":", "："))]
    if len(rows) > 1:
        return len(rows)
    line = rows[0] if rows else ""
    if (several := sentences(line)) > 1:
        return several
    line = re.split("[:：]", line)[-1]
    return len(
        [
            piece
            for piece in re.split(r",\s?(?:and\s|or\s)?|;|\sand\s|、|，|；|和|以及", line)
            if re.search(r"\w", piece)
        ]
    )


def _json_items(text: str) -> int | None:
    """The items of a JSON list, or of the one list in a JSON object."""
    bare = re.sub(r"^(?:```|~~~)\w*|(?:```|~~~)$", "", text.strip()).strip()
    if bare[:1] not in ("[", "{"):
        return None
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    lists = [found] if isinstance(found, list) else [value for value in found.values() if isinstance(value, list)]
    return len(lists[0]) if len(lists) == 1 else None


def lines(text: str) -> int:
    """How many lines with words there are, without a title above them."""
    blocks = _blocks(text)
    if (
        len(blocks) > 1
        and len(blocks[0]) == 1
        and _is_a_title(blocks[0], 0, len(blocks))
        and any(len(block) > 1 for block in blocks[1:])
    ):
        blocks = blocks[1:]
    return sum(bool(re.search(r"\w", line)) for block in blocks for line in block)
