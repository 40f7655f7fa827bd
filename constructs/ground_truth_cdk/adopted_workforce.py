"""A workforce that others made: looked at, used, and otherwise left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from constructs import Construct

from ground_truth_cdk.workforce_gate import WorkforceGate, WorkforceGateProps

if TYPE_CHECKING:
    from ground_truth_cdk.function import FunctionSettings
    from ground_truth_cdk.private_workforce import WorkforceReference
    from ground_truth_cdk.work_team import WorkTeam


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedWorkforceProps:
    """`repairs_client`: the portal's addresses may be added to the app client of others."""

    functions: FunctionSettings
    reference: WorkforceReference
    portal_scheme: Literal["https", "http"]
    repairs_client: bool
    deployment: str


class AdoptedWorkforce(Construct):
    """Checks that the workforce is the one named, and that its workers can sign in."""

    def __init__(
        self, scope: Construct, construct_id: str, *, props: AdoptedWorkforceProps
    ) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self.reference = props.reference
        self._gate = WorkforceGate(
            self,
            "Gate",
            props=WorkforceGateProps(
                functions=props.functions,
                mode="adopt",
                workforce_name=props.reference.workforce_name,
                portal_scheme=props.portal_scheme,
                deployment=props.deployment,
                wanted={
                    "UserPoolId": props.reference.user_pool_id,
                    "ClientId": props.reference.client_id,
                },
            ),
        )
        self.portal_url = self._gate.attribute("PortalUrl")

    def admit(self, team: WorkTeam) -> None:
        """Make the team after the check of the workforce, and invite people after that of sign-in.

        Sign-in is looked at when the team exists: SageMaker completes the client for it.
        """
        self._gate.guard(team)
        portal = self._gate.portal(
            user_pool_id=self.reference.user_pool_id,
            client_id=self.reference.client_id,
            writes=self._props.repairs_client,
            properties={},
        )
        portal.node.add_dependency(team.team)
        team.workers.node.add_dependency(portal)
