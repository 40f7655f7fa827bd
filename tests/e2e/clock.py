"""The jobs' clock of local AWS, which a test may let go ahead."""

from __future__ import annotations

import json
import ssl
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ground_truth_ops.demo.server import LocalAws


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Of a local AWS that was started with `--faults`."""

    server: LocalAws

    def move(self, seconds: int) -> None:
        control: Any = self.server.state["faults"]
        request = urllib.request.Request(
            f"{control['url']}/clock",
            data=json.dumps({"seconds": seconds}).encode(),
            headers={"Authorization": f"Bearer {control['token']}"},
        )
        context = ssl.create_default_context(cafile=self.server.variables["AWS_CA_BUNDLE"])
        urllib.request.urlopen(request, context=context).close()
