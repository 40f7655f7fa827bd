"""How others find a running local AWS: `env` for shells, `state.json` for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another local AWS keeps its files in this folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What `state.json` holds; `faults` is where local AWS is told to misbehave, and the token."""

    pid: int
    endpoint: str
    portal_url: str
    media_url: str
    mailbox_url: str
    region: str
    account: str
    version: str
    faults: Mapping[str, str] | None = None


class StateFolder:
    """Writes the files in one step each and takes away only its own."""

    def __init__(self, folder: Path) -> None:
        self.state_file = folder / "state.json"
        self.env_file = folder / "env"
        self._folder = folder

    def claim(self) -> None:
        """Refuse a folder that a living local AWS uses; forget a dead one's files."""
        pid = self._owner()
        if pid is not None and pid != os.getpid() and _alive(pid):
            raise AlreadyRunningError(
                f"local AWS already runs as process {pid} with its files in {self._folder}; "
                f"stop it, or choose another folder with --state-dir"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._remove()

    def write(self, state: State, env: str) -> None:
        """`state.json` comes last: who sees it may use everything."""
        _replace(self.env_file, env)
        _replace(self.state_file, json.dumps(asdict(state), indent=2) + "\n")

    def is_ours(self) -> bool:
        return self._owner() == os.getpid()

    def release(self) -> None:
        # another run may own the folder by now: someone removed our files to stop us and started it
        if self._owner() in (None, os.getpid()):
            self._remove()

    def _owner(self) -> int | None:
        try:
            stored: Mapping[str, object] = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        pid = stored.get("pid") if isinstance(stored, dict) else None
        return pid if isinstance(pid, int) else None

    def _remove(self) -> None:
        self.state_file.unlink(missing_ok=True)
        self.env_file.unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    staged.touch(mode=0o600)
    staged.write_text(text, encoding="utf-8")
    staged.replace(path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
