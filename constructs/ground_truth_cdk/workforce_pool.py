"""The user pool of a private workforce: who may sign in, how, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from aws_cdk import CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct, IConstruct

from ground_truth import names
from ground_truth.canonical import canonical_json, sha256_hex
from ground_truth_cdk.arns import arn
from ground_truth_cdk.checks import acknowledge
from ground_truth_cdk.function import CALLED_SYNCHRONOUSLY, FunctionSettings, SecureFunction
from ground_truth_cdk.grants import Grant

if TYPE_CHECKING:
    from ground_truth_cdk.workforce_gate import WorkforceGate

# Replacing the pool or the client replaces the workforce, which deletes before it creates, while
# work teams still hold it: that update can't succeed. So their logical ids never change.
FROZEN_IDS = {
    "Pool": "WorkforcePool",
    "Domain": "WorkforceDomain",
    "Client": "WorkforceClient",
    "Workforce": "Workforce",
}
# Stands for the portal's addresses in the client until there is a portal.
PLACEHOLDER = "https://127.0.0.1"
_MFA = {
    "off": cognito.Mfa.OFF,
    "optional": cognito.Mfa.OPTIONAL,
    "required": cognito.Mfa.REQUIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforcePoolProps:
    """`domain_prefix` is unique per region; `invitation_valid_days` is for first passwords."""

    domain_prefix: str
    mfa: Literal["off", "optional", "required"]
    deletion_protection: bool
    invitation_valid_days: int


class WorkforcePool(Construct):
    """User pool, domain and client, and the invitation mail.

    The client's addresses are what the gate found to be the portal's, so that a later change of
    the client doesn't take them away again. `client_settings` is a digest of the client.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        props: WorkforcePoolProps,
        functions: FunctionSettings,
        workforce_name: str,
        portal_scheme: Literal["https", "http"],
        gate: WorkforceGate,
    ) -> None:
        super().__init__(scope, construct_id)
        pool = self._pool(props)
        invitation = _invitation(self, functions, workforce_name, portal_scheme)
        pool.add_trigger(cognito.UserPoolOperation.CUSTOM_MESSAGE, invitation.function)
        self.domain = cognito.CfnUserPoolDomain(
            self,
            "Domain",
            domain=props.domain_prefix,
            user_pool_id=pool.user_pool_id,
            managed_login_version=1,  # the newer pages need a branding style per client
        )
        client = self._client(pool, gate)
        for construct in (pool, self.domain, client):
            freeze(construct)
        gate.guard(self)
        self.user_pool_id = pool.user_pool_id
        self.client_id = client.user_pool_client_id
        self.client_settings = _digest(cast("cognito.CfnUserPoolClient", client.node.default_child))
        # a changed client makes the gate look up the addresses that go into it
        gate.watch("ClientSettings", self.client_settings)

    def _pool(self, props: WorkforcePoolProps) -> cognito.UserPool:
        pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=_MFA[props.mfa],
            mfa_second_factor=(
                None if props.mfa == "off" else cognito.MfaSecondFactor(otp=True, sms=False)
            ),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(props.invitation_valid_days),
            ),
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            custom_attributes={
                names.OWNER_ATTRIBUTE: cognito.StringAttribute(mutable=True, max_len=512)
            },
            deletion_protection=props.deletion_protection,
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            pool,
            "COG8",
            reason="threat protection is billed per worker; people are invited, sign-up is closed",
        )
        if props.mfa != "required":
            acknowledge(
                pool, "COG2", reason=f"the environment file says mfa = {props.mfa!r}; prod requires"
            )
        return pool

    def _client(self, pool: cognito.UserPool, gate: WorkforceGate) -> cognito.UserPoolClient:
        return cognito.UserPoolClient(
            self,
            "Client",
            user_pool=pool,
            generate_secret=True,
            prevent_user_existence_errors=True,
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[
                    cognito.OAuthScope.EMAIL,
                    cognito.OAuthScope.OPENID,
                    cognito.OAuthScope.PROFILE,
                ],
                callback_urls=[gate.attribute("CallbackUrl")],
                logout_urls=[gate.attribute("LogoutUrl")],
            ),
        )


def freeze(construct: IConstruct) -> None:
    """Give a construct's resource the logical id it keeps for ever."""
    resource = construct if isinstance(construct, CfnResource) else construct.node.default_child
    cast("CfnResource", resource).override_logical_id(FROZEN_IDS[construct.node.id])


def _invitation(
    scope: Construct,
    functions: FunctionSettings,
    workforce_name: str,
    portal_scheme: Literal["https", "http"],
) -> SecureFunction:
    return SecureFunction(
        scope,
        "Invitation",
        module="ground_truth_functions.invitation",
        description="Puts the worker portal's address into invitations",
        settings=functions,
        dead_letters=CALLED_SYNCHRONOUSLY,
        timeout_seconds=5,  # Cognito waits no longer for a trigger
        environment={"WORKFORCE_NAME": workforce_name, "PORTAL_SCHEME": portal_scheme},
        grants=[
            Grant(
                actions=["sagemaker:DescribeWorkforce"],
                resources=[arn("sagemaker", f"workforce/{workforce_name}")],
            )
        ],
    )


def _digest(client: cognito.CfnUserPoolClient) -> str:
    """Digest what CloudFormation sends of the client, apart from the logical ids in it."""
    return sha256_hex(canonical_json(Stack.of(client).resolve(client._cfn_properties)))[:16]
