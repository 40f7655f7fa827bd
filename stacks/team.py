"""The environment's people: work team, workers, notifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ground_truth_cdk.adopted_workforce import AdoptedWorkforce, AdoptedWorkforceProps
from ground_truth_cdk.notification_topic import NotificationTopic
from ground_truth_cdk.oidc_work_team import OidcWorkTeam, OidcWorkTeamProps
from ground_truth_cdk.private_workforce import WorkforceReference
from ground_truth_cdk.work_team import WorkTeam, WorkTeamProps
from stacks.common import EnvironmentStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks import config
    from stacks.account import AccountStack
    from stacks.storage import StorageStack


@dataclass(frozen=True, slots=True, kw_only=True)
class _Team:
    arn: str
    name: str
    portal_url: str | None = None


class TeamStack(EnvironmentStack):
    """A team of the workforce of `account`, of an adopted one, or one that exists already."""

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
        self._environment = environment
        self._deployment = self.deployment()  # in any case: `make deploy` gives a value for it
        topic = NotificationTopic(
            self,
            "Notifications",
            key_arn=key_arn,
            emails=settings.notifications.emails,
        )
        if settings.team.workteam_arn is not None:
            arn = settings.team.workteam_arn
            team = _Team(arn=arn, name=arn.rpartition("/")[2])
        elif account is None:
            team = self._adopting_team(topic)
        elif settings.workforce.oidc is not None:
            team = self._oidc_team(account, topic)
        else:
            team = self._team(account, topic)
        self.output("WorkteamName", team.name, "The work team")
        if team.portal_url is not None:
            self.output("PortalUrl", team.portal_url, "Where workers label")
        self.output("WorkteamArn", team.arn, "The work team of the environment's labeling jobs")
        self.output("NotificationTopicArn", topic.topic_arn, "Job events and alarms")

    def _team(self, account: AccountStack, topic: NotificationTopic) -> _Team:
        reference = WorkforceReference(
            workforce_name=self.read(account, "WorkforceName"),
            user_pool_id=self.read(account, "UserPoolId"),
            client_id=self.read(account, "UserPoolClientId"),
        )
        made = self._work_team(reference, topic, adopted=False)
        return _Team(
            arn=made.workteam_arn,
            name=made.team.attr_workteam_name,
            portal_url=self.read(account, "PortalUrl"),
        )

    def _adopting_team(self, topic: NotificationTopic) -> _Team:
        settings = self._environment.settings.workforce
        adopted = AdoptedWorkforce(
            self,
            "AdoptedWorkforce",
            props=AdoptedWorkforceProps(
                functions=self.functions,
                reference=WorkforceReference(
                    workforce_name=settings.name,
                    user_pool_id=settings.user_pool_id or "",
                    client_id=settings.client_id or "",
                ),
                portal_scheme=settings.portal_scheme,
                repairs_client=settings.repair_client,
                deployment=self._deployment,
            ),
        )
        made = self._work_team(adopted.reference, topic, adopted=True)
        adopted.admit(made)
        return _Team(
            arn=made.workteam_arn,
            name=made.team.attr_workteam_name,
            portal_url=adopted.portal_url,
        )

    def _oidc_team(self, account: AccountStack, topic: NotificationTopic) -> _Team:
        settings = self._environment.settings.team
        made = OidcWorkTeam(
            self,
            "WorkTeam",
            props=OidcWorkTeamProps(
                workforce_name=self.read(account, "WorkforceName"),
                team_name=self._environment.workteam_name,
                description=settings.description,
                groups=settings.oidc_groups,
                topic=topic,
            ),
        )
        return _Team(
            arn=made.workteam_arn,
            name=made.team.attr_workteam_name,
            portal_url=self.read(account, "PortalUrl"),
        )

    def _work_team(
        self, workforce: WorkforceReference, topic: NotificationTopic, *, adopted: bool
    ) -> WorkTeam:
        settings = self._environment.settings.team
        return WorkTeam(
            self,
            "WorkTeam",
            props=WorkTeamProps(
                functions=self.functions,
                workforce=workforce,
                adopted=adopted,
                team_name=self._environment.workteam_name,
                description=settings.description,
                workers=[worker.email for worker in settings.workers],
                topic=topic,
                deployment=self._deployment,
            ),
        )
