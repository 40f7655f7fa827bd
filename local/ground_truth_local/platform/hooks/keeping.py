"""What ministack's services hold, as files that the next process reads.

ministack reads them when its application starts and writes them when that is stopped, if
`PERSIST_STATE` says so. A kill lets it write nothing: so we write the same files while it runs.
Objects of S3 are files of their own from the moment they are put (`S3_PERSIST`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

PARTS: Parts = {
    "app": ("_build_persistence_save_dict", "save_all"),
    "core.persistence": ("save_state", "load_state", "_json_default"),
    "services.ses": ("get_state", "_restore_state", "load_persisted_state", "_sent_emails"),
    "services.cloudformation": ("load_persisted_state", "_stacks"),
}
_ENDINGS = {"CREATE": "CREATE_FAILED", "DELETE": "DELETE_FAILED"}
_CUT_OFF = "local AWS ended in the middle of this operation"


def states() -> dict[str, Callable[[], Any]]:
    """Every service that was used, and what gives a copy of its state."""
    found: dict[str, Callable[[], Any]] = private("app", "_build_persistence_save_dict")()
    return found


def write(service: str, state: Any) -> None:
    """Write a service's file in one step."""
    private("core.persistence", "save_state")(service, state)


def write_nothing_by_itself() -> None:
    """Two writers of one file would spoil it."""
    replace("app", "save_all", lambda _: None)


def encode(value: object) -> object:
    """For `json.dumps(default=)`."""
    return private("core.persistence", "_json_default")(value)


def keep_mails() -> None:
    """ministack forgets what it has sent; invitations hold the first password."""
    of_service = private("services.ses", "get_state")
    restore = private("services.ses", "_restore_state")

    def get_state() -> dict[str, Any]:
        sent = copy.deepcopy(private("services.ses", "_sent_emails"))
        return {**of_service(), "sent_emails": sent}

    def restore_state(data: dict[str, Any]) -> None:
        restore(data)
        if "sent_emails" in data:
            private("services.ses", "_sent_emails").update(data["sent_emails"])

    replace("services.ses", "get_state", get_state)
    replace("services.ses", "_restore_state", restore_state)


def end_what_was_cut_off() -> None:
    """A stack whose operation died with the process has failed; it can be deployed or deleted."""
    load = private("services.cloudformation", "load_persisted_state")

    def load_persisted_state(data: dict[str, Any]) -> None:
        load(data)
        for stack in _all(private("services.cloudformation", "_stacks")):
            status = str(stack.get("StackStatus", ""))
            if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
                stack["StackStatus"] = _ENDINGS.get(status.partition("_")[0], "UPDATE_FAILED")
                stack["StackStatusReason"] = _CUT_OFF

    replace("services.cloudformation", "load_persisted_state", load_persisted_state)


def _all(store: Any) -> Iterator[Any]:
    return iter(list(store._data.values()))
