"""Asks crowd-kit; `python -m tests.oracle.asking PYTHON` keeps its answers for the quick tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.oracle.questions import keep, named, questions

Ask = Callable[[Mapping[str, Any]], Any]


class CrowdKitError(RuntimeError):
    """crowd-kit's process has ended before it answered."""


@contextmanager
def asking(interpreter: str) -> Iterator[Ask]:
    """Ask in a process that is there for all questions: it takes seconds to begin.

    Raises:
        CrowdKitError: it ended; standard error has its own words.
    """
    with subprocess.Popen(
        [interpreter, Path(__file__).with_name("crowd_kit.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        lines, answers = process.stdin, process.stdout
        assert lines is not None
        assert answers is not None

        def ask(question: Mapping[str, Any]) -> Any:
            try:
                lines.write(f"{json.dumps(question)}\n")
                lines.flush()
            except BrokenPipeError as error:
                raise CrowdKitError("crowd-kit's process has ended") from error
            answer = answers.readline()
            if not answer:
                raise CrowdKitError(f"crowd-kit's process ended when asked {question}")
            return json.loads(answer)

        yield ask


if __name__ == "__main__":
    with asking(sys.argv[1]) as asked:
        keep({named(question): asked(question) for question in questions()})
