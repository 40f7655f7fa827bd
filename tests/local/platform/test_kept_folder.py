"""What is kept belongs to one process at a time."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ground_truth_local.platform.kept import KeptFolder, KeptInUseError

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from ground_truth_local.platform.kept import KeptFolder
folder = KeptFolder(Path(sys.argv[1]))
folder.before("us-east-1")
print("held", flush=True)
sys.stdin.read()
"""


def test_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(KeptInUseError, match="already goes on with"):
            KeptFolder(tmp_path).before("us-east-1")
        first.kill()
        first.wait()
    assert KeptFolder(tmp_path).before("us-east-1").region == "us-east-1"
