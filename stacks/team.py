"""The environment's people: work team, workers, notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth_cdk.notification_topic import NotificationTopic
from ground_truth_cdk.private_workforce import WorkforceReference
from ground_truth_cdk.work_team import WorkTeam, WorkTeamProps
from stacks.common import EnvironmentStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks import config
    from stacks.account import AccountStack
    from stacks.storage import StorageStack


class TeamStack(EnvironmentStack):
    """A team of the account's workforce; or, without `account`, a team that exists already."""

    def __init__(
        self,
        scope: Construct,
        *,
        environment: config.Environment,
        account: AccountStack | None,
        storage: StorageStack,
    ) -> None:
        settings = environment.settings
        super().__init__(
            scope,
            "Team",
            environment=environment,
            description="Ground Truth: work team, workers, notifications",
        )
        key_arn = storage.operations_key_for(self)
        self.encrypt_logs(key_arn)
        topic = NotificationTopic(
            self,
            "Notifications",
            key_arn=key_arn,
            emails=settings.notifications.emails,
        )
        if account is None:
            arn = settings.team.workteam_arn or ""
            self.output("WorkteamName", arn.rpartition("/")[2], "The work team")
        else:
            arn = self._team(environment, account, topic)
        self.output("WorkteamArn", arn, "The work team of the environment's labeling jobs")
        self.output("NotificationTopicArn", topic.topic_arn, "Job events and alarms")

    def _team(
        self, environment: config.Environment, account: AccountStack, topic: NotificationTopic
    ) -> str:
        settings = environment.settings.team
        team = WorkTeam(
            self,
            "WorkTeam",
            props=WorkTeamProps(
                functions=self.functions,
                workforce=WorkforceReference(
                    workforce_name=self.read(account, "WorkforceName"),
                    user_pool_id=self.read(account, "UserPoolId"),
                    client_id=self.read(account, "UserPoolClientId"),
                ),
                team_name=environment.workteam_name,
                description=settings.description,
                workers=[worker.email for worker in settings.workers],
                topic=topic,
            ),
        )
        self.output("WorkteamName", team.team.attr_workteam_name, "The work team")
        self.output("PortalUrl", self.read(account, "PortalUrl"), "Where workers label")
        return team.workteam_arn
