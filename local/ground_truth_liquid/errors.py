"""What went wrong with a template, in words its author can act on."""

from __future__ import annotations


class TemplateError(Exception):
    """A task template that can't be parsed or rendered.

    ``line`` and ``column`` are 1-based and None when the fault has no place in the template.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.line = line
        self.column = column
        super().__init__(message if line is None else f"line {line}: {message}")
