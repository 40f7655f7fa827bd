"""The account's private workforce, and the Cognito user pool or the provider it signs in with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import SecretValue
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ground_truth_cdk.workforce_gate import WorkforceGate, WorkforceGateProps
from ground_truth_cdk.workforce_pool import (
    PLACEHOLDER,
    WorkforcePool,
    WorkforcePoolProps,
    freeze,
)

if TYPE_CHECKING:
    from ground_truth_cdk.function import FunctionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """An OpenID Connect provider, in place of a user pool.

    The client's secret is a value of AWS Secrets Manager: its name, and the key in it if it holds
    JSON. CloudFormation reads it at deployment; it is in no file and no template.
    """

    client_id: str
    client_secret_name: str
    client_secret_key: str | None
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    logout_endpoint: str
    jwks_uri: str
    scope: str
    extra_params: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateWorkforceProps:
    """`sign_in` is a pool of ours or a provider; `source_ips` are CIDRs, none for everywhere."""

    functions: FunctionSettings
    workforce_name: str
    portal_scheme: Literal["https", "http"]
    sign_in: WorkforcePoolProps | OidcProvider
    source_ips: Sequence[str]
    deployment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceReference:
    """What a team of people must know of a workforce, made here or elsewhere."""

    workforce_name: str
    user_pool_id: str
    client_id: str


class PrivateWorkforce(Construct):
    """The workforce and its sign-in; one per account and region.

    `pool` is None with a provider. `portal_domain` has no scheme, `portal_url` is for people.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, props: PrivateWorkforceProps
    ) -> None:
        super().__init__(scope, construct_id)
        gate = _gate(self, props)
        self.pool: WorkforcePool | None = None
        if isinstance(props.sign_in, WorkforcePoolProps):
            self.pool = WorkforcePool(
                self,
                "SignIn",
                props=props.sign_in,
                functions=props.functions,
                workforce_name=props.workforce_name,
                portal_scheme=props.portal_scheme,
                gate=gate,
            )
            identity: dict[str, Any] = {"cognito_config": _cognito(self.pool)}
        else:
            identity = {"oidc_config": _oidc(props.sign_in)}
        workforce = sagemaker.CfnWorkforce(
            self,
            "Workforce",
            workforce_name=props.workforce_name,
            source_ip_config=_source_ips(props.source_ips),
            **identity,
        )
        freeze(workforce)
        gate.guard(workforce)
        if self.pool is not None:
            # Ground Truth refuses a pool without a domain; and the workforce must go first
            workforce.add_resource_dependency(self.pool.domain)
        self.portal_domain = workforce.attr_sub_domain
        self.portal_url = f"{props.portal_scheme}://{self.portal_domain}"
        self._keep_portal(gate, workforce)

    def _keep_portal(self, gate: WorkforceGate, workforce: sagemaker.CfnWorkforce) -> None:
        pool = self.pool
        portal = gate.portal(
            user_pool_id=pool.user_pool_id if pool else None,
            client_id=pool.client_id if pool else None,
            writes=pool is not None,
            properties=(
                {"Placeholder": PLACEHOLDER, "ClientSettings": pool.client_settings} if pool else {}
            ),
        )
        portal.node.add_dependency(workforce, *([pool] if pool else []))


def _gate(scope: Construct, props: PrivateWorkforceProps) -> WorkforceGate:
    wanted = {"SignIn": "oidc", "SourceIps": ",".join(props.source_ips)}
    if isinstance(props.sign_in, WorkforcePoolProps):
        wanted |= {
            "SignIn": "cognito",
            "DomainPrefix": props.sign_in.domain_prefix,
            "Placeholder": PLACEHOLDER,
        }
    return WorkforceGate(
        scope,
        "Gate",
        props=WorkforceGateProps(
            functions=props.functions,
            mode="create",
            workforce_name=props.workforce_name,
            portal_scheme=props.portal_scheme,
            deployment=props.deployment,
            wanted=wanted,
        ),
    )


def _cognito(pool: WorkforcePool) -> sagemaker.CfnWorkforce.CognitoConfigProperty:
    return sagemaker.CfnWorkforce.CognitoConfigProperty(
        client_id=pool.client_id, user_pool=pool.user_pool_id
    )


def _oidc(provider: OidcProvider) -> sagemaker.CfnWorkforce.OidcConfigProperty:
    secret = SecretValue.secrets_manager(
        provider.client_secret_name, json_field=provider.client_secret_key
    )
    return sagemaker.CfnWorkforce.OidcConfigProperty(
        client_id=provider.client_id,
        client_secret=secret.unsafe_unwrap(),  # a dynamic reference: only its name is written
        issuer=provider.issuer,
        authorization_endpoint=provider.authorization_endpoint,
        token_endpoint=provider.token_endpoint,
        user_info_endpoint=provider.user_info_endpoint,
        logout_endpoint=provider.logout_endpoint,
        jwks_uri=provider.jwks_uri,
        scope=provider.scope,
        authentication_request_extra_params=dict(provider.extra_params) or None,
    )


def _source_ips(cidrs: Sequence[str]) -> sagemaker.CfnWorkforce.SourceIpConfigProperty | None:
    return sagemaker.CfnWorkforce.SourceIpConfigProperty(cidrs=list(cidrs)) if cidrs else None
