"""The one line that approves a change: ``<definition hash>:continue`` or ``:restart``."""

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

ApprovalVerb = Literal["continue", "restart"]

_APPROVAL: Final = re.compile(r"([0-9a-f]{12}):(continue|restart)")


class ApprovalError(ValueError):
    """The approval cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What was approved: going to the definition with this hash, in this way."""

    definition_hash: str
    verb: ApprovalVerb

    def __str__(self) -> str:
        return f"{self.definition_hash}:{self.verb}"


def parse_approval(text: str) -> Approval | None:
    """Return the approval, None for an empty text; raises ``ApprovalError`` for anything else."""
    if not text.strip():
        return None
    match = _APPROVAL.fullmatch(text.strip())
    if match is None:
        raise ApprovalError(
            f"approve cannot be read: got {text!r}, allowed '<definition hash>:continue' or "
            "'<definition hash>:restart'; copy the line from the refusal"
        )
    return Approval(definition_hash=match[1], verb=cast("ApprovalVerb", match[2]))
