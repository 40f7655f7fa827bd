"""The control surface of a local AWS that misbehaves on request, from a test's side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import urllib3

if TYPE_CHECKING:
    from ground_truth_ops.demo.server import LocalAws

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Rules for the session's local AWS."""

    server: LocalAws

    def make(self, rules: Iterable[Rule]) -> list[int]:
        """The rules' numbers."""
        return [self._ask("POST", "", rule)["id"] for rule in rules]

    def seen(self) -> dict[int, dict[str, Any]]:
        """Every rule by its number, with `seen` and `fired`."""
        return {rule["id"]: rule for rule in self._ask("GET", "")}

    def end(self) -> None:
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: Rule | None = None) -> Any:
        faults = cast("Mapping[str, str]", self.server.state["faults"])
        authority = self.server.variables["AWS_CA_BUNDLE"]
        with urllib3.PoolManager(ca_certs=authority) as pool:
            answer = pool.request(
                method,
                f"{faults['url']}{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers={"authorization": f"Bearer {faults['token']}"},
            )
        found = json.loads(answer.data)
        assert answer.status < 300, found
        return found
