"""Once per account and region: the private workforce and what it signs in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws

from ground_truth_cdk.private_workforce import (
    OidcProvider,
    PrivateWorkforce,
    PrivateWorkforceProps,
)
from ground_truth_cdk.workforce_pool import WorkforcePoolProps
from stacks.common import EnvironmentStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks import config
    from stacks.storage import StorageStack


class AccountStack(EnvironmentStack):
    """Deployed first, destroyed last; there is none where a workforce is adopted."""

    def __init__(
        self, scope: Construct, *, environment: config.Environment, storage: StorageStack
    ) -> None:
        settings = environment.settings.workforce
        super().__init__(
            scope,
            "Account",
            environment=environment,
            description="Ground Truth: the account's private workforce and its sign-in",
            termination_protection=settings.deletion_protection,
        )
        self.encrypt_logs(storage.operations_key_for(self))
        workforce = PrivateWorkforce(
            self,
            "PrivateWorkforce",
            props=PrivateWorkforceProps(
                functions=self.functions,
                workforce_name=settings.name,
                portal_scheme=settings.portal_scheme,
                sign_in=_sign_in(environment),
                source_ips=settings.source_ips,
                deployment=self.deployment(),
            ),
        )
        self.output("WorkforceName", settings.name, "The account's workforce")
        if workforce.pool is not None:
            self.output("UserPoolId", workforce.pool.user_pool_id, "Where workers sign in")
            self.output("UserPoolClientId", workforce.pool.client_id, "The workforce's app client")
            self.output("SignInDomain", workforce.pool.domain.domain or "", "Its sign-in prefix")
        self.output("PortalDomain", workforce.portal_domain, "The worker portal, without scheme")
        self.output("PortalUrl", workforce.portal_url, "The worker portal")


def _sign_in(environment: config.Environment) -> WorkforcePoolProps | OidcProvider:
    settings = environment.settings.workforce
    if settings.oidc is not None:
        return OidcProvider(**settings.oidc.model_dump())
    return WorkforcePoolProps(
        domain_prefix=environment.domain_prefix(Aws.ACCOUNT_ID),
        mfa=settings.mfa,
        deletion_protection=settings.deletion_protection,
        invitation_valid_days=settings.invitation_valid_days,
    )
