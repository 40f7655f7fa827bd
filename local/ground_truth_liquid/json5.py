"""Reads JSON5, the notation of crowd elements' attributes.

Most published templates write ``['a', 'b']`` or ``[{label: 'a'},]``, which is no JSON. Grammar:
https://spec.json5.org, without the Unicode escapes in bare keys that no template uses.
"""

from __future__ import annotations

import re
from typing import NoReturn

_SPACE = re.compile(r"(?:[\s\ufeff]|//[^\n\r\u2028\u2029]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_NUMBER = re.compile(
    r"[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+|"
    r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
)
_PLAIN = {
    "'": re.compile(r"[^'\\\n\r]*"),
    '"': re.compile(r'[^"\\\n\r]*'),
}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_HEX = {"x": re.compile(r"[0-9a-fA-F]{2}"), "u": re.compile(r"[0-9a-fA-F]{4}")}
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}
_DEEPEST = 64
_LONGEST_INTEGER = 1000  # beyond, as JavaScript would, a float


class Json5Error(ValueError):
    """Text that isn't JSON5; says where (1-based column) and what was expected."""


def loads(text: str) -> object:
    """The value ``text`` stands for: dict, list, str, int, float, bool or None.

    >>> loads("['a', {label: 'b',}]")
    ['a', {'label': 'b'}]
    """
    reader = _Reader(text)
    value = reader.value(0)
    reader.end()
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self, depth: int) -> object:
        if depth > _DEEPEST:
            self._fail(f"at most {_DEEPEST} levels of nesting")
        character = self._peek()
        if character == "[":
            return self._array(depth)
        if character == "{":
            return self._object(depth)
        if character in _PLAIN:
            return self._string(character)
        return self._scalar()

    def end(self) -> None:
        if self._peek():
            self._fail("the end")

    def _peek(self) -> str:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True

    def _array(self, depth: int) -> list[object]:
        self._at += 1
        items: list[object] = []
        while not self._take("]"):
            items.append(self.value(depth + 1))
            if not self._take(",") and self._peek() != "]":
                self._fail("',' or ']'")
        return items

    def _object(self, depth: int) -> dict[str, object]:
        self._at += 1
        members: dict[str, object] = {}
        while not self._take("}"):
            key = self._key()
            if not self._take(":"):
                self._fail("':'")
            members[key] = self.value(depth + 1)
            if not self._take(",") and self._peek() != "}":
                self._fail("',' or '}'")
        return members

    def _key(self) -> str:
        character = self._peek()
        if character in _PLAIN:
            return self._string(character)
        match = _NAME.match(self._text, self._at)
        if match is None:
            self._fail("a key")
        self._at = match.end()
        return match.group()

    def _scalar(self) -> object:
        number = _NUMBER.match(self._text, self._at)
        if number and not _NAME.match(self._text, number.end()):
            self._at = number.end()
            return _number(number.group())
        word = _NAME.match(self._text, self._at)
        if word is None or word.group() not in _WORDS:
            self._fail("a value")
        self._at = word.end()
        return _WORDS[word.group()]

    def _string(self, quote: str) -> str:
        self._at += 1
        parts: list[str] = []
        while True:
            plain = _PLAIN[quote].match(self._text, self._at)
            if plain:
                parts.append(plain.group())
                self._at = plain.end()
            following = self._text[self._at : self._at + 1]
            self._at += 1
            if following == quote:
                return _paired("".join(parts))
            if following != "\\":
                self._at -= 1
                self._fail(f"the closing {quote}")
            parts.append(self._escape())

    def _escape(self) -> str:
        character = self._text[self._at : self._at + 1]
        self._at += 1
        if character in _HEX:
            digits = _HEX[character].match(self._text, self._at)
            if digits is None:
                self._fail("hexadecimal digits")
            self._at = digits.end()
            return chr(int(digits.group(), 16))
        if character == "\r" and self._text[self._at : self._at + 1] == "\n":
            self._at += 1
        if character in "\r\n\u2028\u2029":  # a continued line, or the end of the text
            return ""
        if character in "123456789":
            self._fail("an escape that is no digit")
        return _ESCAPES.get(character, character)

    def _fail(self, expected: str) -> NoReturn:
        rest = self._text[self._at : self._at + 20]
        found = repr(rest) if rest else "the end"
        raise Json5Error(f"column {self._at + 1}: expected {expected}, found {found}")


def _paired(text: str) -> str:
    """Two escapes may be the halves of one character beyond U+FFFF."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _number(text: str) -> int | float:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if digits[:2] in {"0x", "0X"}:
        return sign * int(digits, 16)
    if digits == "Infinity":
        return sign * float("inf")
    if digits.isdecimal() and len(digits) < _LONGEST_INTEGER:
        return sign * int(digits)
    return sign * float(digits)
