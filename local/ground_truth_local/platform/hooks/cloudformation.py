"""Resource types: new ones, and the handlers of those ministack has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ground_truth_local.platform.hooks.private import Parts, private, replace

_PROVISIONERS = "services.cloudformation.provisioners"
_STACKS = "services.cloudformation.stacks"
_CHANGE_SETS = "services.cloudformation.changesets"

PARTS: Parts = {
    _PROVISIONERS: (
        "_RESOURCE_HANDLERS",
        "_REPLACING_PROPERTIES",
        "_CUSTOM_NAME_REPLACEMENT",
        "_STACK_TAG_PROPERTY",
        "_S3_BUCKET_CONFIGURATIONS",
    ),
    _STACKS: ("_runs_on_worker_thread", "_delete_resource", "_roll_back_operation"),
    _CHANGE_SETS: ("_IMPORT_LOOKUPS",),
    "services.cloudformation": ("_stacks",),
    "services.cloudformation.engine": ("_extract_deps",),
}


def add_resource_type(
    name: str,
    *,
    create: Callable[..., Any],
    update: Callable[..., Any],
    delete: Callable[..., Any],
    create_only: Sequence[str],
    physical_name: str,
) -> None:
    """A resource type whose handlers may block and call the gateway; there is no registry."""
    private(_PROVISIONERS, "_RESOURCE_HANDLERS")[name] = {
        "create": create,
        "update": update,
        "delete": delete,
        "update_with_logical_id": True,
    }
    private(_PROVISIONERS, "_REPLACING_PROPERTIES")[name] = tuple(create_only)
    # a custom name kept across a replacement is refused, as CloudFormation does
    private(_PROVISIONERS, "_CUSTOM_NAME_REPLACEMENT")[name] = {"name": physical_name}
    private(_PROVISIONERS, "_STACK_TAG_PROPERTY")[name] = ("Tags", "list")
    blocks = private(_STACKS, "_runs_on_worker_thread")

    def runs_on_worker_thread(resource_type: str) -> bool:
        # handlers that call the gateway from the event loop would wait for themselves
        return resource_type == name or bool(blocks(resource_type))

    replace(_STACKS, "_runs_on_worker_thread", runs_on_worker_thread)


class StillNeededError(Exception):
    """A resource that one depends on which could not be deleted."""


def keep_what_failed_deletes_need() -> None:
    """Let a delete that failed keep what it depends on, so that it can be tried again.

    ministack goes on and deletes a custom resource's own function and role after it has refused;
    when a create is rolled back it forgets the resource as well.
    """
    delete = private(_STACKS, "_delete_resource")
    roll_back = private(_STACKS, "_roll_back_operation")
    kept: dict[str, dict[str, Any]] = {}  # by stack id: what a rollback could not delete

    def delete_resource(
        resource_type: str, physical_id: str, props: Any, name: Any = None, logical_id: Any = None
    ) -> None:
        stack = private("services.cloudformation", "_stacks").get(name) or {}
        rolls_back = stack.get("StackStatus") == "ROLLBACK_IN_PROGRESS"
        failed = kept.setdefault(stack["StackId"], {}) if rolls_back else {}
        try:
            needing = _still_there(stack, failed, logical_id)
            if needing:
                raise StillNeededError(
                    f"Deletion was not attempted: {', '.join(needing)} could not be deleted and "
                    "depends on this resource"
                )
            delete(resource_type, physical_id, props, name, logical_id)
        except Exception:
            failed[logical_id] = stack.get("_resources", {}).get(logical_id)
            raise
        failed.pop(logical_id, None)

    async def roll_back_operation(name: str, stack_id: str, stack: Any, *rest: Any) -> Any:
        kept.pop(stack_id, None)
        result = await roll_back(name, stack_id, stack, *rest)
        if stack["StackStatus"] == "ROLLBACK_FAILED":
            left = {key: record for key, record in kept.get(stack_id, {}).items() if record}
            stack["_resources"] = {**stack.get("_resources", {}), **left}
        return result

    replace(_STACKS, "_delete_resource", delete_resource)
    replace(_STACKS, "_roll_back_operation", roll_back_operation)


def _still_there(
    stack: Mapping[str, Any], failed: Mapping[str, Any], logical_id: object
) -> list[str]:
    """Resources that depend on this one; in a deletion they come first, so they failed."""
    if stack.get("StackStatus") not in ("DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
        return []
    there = {*stack.get("_resources", {}), *failed}
    defined = (stack.get("_template") or {}).get("Resources", {})
    needs = private("services.cloudformation.engine", "_extract_deps")
    return sorted(
        other
        for other in there
        if other != logical_id and logical_id in needs(defined.get(other, {}), set(defined))
    )


def resource_handlers(name: str) -> dict[str, Any]:
    """The handlers of one of ministack's own resource types, to wrap them."""
    handlers: dict[str, Any] = private(_PROVISIONERS, "_RESOURCE_HANDLERS")[name]
    return handlers


def carry_stack_tags(name: str) -> None:
    """Give a resource type the stack's tags; ministack lists only types it keeps tags for."""
    private(_PROVISIONERS, "_STACK_TAG_PROPERTY")[name] = ("Tags", "list")


def add_bucket_configurations(entries: Sequence[tuple[str, Any, Any, Any]]) -> None:
    """(property, to_xml, put, delete) beyond the three a bucket takes from its template."""
    have = private(_PROVISIONERS, "_S3_BUCKET_CONFIGURATIONS")
    replace(_PROVISIONERS, "_S3_BUCKET_CONFIGURATIONS", (*have, *entries))


def allow_import(
    name: str,
    *,
    identifier: str,
    problem: Callable[[str], str | None],
    adopt: Callable[[str], tuple[str, Mapping[str, str]]],
) -> None:
    """Let import change sets take over resources of a type, named by its one identifier.

    `problem` says why there is nothing to import; `adopt` answers physical id and attributes.
    """
    private(_CHANGE_SETS, "_IMPORT_LOOKUPS")[name] = ((identifier,), problem)
    resource_handlers(name)["import"] = lambda found: adopt(found[identifier])
