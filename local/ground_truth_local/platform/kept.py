"""The part of the state folder that outlives the process: where the next one goes on."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from ground_truth_local.platform.environment import RootKey, make_root_key


class KeptElsewhereError(Exception):
    """What is kept was made in another region."""


class KeptInUseError(Exception):
    """Another process goes on with what is kept; two would write over each other's labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What must be the same again: clients hold the key, browsers and stacks the addresses."""

    root: RootKey
    region: str
    port: int = 0
    portal_port: int = 0
    media_port: int = 0
    temporary: str = ""


class KeptFolder:
    """`kept/` of the state folder, for its owner's eyes alone."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "kept"
        self._run = self._folder / "run.json"
        self.tls = self._folder / "tls"
        self.cdk_home = self._folder / "cdk"
        self.service = self._folder / "service.db"

    def before(self, region: str) -> Before:
        """What the process before has noted, or a new key; makes the folder."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hold()
        if not self._run.exists():
            return Before(root=make_root_key(), region=region)
        noted = json.loads(self._run.read_text(encoding="utf-8"))
        found = Before(**{**noted, "root": RootKey(**noted["root"])})
        if found.region != region:
            raise KeptElsewhereError(
                f"{self._folder} was kept for region {found.region}, asked is {region}; "
                f"take the folder away to begin anew, or say --region {found.region}"
            )
        if found.temporary:  # a killed process has left it
            shutil.rmtree(found.temporary, ignore_errors=True)
        return found

    def _hold(self) -> None:
        """Keep others out until this process ends, however it does."""
        self._held = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KeptInUseError(
                f"local AWS already goes on with {self._folder}; stop it, or choose another folder "
                "with --state-dir"
            ) from error

    def note(self, found: Before) -> None:
        """Remember it for the next process."""
        staged = self._run.with_suffix(".new")
        staged.touch(mode=0o600)
        staged.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")
        staged.replace(self._run)

    def server(self) -> dict[str, str]:
        """ministack's settings for it."""
        return {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "aws"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder / "s3"),
        }
