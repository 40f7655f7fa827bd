"""What an account has as its workforce, and what a stack has deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import WorkforceTypeDef

_ROLLING_BACK = frozenset({"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """The workforce there is; pool and client are empty if it signs in by OpenID Connect.

    `domain` is the portal's, without a scheme, and empty as long as the service names none.
    """

    name: str
    status: str
    domain: str
    user_pool_id: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack in the middle of an operation; `outputs` are those of the last one that succeeded."""

    status: str
    outputs: Mapping[str, str]

    @property
    def rolls_back(self) -> bool:
        return self.status in _ROLLING_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The worker portal's addresses, as SageMaker writes them into an app client."""

    scheme: str
    domain: str

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.domain}"

    @property
    def callback(self) -> str:
        return f"{self.url}/oauth2/idpresponse"

    @property
    def logout(self) -> str:
        return f"{self.url}/logout"


def existing_workforce(sagemaker: SageMakerClient) -> Workforce | None:
    """Return the one private workforce of the account and region, if it has one.

    Vendors' workforces are listed too (ListWorkforces); they sign in elsewhere.
    """
    for page in sagemaker.get_paginator("list_workforces").paginate():
        for described in page["Workforces"]:
            if "CognitoConfig" in described or "OidcConfig" in described:
                return workforce_of(described)
    return None


def workforce_of(described: WorkforceTypeDef) -> Workforce:
    cognito = described.get("CognitoConfig")
    return Workforce(
        name=described["WorkforceName"],
        status=described.get("Status", "Active"),
        domain=described.get("SubDomain", ""),
        user_pool_id=cognito["UserPool"] if cognito else "",
        client_id=cognito["ClientId"] if cognito else "",
    )


def deployed_stack(cloudformation: CloudFormationClient, stack_id: str) -> Stack:
    described = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}
    return Stack(status=described["StackStatus"], outputs=outputs)
