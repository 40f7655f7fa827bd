"""Putting a campaign's instructions into its worker template."""

import re
from typing import Final

SHORT_INSTRUCTIONS: Final = "<!-- short-instructions -->"
FULL_INSTRUCTIONS: Final = "<!-- full-instructions -->"

_LIQUID = re.compile(r"\{\{|\{%")
_ENCLOSING = re.compile(
    r"</\s*(?:short-instructions|full-instructions|crowd-[a-z-]+)\b", re.IGNORECASE
)


class TemplateInstructionsError(ValueError):
    """The template has no single place for the instructions, or they would break it."""


def insert_instructions(template: str, short: str, full: str) -> str:
    """Return ``template`` with the instructions at their two placeholders.

    Both placeholders must be there exactly once. Instructions are HTML and are inserted as they
    are; Liquid in them and end tags of crowd elements are refused, because they would change the
    page around them.

    Raises:
        TemplateInstructionsError: naming every problem at once.
    """
    parts = {SHORT_INSTRUCTIONS: short, FULL_INSTRUCTIONS: full}
    problems = [
        problem
        for placeholder, text in parts.items()
        for problem in _problems(template, placeholder, text)
    ]
    if problems:
        raise TemplateInstructionsError("; ".join(problems))
    # One pass, so that a placeholder quoted in the instructions is not filled in itself.
    placeholders = re.compile("|".join(re.escape(placeholder) for placeholder in parts))
    return placeholders.sub(lambda match: parts[match[0]].strip(), template)


def _problems(template: str, placeholder: str, text: str) -> list[str]:
    name = placeholder.removeprefix("<!-- ").removesuffix(" -->")
    problems = []
    found = template.count(placeholder)
    if found != 1:
        problems.append(
            f"template has the placeholder {placeholder} {found} times, allowed once; "
            f"put it where the {name} belong"
        )
    for pattern, what in ((_LIQUID, "Liquid"), (_ENCLOSING, "an end tag of the page around them")):
        match = pattern.search(text)
        if match:
            line = text.count("\n", 0, match.start()) + 1
            problems.append(f"{name} have {what} in line {line}: got {match[0]!r}; remove it")
    return problems
