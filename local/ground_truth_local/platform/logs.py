"""What AWS writes in a role's name: logs and metrics, as far as the role's policies allow.

Resources and actions follow the service authorization reference of CloudWatch Logs and CloudWatch.
A stream's name is made up by the writer, so a grant must cover every stream of its group.
"""

from __future__ import annotations

from ground_truth_local.platform.hooks import identity, stores

_ANY_STREAM = "log-stream:any"


def session(role_arn: str, name: str) -> str:
    """ARN of a session that a service has with a role."""
    _, partition, _, _, account, role = role_arn.split(":", 5)
    return f"arn:{partition}:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{name}"


def may_write(session_arn: str, group: str, *, region: str) -> bool:
    """Whether a line may be written, in a stream of its own, making the group if it is absent."""
    partition, account = session_arn.split(":")[1], session_arn.split(":")[4]
    resource = f"arn:{partition}:logs:{region}:{account}:log-group:{group}:{_ANY_STREAM}"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if not stores.has_log_group(group):
        actions.insert(0, "logs:CreateLogGroup")
    return all(
        identity.role_allows(session_arn, action=action, resource=resource, region=region, keys={})
        for action in actions
    )


def may_measure(session_arn: str, namespace: str, *, region: str) -> bool:
    """Whether a datum may be put into a namespace; PutMetricData knows no resources."""
    return identity.role_allows(
        session_arn,
        action="cloudwatch:PutMetricData",
        resource="*",
        region=region,
        keys={"cloudwatch:namespace": namespace},
    )
