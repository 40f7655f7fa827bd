"""Two environments in one account: one makes the workforce, the other adopts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.people import Worker, first_label, until
from tests.e2e.project import LittleProject, edit, edit_template, little_project

if TYPE_CHECKING:
    import subprocess

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

pytestmark = pytest.mark.slow

HOST, GUEST = "environments/local.toml", "environments/guest.toml"
ACCOUNT, TEAM, LABELING = "GroundTruth/Account", "GroundTruth/Team", "GroundTruth/Labeling-moods"
BEN = '[[team.workers]]\nemail = "ben@example.com"\n'
OWNER = "custom:ground_truth_owner"


@dataclass(frozen=True)
class View:
    """Everything of the workforce at one moment; people by address, teams by name."""

    workforces: dict[str, str]
    client: dict[str, Any]
    teams: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    people: dict[str, tuple[bool, str, str]]

    def of_host(self) -> View:
        """Without what the guest has made."""
        return View(
            workforces=self.workforces,
            client=self.client,
            teams={k: v for k, v in self.teams.items() if k != "guest-labelers"},
            groups={k: v for k, v in self.groups.items() if k != "guest-labelers"},
            people={k: v for k, v in self.people.items() if "-guest-" not in v[1]},
        )

    def of_guest(self) -> tuple[object, ...]:
        """What the guest has made."""
        return (
            self.teams.get("guest-labelers"),
            self.groups.get("guest-labelers"),
            {k: v for k, v in self.people.items() if "-guest-" in v[1]},
        )


@dataclass
class Story:
    """What was seen after each chapter."""

    views: dict[str, View] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    signed_in: dict[str, bool] = field(default_factory=dict)
    diff: subprocess.CompletedProcess[str] | None = None
    guests_first_try: list[str] = field(default_factory=list)
    left: int = -1


@dataclass
class Teller:
    """Plays the chapters in order."""

    project: LittleProject
    aws: Clients
    story: Story = field(default_factory=Story)

    def tell(self) -> Story:
        server = self.project.server
        self.project.cdk("bootstrap").bootstrap(account=server.account, region=server.region)
        host = self.project.synth("host")
        self.deploy("host", host, "--all")
        self.ben_labels()
        self.guest_makes_a_second_workforce()
        guest = self.guest_adopts()
        self.ben_is_removed_beside_a_changed_client()
        self.ben_is_back(host)
        self.destroy("guest first", "guest")
        self.deploy("guest again", guest, TEAM)
        self.host_goes_first(host)
        self.project.cdk("guest last").destroy(guest, TEAM)
        self.destroy("host last", "local")
        self.story.left = len(self.aws.sagemaker.list_workforces()["Workforces"])
        return self.story

    def deploy(self, name: str, assembly: Path, *stacks: str) -> None:
        self.project.cdk(name).deploy(assembly, *stacks)
        self.look(name)

    def ben_labels(self) -> None:
        portal = self.project.server.portal_url
        self.ben = Worker(portal, "ben@example.com")
        self.ada = Worker(portal, "ada@example.com")
        jobs = self.aws.sagemaker.list_labeling_jobs(
            NameContains="gt-local-moods", SortBy="CreationTime", SortOrder="Descending"
        )["LabelingJobSummaryList"]
        self.job = jobs[0]["LabelingJobName"]
        self.ben.answer(self.job, first_label, tasks=1)
        until(
            self.aws.sagemaker, self.job, lambda found: found["LabelCounters"]["TotalLabeled"] == 1
        )
        self.keep_labels("ben has labeled")

    def guest_makes_a_second_workforce(self) -> None:
        assembly = self.synth("second", "guest")
        self.story.said["second"] = self.project.refused("second", assembly, ACCOUNT)
        events = self.aws.cloudformation.describe_stack_events(
            StackName="GroundTruth-guest-Account"
        )["StackEvents"]
        begun = {e["ResourceType"] for e in events if e["ResourceStatus"] == "CREATE_IN_PROGRESS"}
        self.story.guests_first_try = sorted(begun - {"AWS::CloudFormation::Stack"})
        self.look("second")

    def guest_adopts(self) -> Path:
        found = self.aws.sagemaker.list_workforces()["Workforces"][0]
        cognito = found["CognitoConfig"]
        edit(
            self.project.root / GUEST,
            'mode = "create"\n',
            f'mode = "adopt"\nuser_pool_id = "{cognito["UserPool"]}"\n'
            f'client_id = "{cognito["ClientId"]}"\n',
        )
        for key in ("mfa", "deletion_protection", "invitation_valid_days"):
            remove_key(self.project.root / GUEST, key)
        assembly = self.synth("guest", "guest")
        self.deploy("guest", assembly, TEAM)
        return assembly

    def ben_is_removed_beside_a_changed_client(self) -> None:
        edit(self.project.root / HOST, BEN, "")
        assembly = edit_template(self.project.synth("without ben"), "Account", change_client)
        self.deploy("without ben", assembly, ACCOUNT, TEAM)
        self.keep_labels("without ben")
        # a new sign-in, which Cognito sends back to the address the client names
        self.story.signed_in["ada"] = self.ada.signs_in_again()
        self.story.signed_in["ben, removed"] = self.ben.signs_in_again()

    def ben_is_back(self, host: Path) -> None:
        # changed again, by a plain `cdk deploy`: without the value that `make deploy` gives
        done = self.project.cli(
            "ben is back", "deploy", ACCOUNT, TEAM, "--app", host, "--require-approval", "never"
        )
        assert done.returncode == 0, done.stderr
        self.look("ben is back")
        self.story.signed_in["ben, back"] = self.ben.signs_in_again()
        self.ben.answer(self.job, first_label, tasks=1)
        doomed = edit_template(host, "Account", change_client_and_fail)
        self.story.said["rollback"] = self.project.refused("rollback", doomed, ACCOUNT)
        self.look("rollback")
        self.story.diff = self.project.cli("diff", "diff", ACCOUNT, TEAM, "--app", host, "--fail")

    def host_goes_first(self, host: Path) -> None:
        refused = self.project.gt("destroy", "--env", "local", "--yes", "--running-jobs")
        self.story.said["gt destroy"] = refused.stdout + refused.stderr
        self.look("gt destroy")
        self.project.cdk("host's team goes").destroy(host, LABELING, TEAM)
        self.look("host's team goes")
        stays = self.project.cli(
            "account stays", "destroy", ACCOUNT, "--app", host, "--force", "--exclusively"
        )
        self.story.said["cdk destroy"] = " ".join((stays.stdout + stays.stderr).split())
        self.look("account stays")

    def destroy(self, name: str, environment: str) -> None:
        done = self.project.gt("destroy", "--env", environment, "--yes", "--running-jobs")
        assert done.returncode == 0, done.stdout + done.stderr
        self.look(name)

    def synth(self, name: str, environment: str) -> Path:
        assembly = self.project.root / "assemblies" / name
        self.project.cdk(name).synth(environment=environment, output=assembly, checks=False)
        return assembly

    def keep_labels(self, moment: str) -> None:
        """The job's answers and consolidated labels, by key."""
        s3, found = self.aws.s3, {}
        uri = self.aws.sagemaker.describe_labeling_job(LabelingJobName=self.job)["OutputConfig"]
        bucket, _, prefix = uri["S3OutputPath"].removeprefix("s3://").partition("/")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                found[item["Key"]] = item["ETag"]
        self.story.labels[moment] = found

    def look(self, name: str) -> None:
        self.story.views[name] = view(self.aws)


def view(aws: Clients) -> View:
    workforces = aws.sagemaker.list_workforces()["Workforces"]
    cognito: Any = aws.cognito
    client, groups, people = {}, {}, {}
    for workforce in workforces:
        pool, client_id = (workforce["CognitoConfig"][key] for key in ("UserPool", "ClientId"))
        client = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)
        client = {k: v for k, v in client["UserPoolClient"].items() if k != "LastModifiedDate"}
        for group in cognito.list_groups(UserPoolId=pool)["Groups"]:
            name = group["GroupName"]
            users = cognito.list_users_in_group(UserPoolId=pool, GroupName=name)["Users"]
            groups[name] = tuple(sorted(address(user) for user in users))
        for user in cognito.list_users(UserPoolId=pool)["Users"]:
            attributes = {a["Name"]: a["Value"] for a in user["Attributes"]}
            people[attributes["email"]] = (user["Enabled"], attributes[OWNER], attributes["sub"])
    return View(
        workforces={w["WorkforceName"]: w["CognitoConfig"]["UserPool"] for w in workforces},
        client=client,
        teams={
            team["WorkteamName"]: tuple(
                m["CognitoMemberDefinition"]["UserGroup"] for m in team["MemberDefinitions"]
            )
            for team in aws.sagemaker.list_workteams()["Workteams"]
        },
        groups=groups,
        people=people,
    )


def address(user: dict[str, Any]) -> str:
    return next(str(a["Value"]) for a in user["Attributes"] if a["Name"] == "email")


def change_client(template: dict[str, Any]) -> None:
    """Another property of the client in the synthesized template, as an edit of ours would."""
    template["Resources"]["WorkforceClient"]["Properties"]["RefreshTokenValidity"] = 5
    for resource in template["Resources"].values():
        if "ClientSettings" in resource.get("Properties", {}):
            resource["Properties"]["ClientSettings"] = "changed"


def change_client_and_fail(template: dict[str, Any]) -> None:
    """The same beside a resource that fails when the client has been changed."""
    change_client(template)
    template["Resources"]["Doomed"] = {
        "Type": "AWS::Cognito::UserPoolDomain",
        "DependsOn": ["WorkforceClient"],
        "Properties": {"UserPoolId": "us-east-1_missing", "Domain": "doomed-labelers"},
    }


def remove_key(file: Path, key: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith(f"{key} =")))


@pytest.fixture(scope="module")
def story(
    server: LocalAws, aws: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    project = little_project(tmp_path_factory.mktemp("workforces"), server, campaigns=("moods",))
    text = (project.root / HOST).read_text(encoding="utf-8")
    people = text[text.index("[[team.workers]]") : text.index("[notifications]")]
    (project.root / HOST).write_text(
        text.replace(people, '[[team.workers]]\nemail = "ada@example.com"\n' + BEN)
    )
    (project.root / GUEST).write_text(
        text.replace(
            people,
            '[[team.workers]]\nemail = "Ada@example.com"\n'
            '[[team.workers]]\nemail = "zoe@example.com"\n',
        )
    )
    try:
        yield Teller(project=project, aws=aws).tell()
    finally:
        # a chapter that went wrong must not take the account's one workforce from other tests
        for environment in ("guest", "local"):
            project.gt("destroy", "--env", environment, "--yes", "--running-jobs")


def test_second_workforce_is_refused_before_anything_is_made(story: Story) -> None:
    said = story.said["second"]
    assert "there can be only one: ground-truth, which signs in with user pool us-east-1_" in said
    assert 'To label with it, set in the environment file: [workforce] mode = "adopt"' in said
    assert story.guests_first_try == [
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "Custom::GroundTruthWorkforceGate",
    ]
    assert story.views["second"] == story.views["host"]


def test_guest_adds_its_own_and_changes_nothing_of_the_hosts(story: Story) -> None:
    host, guest = story.views["host"], story.views["guest"]
    assert guest.of_host() == host
    assert guest.teams == {
        "local-labelers": ("local-labelers",),
        "guest-labelers": ("guest-labelers",),
    }
    # ada was there; only the membership is new
    assert guest.groups["guest-labelers"] == ("ada@example.com", "zoe@example.com")
    assert guest.people["ada@example.com"] == host.people["ada@example.com"]


def test_changed_client_still_leads_to_the_portal(story: Story, server: LocalAws) -> None:
    changed = story.views["without ben"].client
    assert changed == {
        **story.views["host"].client,
        "RefreshTokenValidity": 5,
        "CallbackURLs": [f"{server.portal_url}/oauth2/idpresponse"],
        "LogoutURLs": [f"{server.portal_url}/logout"],
    }
    assert story.signed_in["ada"]


def test_plain_deployment_of_a_changed_client_leads_to_the_portal_too(
    story: Story, server: LocalAws
) -> None:
    client = story.views["ben is back"].client
    assert client == {**story.views["host"].client, "RefreshTokenValidity": 30}
    assert client["CallbackURLs"] == [f"{server.portal_url}/oauth2/idpresponse"]


def test_rolled_back_change_of_the_client_leads_to_the_portal_too(story: Story) -> None:
    assert "Doomed" in story.said["rollback"]
    assert story.views["rollback"] == story.views["ben is back"]


def test_diff_says_nothing_of_what_every_deployment_changes(story: Story) -> None:
    assert story.diff is not None
    assert story.diff.returncode == 0, story.diff.stdout + story.diff.stderr


def test_removed_worker_is_locked_out_and_keeps_every_label(story: Story) -> None:
    before, after = story.views["guest"], story.views["without ben"]
    assert after.groups["local-labelers"] == ("ada@example.com",)
    enabled, *identity = before.people["ben@example.com"]
    assert (enabled, after.people["ben@example.com"]) == (True, (False, *identity))
    assert not story.signed_in["ben, removed"]
    answers = [key for key in story.labels["ben has labeled"] if "/worker-response/" in key]
    assert len(answers) == 1
    assert story.labels["without ben"] == story.labels["ben has labeled"]


def test_worker_who_is_back_is_the_same_person(story: Story) -> None:
    assert story.views["ben is back"].people == story.views["guest"].people
    assert story.views["ben is back"].groups == story.views["guest"].groups
    assert story.signed_in["ben, back"]


def test_guest_that_goes_first_leaves_the_host_as_it_was(story: Story) -> None:
    after = story.views["guest first"]
    assert after.of_host() == story.views["ben is back"].of_host()
    # whoever the guest made is kept, locked out: their answers must stay theirs
    enabled, owner, sub = story.views["guest"].people["zoe@example.com"]
    assert enabled
    assert after.of_guest() == (None, None, {"zoe@example.com": (False, owner, sub)})


def test_guest_that_comes_again_meets_its_people(story: Story) -> None:
    _, _, sub = story.views["guest"].people["zoe@example.com"]
    enabled, _, same = story.views["guest again"].people["zoe@example.com"]
    assert (enabled, same) == (True, sub)


def test_host_that_goes_first_stays_while_the_guest_needs_its_workforce(story: Story) -> None:
    assert "work team guest-labelers belongs to workforce ground-truth" in story.said["gt destroy"]
    assert story.views["gt destroy"] == story.views["guest again"]
    assert (
        "is still used by others: work team guest-labelers; group of user"
        in (story.said["cdk destroy"])
    )
    after = story.views["account stays"]
    assert after == story.views["host's team goes"]
    assert after.of_guest() == story.views["guest again"].of_guest()
    # ada is the host's, and a member of the guest's team
    assert after.people["ada@example.com"][0]
    assert not after.people["ben@example.com"][0]


def test_last_one_out_leaves_nothing(story: Story) -> None:
    assert story.left == 0
