"""The pinned ministack has every private part the hooks use, and a missing one is named."""

from __future__ import annotations

from importlib import import_module

import pytest

from ground_truth_local.platform import hooks
from ground_truth_local.platform.hooks import private

pytestmark = pytest.mark.usefixtures("ministack")

TABLES = [
    hooks.alarms,
    hooks.services,
    hooks.identity,
    hooks.cloudformation,
    hooks.deliveries,
    hooks.stores,
    hooks.functions,
    hooks.calls,
    hooks.custom_resources,
    hooks.events,
    hooks.denials,
    hooks.deployments,
    hooks.s3_rules,
]
PARTS = [
    (module, name) for table in TABLES for module, names in table.PARTS.items() for name in names
]


def test_every_part_is_there() -> None:
    hooks.check()


@pytest.mark.parametrize(("module", "name"), PARTS)
def test_moved_part_is_named(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    hooks.check()  # imports all modules while they are whole: some import others' names
    monkeypatch.delattr(import_module(f"ministack.{module}"), name)
    with pytest.raises(hooks.HookMovedError, match=rf"ministack\.{module}\.{name} is gone"):
        hooks.check()


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "version", lambda _name: "9.9.9")
    with pytest.raises(hooks.HookMovedError, match=r"ministack 9\.9\.9 is installed, 1\.5\.33"):
        hooks.check()


def test_changed_worker_script_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = import_module("ministack.core.lambda_runtime")
    monkeypatch.setattr(runtime, "INVOKE_DEPTH_BOOTSTRAP", "something else")
    with pytest.raises(hooks.HookMovedError, match="depth counter"):
        hooks.functions.load_no_sdk_before_the_function()
