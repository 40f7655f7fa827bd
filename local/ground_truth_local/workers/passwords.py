"""Passwords the simulated workers chose, kept between runs where a file is named."""

from __future__ import annotations

import json
import os
import secrets
import threading
from pathlib import Path

from ground_truth_local.workers.errors import WorkersError


class Passwords:
    """E-mail address to password. Thread-safe; without a file they last for this run."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._chosen = _read(path) if path else {}

    def known(self, email: str) -> str | None:
        return self._chosen.get(email)

    def keep(self, email: str, password: str) -> None:
        with self._lock:
            self._chosen[email] = password
            if self._path:
                _write(self._path, self._chosen)


def new_password() -> str:
    """A random password with one character of each kind that a pool's policy may ask for."""
    return secrets.token_urlsafe(18) + "aA1!"


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        chosen = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkersError(f"{path}: can't be read: {error}") from error
    if not isinstance(chosen, dict):
        raise WorkersError(f"{path}: got a JSON {type(chosen).__name__}, allowed is an object")
    return {str(email): str(password) for email, password in chosen.items()}


def _write(path: Path, chosen: dict[str, str]) -> None:
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123  only os.open sets the mode before the first byte
        json.dump(chosen, file)
    draft.replace(path)
