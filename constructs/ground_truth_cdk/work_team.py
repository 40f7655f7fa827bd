"""An environment's work team: a group of the pool, its people, and the team made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import CustomResource
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from ground_truth_cdk.arns import arn
from ground_truth_cdk.function import (
    ANSWERS_CLOUDFORMATION,
    LONGEST_TIMEOUT_SECONDS,
    FunctionSettings,
    SecureFunction,
    custom_resource,
)
from ground_truth_cdk.grants import Grant

if TYPE_CHECKING:
    from ground_truth_cdk.private_workforce import WorkforceReference


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTeamProps:
    """`team_name` is unique per account and region, also when several environments share them.

    `adopted`: others made the workforce. `deployment` differs from one deployment to the next.
    """

    functions: FunctionSettings
    workforce: WorkforceReference
    adopted: bool
    team_name: str
    description: str
    workers: Sequence[str]
    topic: sns.ITopic
    deployment: str


class WorkTeam(Construct):
    """Group, work team and workers; every deployment makes them what the file lists.

    People are invited, added and taken out by a resource of our own: the native one fails on
    people who exist already, and deletes those other teams need.
    """

    def __init__(self, scope: Construct, construct_id: str, *, props: WorkTeamProps) -> None:
        super().__init__(scope, construct_id)
        workforce = props.workforce
        group = cognito.CfnUserPoolGroup(
            self,
            "Group",
            group_name=props.team_name,
            description=props.description,
            user_pool_id=workforce.user_pool_id,
        )
        self.team = sagemaker.CfnWorkteam(
            self,
            "Team",
            workteam_name=props.team_name,
            workforce_name=workforce.workforce_name,
            description=props.description,
            member_definitions=[
                sagemaker.CfnWorkteam.MemberDefinitionProperty(
                    cognito_member_definition=sagemaker.CfnWorkteam.CognitoMemberDefinitionProperty(
                        cognito_client_id=workforce.client_id,
                        cognito_user_group=group.ref,
                        cognito_user_pool=workforce.user_pool_id,
                    )
                )
            ],
            notification_configuration=sagemaker.CfnWorkteam.NotificationConfigurationProperty(
                notification_topic_arn=props.topic.topic_arn
            ),
        )
        # a group can't be deleted while a team is made of it, nor a topic it can't publish to used
        self.team.node.add_dependency(group, props.topic)
        self.workteam_arn = self.team.ref
        self.workers = self._workers(props, group)

    def _workers(self, props: WorkTeamProps, group: cognito.CfnUserPoolGroup) -> CustomResource:
        pool_id = props.workforce.user_pool_id
        function = SecureFunction(
            self,
            "WorkersFunction",
            module="ground_truth_functions.workers",
            description="Keeps the work team's members as the environment file lists them",
            settings=props.functions,
            dead_letters=ANSWERS_CLOUDFORMATION,
            timeout_seconds=LONGEST_TIMEOUT_SECONDS,
            grants=[
                Grant(
                    actions=[
                        "cognito-idp:AdminAddUserToGroup",
                        "cognito-idp:AdminCreateUser",
                        "cognito-idp:AdminDisableUser",
                        "cognito-idp:AdminEnableUser",
                        "cognito-idp:AdminGetUser",
                        "cognito-idp:AdminListGroupsForUser",
                        "cognito-idp:AdminRemoveUserFromGroup",
                        "cognito-idp:AdminUpdateUserAttributes",
                        # whether a pool of others takes the mark of those who are made here
                        *(["cognito-idp:DescribeUserPool"] if props.adopted else []),
                        "cognito-idp:ListUsers",
                    ],
                    resources=[arn("cognito-idp", f"userpool/{pool_id}")],
                )
            ],
        )
        workers = custom_resource(
            self,
            "Workers",
            resource_type="Custom::GroundTruthWorkers",
            function=function,
            properties={
                "UserPoolId": pool_id,
                "GroupName": group.ref,
                "Adopted": "true" if props.adopted else "false",
                "Workers": [{"Email": email} for email in sorted(props.workers)],
                "Deployment": props.deployment,
            },
        )
        # after the team, so that workers aren't subscribed to the operators' notifications
        workers.node.add_dependency(self.team)
        return workers
