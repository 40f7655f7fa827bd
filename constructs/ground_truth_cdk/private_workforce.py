"""The account's private workforce and the Cognito user pool it signs in with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from aws_cdk import CfnResource, Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IConstruct

from ground_truth_cdk.arns import arn
from ground_truth_cdk.checks import acknowledge
from ground_truth_cdk.function import CALLED_SYNCHRONOUSLY, FunctionSettings, SecureFunction
from ground_truth_cdk.grants import Grant

# Replacing the pool or the client replaces the workforce, which deletes before it creates, while
# work teams still hold it: that update can't succeed. So their logical ids never change.
FROZEN_IDS = {
    "Pool": "WorkforcePool",
    "Domain": "WorkforceDomain",
    "Client": "WorkforceClient",
    "Workforce": "Workforce",
}
# Ground Truth writes the portal's addresses over these as soon as a work team exists.
PLACEHOLDER_CALLBACK = "https://127.0.0.1"
OWNER_ATTRIBUTE = "ground_truth_owner"
_MFA = {
    "off": cognito.Mfa.OFF,
    "optional": cognito.Mfa.OPTIONAL,
    "required": cognito.Mfa.REQUIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateWorkforceProps:
    """`domain_prefix` is unique per region; `invitation_valid_days` is for first passwords."""

    functions: FunctionSettings
    workforce_name: str
    domain_prefix: str
    portal_scheme: Literal["https", "http"]
    mfa: Literal["off", "optional", "required"]
    deletion_protection: bool
    invitation_valid_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceReference:
    """What a work team must know of a workforce, made here or elsewhere."""

    workforce_name: str
    user_pool_id: str
    client_id: str


class PrivateWorkforce(Construct):
    """User pool, domain, client and workforce; one per account and region.

    `reference` is for work teams, `portal_domain` has no scheme, `portal_url` is for people.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, props: PrivateWorkforceProps
    ) -> None:
        super().__init__(scope, construct_id)
        pool = self._pool(props)
        domain = self._domain(props, pool)
        client = self._client(pool)
        workforce = sagemaker.CfnWorkforce(
            self,
            "Workforce",
            workforce_name=props.workforce_name,
            cognito_config=sagemaker.CfnWorkforce.CognitoConfigProperty(
                client_id=client.user_pool_client_id, user_pool=pool.user_pool_id
            ),
        )
        # Ground Truth refuses a pool without a domain; and the workforce must go first
        workforce.add_resource_dependency(domain)
        for construct in (pool, domain, client, workforce):
            _freeze(construct)
        self.reference = WorkforceReference(
            workforce_name=props.workforce_name,  # Ref is the ARN
            user_pool_id=pool.user_pool_id,
            client_id=client.user_pool_client_id,
        )
        self.portal_domain = workforce.attr_sub_domain
        self.portal_url = f"{props.portal_scheme}://{self.portal_domain}"

    def _pool(self, props: PrivateWorkforceProps) -> cognito.UserPool:
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
            custom_attributes={OWNER_ATTRIBUTE: cognito.StringAttribute(mutable=True, max_len=512)},
            deletion_protection=props.deletion_protection,
            removal_policy=RemovalPolicy.DESTROY,
        )
        pool.add_trigger(cognito.UserPoolOperation.CUSTOM_MESSAGE, self._invitation(props).function)
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

    def _invitation(self, props: PrivateWorkforceProps) -> SecureFunction:
        return SecureFunction(
            self,
            "Invitation",
            module="ground_truth_functions.invitation",
            description="Puts the worker portal's address into invitations",
            settings=props.functions,
            dead_letters=CALLED_SYNCHRONOUSLY,
            timeout_seconds=5,  # Cognito waits no longer for a trigger
            environment={
                "WORKFORCE_NAME": props.workforce_name,
                "PORTAL_SCHEME": props.portal_scheme,
            },
            grants=[
                Grant(
                    actions=["sagemaker:DescribeWorkforce"],
                    resources=[arn("sagemaker", f"workforce/{props.workforce_name}")],
                )
            ],
        )

    def _domain(
        self, props: PrivateWorkforceProps, pool: cognito.UserPool
    ) -> cognito.CfnUserPoolDomain:
        return cognito.CfnUserPoolDomain(
            self,
            "Domain",
            domain=props.domain_prefix,
            user_pool_id=pool.user_pool_id,
            managed_login_version=1,  # the newer pages need a branding style per client
        )

    def _client(self, pool: cognito.UserPool) -> cognito.UserPoolClient:
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
                callback_urls=[PLACEHOLDER_CALLBACK],
            ),
        )


def _freeze(construct: IConstruct) -> None:
    resource = construct if isinstance(construct, CfnResource) else construct.node.default_child
    cast("CfnResource", resource).override_logical_id(FROZEN_IDS[construct.node.id])
