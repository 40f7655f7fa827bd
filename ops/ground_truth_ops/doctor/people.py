"""Who is really in the team, who can get in, and who hears about jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ground_truth_ops.deployment import StackKind
from ground_truth_ops.doctor.finding import Finding, ok, problem, unknown

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Member, Scene

INVITED = "FORCE_CHANGE_PASSWORD"
USUAL_VALIDITY_DAYS = 7  # Cognito's default for temporary passwords
PENDING = "PendingConfirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of a group; `invited_until` is None once the invitation was accepted."""

    email: str
    username: str
    pool: str
    enabled: bool
    invited_until: datetime | None

    def can_label(self, now: datetime) -> bool:
        """Whether they can sign in, now or by an invitation that still holds."""
        return self.enabled and (self.invited_until is None or self.invited_until > now)


def check_team(scene: Scene) -> Iterator[Finding]:
    team = scene.workteam
    if team is None:
        return
    if not scene.members:
        yield unknown(
            "team", f"{team['WorkteamName']} has no Cognito group, so its members can't be seen"
        )
        return
    people = [person for member in scene.members for person in _people(scene, member)]
    able = [person for person in people if person.can_label(scene.now)]
    waiting = sum(person.invited_until is not None for person in able)
    text = f"{team['WorkteamName']}: {len(people)} members, {len(able) - waiting} signed in"
    if waiting:
        text += f", {waiting} invited"
    campaign, wanted = _most_workers(scene)
    if wanted > len(able):
        yield problem(
            "team",
            f"{text}; {campaign} asks {wanted} people per object, so it can't be finished",
            f"add [[team.workers]] to {scene.file}, then",
            run=f"make deploy ENV={scene.environment}",
        )
    else:
        yield ok("team", text + (f"; {campaign} asks {wanted} per object" if campaign else ""))
    invited = [person for person in able if person.invited_until is not None]
    for day, emails in _by_day(invited).items():
        yield ok("team", f"invited until {day}, not signed in yet: {', '.join(emails)}")
    for person in people:
        yield from _about(scene, person)
    yield from _differences(scene, people)


def _people(scene: Scene, member: Member) -> list[Person]:
    cognito = scene.clients.cognito
    pool = cognito.describe_user_pool(UserPoolId=member.pool)["UserPool"]
    policy = pool.get("Policies", {}).get("PasswordPolicy", {})
    days = policy.get("TemporaryPasswordValidityDays") or USUAL_VALIDITY_DAYS
    pages = cognito.get_paginator("list_users_in_group").paginate(
        UserPoolId=member.pool, GroupName=member.group
    )
    return [
        _person(dict(user), member.pool, timedelta(days=days))
        for page in pages
        for user in page["Users"]
    ]


def _person(user: dict[str, Any], pool: str, validity: timedelta) -> Person:
    attributes = {each["Name"]: each.get("Value", "") for each in user.get("Attributes", [])}
    invited = user["UserStatus"] == INVITED
    return Person(
        email=attributes.get("email", user["Username"]).lower(),
        username=user["Username"],
        pool=pool,
        enabled=user["Enabled"],
        # sent when the account was made, or when somebody had it sent again
        invited_until=user["UserLastModifiedDate"] + validity if invited else None,
    )


def _most_workers(scene: Scene) -> tuple[str, int]:
    """The campaign that asks most people: as its job was started, else as its file says."""
    declared = {
        campaign.name: campaign.settings.workers_per_object
        for campaign in scene.target.project.campaigns
    }
    for status in scene.campaigns:
        if status.job is not None and status.job.live:
            found = scene.clients.sagemaker.describe_labeling_job(LabelingJobName=status.job.name)
            task = found["HumanTaskConfig"]
            declared[status.campaign] = task["NumberOfHumanWorkersPerDataObject"]
    return max(declared.items(), key=lambda item: (item[1], item[0]), default=("", 0))


def _by_day(invited: list[Person]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person in sorted(invited, key=lambda each: (each.invited_until, each.email)):
        found.setdefault(f"{person.invited_until:%Y-%m-%d}", []).append(person.email)
    return found


def _about(scene: Scene, person: Person) -> Iterator[Finding]:
    who = f"--user-pool-id {person.pool} --username {person.username}"
    if not person.enabled:
        yield problem(
            "team",
            f"{person.email} is disabled and can't sign in",
            f"take them out of {scene.file}, or let them in again",
            run=f"aws cognito-idp admin-enable-user {who}",
        )
    elif person.invited_until is not None and person.invited_until <= scene.now:
        yield problem(
            "team",
            f"the invitation of {person.email} ended on {person.invited_until:%Y-%m-%d} unused",
            run=f"aws cognito-idp admin-create-user {who} --message-action RESEND",
        )


def _differences(scene: Scene, people: list[Person]) -> Iterator[Finding]:
    """Members beside the file, where the file says who is one."""
    team = scene.target.project.environment.settings.team
    if team.workteam_arn is not None:
        return
    listed = {worker.email.lower() for worker in team.workers}
    there = {person.email for person in people}
    for email in sorted(listed - there):
        yield problem(
            "team",
            f"{email} is in {scene.file} but not in the team",
            "deploy; if they were taken out by hand, put them in again",
            run=_membership("admin-add-user-to-group", scene, email),
        )
    for person in people:
        if person.email not in listed:
            yield problem(
                "team",
                f"{person.email} is in the team but not in {scene.file}, and is offered its tasks",
                "add them to the file, or take them out",
                run=_membership("admin-remove-user-from-group", scene, person.username),
            )


def _membership(command: str, scene: Scene, username: str) -> str:
    member = scene.members[0]
    return (
        f"aws cognito-idp {command} --user-pool-id {member.pool} --group-name {member.group} "
        f"--username {username}"
    )


def check_portal(scene: Scene) -> Iterator[Finding]:
    """Without these addresses in the app client, sign-in ends with "redirect mismatch"."""
    workforce = scene.workforce
    if workforce is None or not scene.members:
        return
    settings = scene.target.project.environment.settings.workforce
    address = f"{settings.portal_scheme}://{workforce['SubDomain']}"
    # a deployment puts them back into a client of ours, into others' only where they agree
    ours = settings.mode == "create" or settings.repair_client
    for pool, client in dict.fromkeys((each.pool, each.client) for each in scene.members):
        found = scene.clients.cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)
        app_client = found["UserPoolClient"]
        places = {
            f"{address}/oauth2/idpresponse": app_client.get("CallbackURLs", []),
            f"{address}/logout": app_client.get("LogoutURLs", []),
        }
        missing = [url for url, present in places.items() if url not in present]
        if missing:
            yield problem(
                "portal",
                f"nobody can sign in or out: app client {client} lacks {' and '.join(missing)}",
                ""
                if ours
                else f"add them to pool {pool} in the Cognito console (calls of the API reset what "
                "they don't name), or allow it with workforce.repair_client = true and",
                run=f"make deploy ENV={scene.environment}",
            )
        else:
            yield ok("portal", f"{address} is in app client {client}")


def check_notifications(scene: Scene) -> Iterator[Finding]:
    topic = scene.deployment.output(StackKind.TEAM, "NotificationTopicArn")
    if topic is None:
        return
    notifications = scene.target.project.environment.settings.notifications
    wanted = {email.lower() for email in notifications.emails}
    pages = scene.clients.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    found = {
        each["Endpoint"].lower(): each["SubscriptionArn"]
        for page in pages
        for each in page["Subscriptions"]
        if each["Protocol"] == "email"
    }
    again = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint"
    for email in sorted(wanted - set(found)):
        yield problem("notices", f"{email} is not subscribed", run=f"{again} {email}")
    pending = sorted(email for email, arn in found.items() if PENDING in arn)
    for email in pending:
        yield problem(
            "notices",
            f"{email} has not confirmed the subscription and hears nothing",
            "they follow the link in the mail; to have it sent again",
            run=f"{again} {email}",
        )
    confirmed = len(found) - len(pending)
    if not found and not wanted:
        yield ok("notices", f"nobody is told by mail ([notifications] in {scene.file} is empty)")
    elif confirmed:
        yield ok("notices", f"{confirmed} confirmed")
