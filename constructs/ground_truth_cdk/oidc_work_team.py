"""An environment's work team where people are an OpenID Connect provider's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcWorkTeamProps:
    """`groups` are the provider's, as it claims them in `sagemaker-groups`."""

    workforce_name: str
    team_name: str
    description: str
    groups: Sequence[str]
    topic: sns.ITopic


class OidcWorkTeam(Construct):
    """The team alone: who belongs to its groups is the provider's to say."""

    def __init__(self, scope: Construct, construct_id: str, *, props: OidcWorkTeamProps) -> None:
        super().__init__(scope, construct_id)
        self.team = sagemaker.CfnWorkteam(
            self,
            "Team",
            workteam_name=props.team_name,
            workforce_name=props.workforce_name,
            description=props.description,
            member_definitions=[
                sagemaker.CfnWorkteam.MemberDefinitionProperty(
                    oidc_member_definition=sagemaker.CfnWorkteam.OidcMemberDefinitionProperty(
                        oidc_groups=list(props.groups)
                    )
                )
            ],
            notification_configuration=sagemaker.CfnWorkteam.NotificationConfigurationProperty(
                notification_topic_arn=props.topic.topic_arn
            ),
        )
        self.team.node.add_dependency(props.topic)
        self.workteam_arn = self.team.ref
