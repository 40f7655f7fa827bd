"""The gate in front of a workforce, and what keeps its portal reachable behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from aws_cdk import Aws, CfnResource, CustomResource
from constructs import Construct, IConstruct

from ground_truth_cdk.arns import arn
from ground_truth_cdk.function import (
    ANSWERS_CLOUDFORMATION,
    FunctionSettings,
    SecureFunction,
    custom_resource,
)
from ground_truth_cdk.grants import Grant, permissions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceGateProps:
    """`deployment` differs from one deployment to the next; `wanted` is what the gate checks."""

    functions: FunctionSettings
    mode: Literal["create", "adopt"]
    workforce_name: str
    portal_scheme: Literal["https", "http"]
    deployment: str
    wanted: Mapping[str, Any] = field(default_factory=dict)


class WorkforceGate(Construct):
    """Read-only resource that refuses a deployment before there is anything to roll back.

    Its attributes are the portal's addresses: CallbackUrl, LogoutUrl, PortalDomain, PortalUrl.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: WorkforceGateProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._function = SecureFunction(
            self,
            "Function",
            module="ground_truth_functions.workforce",
            description="Checks the account's workforce and keeps its worker portal reachable",
            settings=props.functions,
            dead_letters=ANSWERS_CLOUDFORMATION,
            grants=[
                _listing(props),
                Grant(actions=["cloudformation:DescribeStacks"], resources=[Aws.STACK_ID]),
            ],
        )
        self.resource = custom_resource(
            self,
            "Resource",
            resource_type="Custom::GroundTruthWorkforceGate",
            function=self._function,
            properties={**self._properties("gate"), **props.wanted},
        )

    def attribute(self, name: str) -> str:
        """Return one of the portal's addresses; the placeholder while there is no portal."""
        return self.resource.get_att_string(name)

    def watch(self, name: str, value: str) -> None:
        """Ask the gate again whenever a value changes."""
        resource = cast("CfnResource", self.resource.node.default_child)
        resource.add_property_override(name, value)

    def guard(self, *constructs: IConstruct) -> None:
        """Let constructs be made, changed and removed only while the gate is there."""
        for construct in constructs:
            construct.node.add_dependency(self.resource)

    def portal(
        self,
        *,
        user_pool_id: str | None,
        client_id: str | None,
        writes: bool,
        properties: Mapping[str, Any],
    ) -> CustomResource:
        """Make the resource that keeps the client leading to the portal.

        It must come after everything of the workforce; where the workforce is ours, its deletion
        is refused while others use it. Without a pool, only that.
        """
        known: dict[str, Any] = {}
        after: list[IConstruct] = [self.resource]
        if user_pool_id is not None:
            known = {"UserPoolId": user_pool_id, "ClientId": client_id}
            grants = self._client_grants(user_pool_id, writes=writes)
            role = self._function.role
            after.append(permissions_of(self, "PortalPermissions", role=role, grants=grants))
        resource = custom_resource(
            self,
            "Portal",
            resource_type="Custom::GroundTruthPortal",
            function=self._function,
            properties={
                **self._properties("portal"),
                **known,
                "Write": "true" if writes else "false",
                **properties,
            },
        )
        resource.node.add_dependency(*after)
        return resource

    def _properties(self, part: str) -> dict[str, Any]:
        props = self._props
        return {
            "Part": part,
            "Mode": props.mode,
            "WorkforceName": props.workforce_name,
            "PortalScheme": props.portal_scheme,
            "Deployment": props.deployment,
        }

    def _client_grants(self, user_pool_id: str, *, writes: bool) -> list[Grant]:
        actions = ["cognito-idp:DescribeUserPoolClient"]
        if writes:
            actions.append("cognito-idp:UpdateUserPoolClient")
        if self._props.mode == "create":
            actions += ["cognito-idp:ListGroups", "cognito-idp:ListUsers"]
        return [
            Grant(
                actions=["sagemaker:DescribeWorkforce"],
                resources=[arn("sagemaker", f"workforce/{self._props.workforce_name}")],
            ),
            Grant(actions=actions, resources=[arn("cognito-idp", f"userpool/{user_pool_id}")]),
        ]


def _listing(props: WorkforceGateProps) -> Grant:
    # whose teams there are is asked only before a workforce of ours goes
    teams = ["sagemaker:ListWorkteams"] if props.mode == "create" else []
    return Grant(
        actions=["sagemaker:ListWorkforces", *teams],
        resources=["*"],
        wildcard="listing knows no resources; an account has one workforce and up to 25 teams",
    )
