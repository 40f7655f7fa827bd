"""What ministack does otherwise than AWS where a deployment of ours would notice."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from ground_truth_local.platform import bucket_properties, logs
from ground_truth_local.platform.hooks import (
    alarms,
    cloudformation,
    custom_resources,
    deliveries,
    denials,
    events,
    functions,
    identity,
    s3_rules,
    services,
    stores,
)

Properties = Mapping[str, Any]


_PROCESSES_PER_FUNCTION = 3
# AWS draws twelve characters for each; one name per run is enough, nothing is keyed by it
_SUFFIX = "local"


_SENDING = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}


class ProtectedError(Exception):
    """A resource that says it must not be deleted."""


def install(*, account: str, region: str, partition: str, hidden: frozenset[str]) -> None:
    """Apply every mend; `hidden` are the server's variables that no function may see."""
    bucket_properties.install()
    alarms.look_at_own_dimensions()
    cloudformation.keep_what_failed_deletes_need()
    events.repeat_events()
    custom_resources.send_events()
    custom_resources.refuse_long_answers()
    custom_resources.delete_what_failed_to_be_created()
    keys = f"arn:{partition}:kms:{region}:{account}"
    stores.let_uploads_name_no_kms_key(lambda: f"{keys}:alias/aws/s3")
    denials.record()
    s3_rules.apply(
        bucket_arn=lambda name: f"arn:{partition}:s3:::{name}",
        key_arn=lambda key: f"{keys}:{key if key.startswith('alias/') else f'key/{key}'}",
    )
    deliveries.obey_resource_policies(account=account, region=region)
    services.tell_policies_what_is_asked()
    functions.hide_from_functions(hidden)
    functions.load_no_sdk_before_the_function()
    functions.limit_processes(_PROCESSES_PER_FUNCTION, patience_seconds=60.0)
    _write_as_the_functions_roles(region)
    _keep_topic_keys()
    _keep_function_settings()
    _protect_user_pools()
    identity.reset_unsent_client_fields()
    identity.refuse_unknown_attributes()
    _name_app_clients()
    _name_log_groups()
    identity.draw_temporary_passwords(_temporary_password)


def _write_as_the_functions_roles(region: str) -> None:
    """A function's log and dead letters are its role's doing: what that may not do is lost."""

    def may_log(group: str, role_arn: str, function: str) -> bool:
        return logs.may_write(logs.session(role_arn, function), group, region=region)

    def may_send(target_arn: str, role_arn: str, function: str) -> bool:
        # Lambda developer guide, "Adding a dead-letter queue"
        action = _SENDING.get(target_arn.split(":")[2])
        return action is None or identity.role_allows(
            logs.session(role_arn, function),
            action=action,
            resource=target_arn,
            region=region,
            keys={},
        )

    functions.filter_function_logs(may_log)
    functions.filter_dead_letters(may_send)


def _keep_topic_keys() -> None:
    """`KmsMasterKeyId` of a topic, which its template's handlers drop."""
    handlers = cloudformation.resource_handlers("AWS::SNS::Topic")
    create, update = handlers["create"], handlers["update"]

    def apply(created: Any, props: Properties) -> Any:
        attributes = stores.topic_attributes(created[0])
        if props.get("KmsMasterKeyId"):
            attributes["KmsMasterKeyId"] = props["KmsMasterKeyId"]
        else:
            attributes.pop("KmsMasterKeyId", None)
        return created

    def create_with_key(logical_id: str, props: Properties, stack: str) -> Any:
        return apply(create(logical_id, props, stack), props)

    def update_with_key(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        return apply(update(physical_id, old, new, *rest), new)

    handlers["create"], handlers["update"] = create_with_key, update_with_key


def _keep_function_settings() -> None:
    """`ReservedConcurrentExecutions` and `DeadLetterConfig` of a function."""
    handlers = cloudformation.resource_handlers("AWS::Lambda::Function")
    create, update = handlers["create"], handlers["update"]

    def apply(made: Any, props: Properties) -> Any:
        reserved = props.get("ReservedConcurrentExecutions")
        events.reserve_concurrency(made[0], None if reserved is None else int(reserved))
        functions.set_dead_letters(made[0], props.get("DeadLetterConfig"))
        return made

    def create_kept(logical_id: str, props: Properties, stack: str) -> Any:
        return apply(create(logical_id, props, stack), props)

    def update_kept(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        return apply(update(physical_id, old, new, *rest), new)

    handlers["create"], handlers["update"] = create_kept, update_kept


def _name_app_clients() -> None:
    """An app client's template may leave its name out; CloudFormation then makes one up."""
    identity.leave_out_unset_client_fields({"ClientName", "DefaultRedirectURI"})
    handlers = cloudformation.resource_handlers("AWS::Cognito::UserPoolClient")
    create, update = handlers["create"], handlers["update"]

    def create_named(logical_id: str, props: Properties, stack: str) -> Any:
        return create(logical_id, _named(props, logical_id), stack)

    def update_named(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Any:
        named = _named(old, logical_id), _named(new, logical_id)
        return update(physical_id, *named, stack, logical_id)

    handlers |= {"create": create_named, "update": update_named, "update_with_logical_id": True}


def _named(props: Properties, logical_id: str) -> Properties:
    return {"ClientName": f"{logical_id}-{_SUFFIX}", **props}


def _name_log_groups() -> None:
    """A log group without a name is named like everything CloudFormation names.

    ministack puts it below /aws/cloudformation/, where no policy for a stack's resources reaches.
    """
    handlers = cloudformation.resource_handlers("AWS::Logs::LogGroup")
    create, update = handlers["create"], handlers["update"]

    def create_named(logical_id: str, props: Properties, stack: str) -> Any:
        drawn = hashlib.sha256(f"{stack}/{logical_id}".encode()).hexdigest()[:12].upper()
        return create(logical_id, {"LogGroupName": f"{stack}-{logical_id}-{drawn}", **props}, stack)

    def update_named(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        named = ({"LogGroupName": physical_id, **props} for props in (old, new))
        return update(physical_id, *named, *rest)

    handlers["create"], handlers["update"] = create_named, update_named


def _temporary_password() -> str:
    """Twelve characters of every kind, none of which an HTML mail or a reader could mistake."""
    kinds = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#$%*+=?")
    drawn = [secrets.choice(kind) for kind in kinds]
    drawn += [secrets.choice("".join(kinds)) for _ in range(12 - len(kinds))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _protect_user_pools() -> None:
    """A pool with deletion protection stays."""
    handlers = cloudformation.resource_handlers("AWS::Cognito::UserPool")
    delete = handlers["delete"]

    def delete_unprotected(physical_id: str, props: Properties) -> None:
        pool = identity.user_pool(physical_id) or {}
        if pool.get("DeletionProtection") == "ACTIVE":
            raise ProtectedError(
                f"The user pool {physical_id} cannot be deleted because deletion protection is "
                "activated. Deletion protection must be inactivated first. (Service: Cognito, "
                "Status Code: 400, Error Code: InvalidParameterException)"
            )
        delete(physical_id, props)

    handlers["delete"] = delete_unprotected
