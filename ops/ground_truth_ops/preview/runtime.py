"""Runs one function as Lambda's runtime does; `function.py` starts it in a process of its own.

Takes an event a line from its standard input and answers a line each. Whatever the function
prints or logs goes to standard error. Imports nothing of the project but the function.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any


class Context:
    """What Lambda tells a function about its call."""

    def __init__(self, number: int, timeout_seconds: float) -> None:
        self.aws_request_id = f"preview-{number}"
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self._end = time.monotonic() + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._end - time.monotonic()) * 1000))


def main(module: str, timeout_seconds: float) -> None:
    """Answer events until there are none."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a function prints is its log, not its answer
    logging.basicConfig(stream=sys.stderr, format="[%(levelname)s] %(message)s")
    handler: Callable[[object, Context], object] | None = None
    for number, line in enumerate(sys.stdin, start=1):
        try:
            if handler is None:
                handler = importlib.import_module(module).handler
            answer = handler(json.loads(line), Context(number, timeout_seconds))
            text = json.dumps({"payload": answer})
        except Exception as error:
            text = json.dumps({"error": _told(error)})
        sys.stderr.flush()
        answers.write(text + "\n")
        answers.flush()


def _told(error: Exception) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[1:]
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames],
    }


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
