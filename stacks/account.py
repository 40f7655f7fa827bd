"""Once per account and region: the private workforce and its user pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws

from ground_truth_cdk.private_workforce import PrivateWorkforce, PrivateWorkforceProps
from stacks.common import EnvironmentStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks import config
    from stacks.storage import StorageStack


class AccountStack(EnvironmentStack):
    """Deployed first, destroyed last."""

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
                domain_prefix=environment.domain_prefix(Aws.ACCOUNT_ID),
                portal_scheme=settings.portal_scheme,
                mfa=settings.mfa,
                deletion_protection=settings.deletion_protection,
                invitation_valid_days=settings.invitation_valid_days,
            ),
        )
        reference = workforce.reference
        self.output("WorkforceName", reference.workforce_name, "The account's workforce")
        self.output("UserPoolId", reference.user_pool_id, "Where workers sign in")
        self.output("UserPoolClientId", reference.client_id, "The workforce's app client")
        self.output("PortalDomain", workforce.portal_domain, "The worker portal, without scheme")
        self.output("PortalUrl", workforce.portal_url, "The worker portal")
