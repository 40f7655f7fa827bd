"""Finds the temporary password in an invitation, as its reader would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser

_MENTION = re.compile(r"pass\s?word", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}[.,;:]?")
_INLINE = frozenset({"b", "strong", "i", "em", "span"})
_SHORTEST = 6
_MOST = 4


def invitation(mails: Iterable[Mapping[str, object]], email: str) -> Mapping[str, object] | None:
    """The latest mail to this address."""
    mine = [mail for mail in mails if str(mail.get("to", "")).lower() == email.lower()]
    return mine[-1] if mine else None


def temporary_passwords(html: str) -> list[str]:
    """Candidates, best first: words that look like passwords, closest after "password" first."""
    words = _words(html)
    mentions = [index for index, word in enumerate(words) if _MENTION.search(word)]
    found = [(index, word) for index, word in enumerate(words) if _looks_like_one(word)]

    def distance(place: tuple[int, str]) -> int:
        after = [place[0] - mention for mention in mentions if mention < place[0]]
        return min(after, default=len(words))

    ordered = [word for _, word in sorted(found, key=distance)]
    # A sentence's full stop may follow the password, or be part of it
    return [form for word in ordered for form in dict.fromkeys([word.rstrip("."), word])][:_MOST]


def _looks_like_one(word: str) -> bool:
    kinds = sum(any(test(character) for character in word) for test in _KINDS)
    # passwords may hold an @ too; what has a domain after it is an address
    address = _ADDRESS.fullmatch(word) is not None or "://" in word
    return len(word) >= _SHORTEST and kinds >= 2 and not address


_KINDS = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda character: not character.isalnum(),
)


def _words(html: str) -> list[str]:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).split()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._space(tag)

    def handle_endtag(self, tag: str) -> None:
        self._space(tag)

    def _space(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
