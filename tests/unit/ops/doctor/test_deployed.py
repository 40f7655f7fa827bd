"""What of a deployment needs mending: stacks, buckets, workforce, people, notices, jobs."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ground_truth.task_input import Audited
from ground_truth_ops.deployment import StackKind
from ground_truth_ops.doctor import buckets, jobs, people
from ground_truth_ops.doctor import stacks as stacks_check
from ground_truth_ops.doctor import workforce as workforce_check
from ground_truth_ops.doctor.finding import Finding, Verdict, ok, problem
from ground_truth_ops.retained import Storage
from ground_truth_ops.status import CampaignStatus
from tests.unit.ops.conftest import job
from tests.unit.ops.doctor.scenes import (
    NOW,
    POOL,
    TEAM,
    Service,
    labeling,
    refusal,
    scene,
    stack,
    with_base,
    with_settings,
)

if TYPE_CHECKING:
    from ground_truth_ops.doctor.scene import Scene

RAW = stack(StackKind.STORAGE, RawBucketName="raw", OutputBucketName="out")
SECOND = "aws cloudformation {} --stack-name GroundTruth-dev-Labeling-{}"


def test_nothing_deployed_is_no_problem() -> None:
    assert list(stacks_check.check_stacks(scene())) == [ok("stacks", "nothing of dev is deployed")]


@pytest.mark.parametrize(
    ("campaign", "status", "run"),
    [
        ("handwritten-digits", "ROLLBACK_COMPLETE", "make deploy ENV=dev"),
        ("gone", "ROLLBACK_COMPLETE", SECOND.format("delete-stack", "gone")),
        ("gone", "DELETE_FAILED", SECOND.format("delete-stack", "gone")),
        ("gone", "ROLLBACK_FAILED", SECOND.format("delete-stack", "gone")),
        ("gone", "UPDATE_ROLLBACK_FAILED", SECOND.format("continue-update-rollback", "gone")),
    ],
)
def test_leftovers_are_told_with_their_cause(campaign: str, status: str, run: str) -> None:
    events = [
        {"ResourceStatus": "CREATE_FAILED", "LogicalResourceId": "B", "ResourceStatusReason": "c"},
        {
            "ResourceStatus": "CREATE_FAILED",
            "LogicalResourceId": "A",
            "ResourceStatusReason": "Resource creation cancelled",
        },
    ]
    cloudformation = Service(describe_stack_events={"StackEvents": events})
    found = scene(RAW, labeling(campaign, status=status), cloudformation=cloudformation)
    assert list(stacks_check.check_stacks(found)) == [
        ok("stacks", "1 of 2 complete"),
        problem(
            "stacks",
            f"GroundTruth-dev-Labeling-{campaign} is {status} (B: c)",
            "mend the cause, then",
            run=run,
        ),
    ]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", Verdict.OK),
        ("UPDATE_IN_PROGRESS", Verdict.UNKNOWN),
        ("REVIEW_IN_PROGRESS", Verdict.PROBLEM),
    ],
)
def test_stack_in_between_is_told_apart_from_a_leftover(status: str, verdict: Verdict) -> None:
    (found,) = stacks_check.check_stacks(scene(labeling("digits", status=status)))
    assert found.verdict is verdict


def cors(*rules: dict[str, Any]) -> Service:
    if not rules:
        return Service(get_bucket_cors=refusal("NoSuchCORSConfiguration"))
    return Service(get_bucket_cors={"CORSRules": list(rules)})


OTHER_RULE = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://upload.example.com"]}


def test_cors_that_lets_images_through_is_fine() -> None:
    rule = {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}
    (found,) = buckets.check_cors(scene(RAW, s3=cors(OTHER_RULE, rule)))
    assert found.verdict is Verdict.OK


@pytest.mark.parametrize("rules", [(), (OTHER_RULE,)])
def test_missing_cors_is_mended_without_losing_other_rules(rules: tuple[Any, ...]) -> None:
    (found,) = buckets.check_cors(scene(RAW, s3=cors(*rules)))
    assert found.verdict is Verdict.PROBLEM
    *_, configuration = shlex.split(found.run)
    assert json.loads(configuration) == {"CORSRules": [*rules, buckets.CORS_RULE]}


@pytest.mark.parametrize(
    ("attribute", "looked_at"), [("parts-ref", ["raw", "out"]), ("boxes", ["raw"])]
)
def test_cors_of_the_labels_counts_where_masks_are_shown(
    attribute: str, looked_at: list[str]
) -> None:
    found = with_base(scene(RAW, s3=cors()), "product-reviews", "handwritten-digits")
    project = found.target.project
    audited = Audited(attribute=attribute, labels=("road",))
    campaigns = tuple(
        replace(each, base=replace(each.base, audited=audited)) if each.base else each
        for each in project.campaigns
    )
    object.__setattr__(project, "campaigns", campaigns)

    assert [each.text.split()[0] for each in buckets.check_cors(found)] == looked_at


def test_page_of_frames_has_to_work_on_both_buckets() -> None:
    images = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    lacking = with_settings(scene(RAW, s3=cors(images)), storage={"frames": True})
    raw, out = buckets.check_cors(lacking)
    assert (raw.verdict, out.verdict) == (Verdict.PROBLEM, Verdict.PROBLEM)
    assert out.text.startswith("out has no rule")
    *_, configuration = shlex.split(raw.run)
    mended = json.loads(configuration)["CORSRules"]
    assert mended == [images, buckets.FRAMES_RULE]

    complete = with_settings(scene(RAW, s3=cors(*mended)), storage={"frames": True})
    assert {each.verdict for each in buckets.check_cors(complete)} == {Verdict.OK}


def test_cors_of_nothing_is_not_looked_at() -> None:
    assert list(buckets.check_cors(scene(s3=Service()))) == []


def buckets_with(**contents: list[str]) -> dict[str, Any]:
    """Tagged buckets, each with its keys; the tagging API still names one that is gone."""

    def listed(*, Bucket: str, Prefix: str = "", Delimiter: str = "", **_: Any) -> Any:
        keys = contents[Bucket]
        folders = sorted({key.partition("/")[0] + "/" for key in keys if "/" in key})
        return {
            "Contents": [{"Key": key} for key in keys if key.startswith(Prefix)],
            "CommonPrefixes": [{"Prefix": folder} for folder in folders] if Delimiter else [],
        }

    def head(*, Bucket: str) -> Any:
        if Bucket not in contents:
            raise refusal("404")
        return {}

    names = [*contents, "gone"]
    arns = [{"ResourceARN": f"arn:aws:s3:::{name}"} for name in names]
    resources = [
        {
            "LogicalResourceId": "Output",
            "PhysicalResourceId": "out",
            "ResourceType": "AWS::S3::Bucket",
            "ResourceStatus": "CREATE_COMPLETE",
        }
    ]
    return {
        "s3": Service(list_objects_v2=listed, head_bucket=head),
        "tagging": Service(get_resources={"ResourceTagMappingList": arns}),
        "cloudformation": Service(list_stack_resources={"StackResourceSummaries": resources}),
    }


SET = Storage(raw="old-raw", output="old", access_logs="old-logs", key_arn=None)
OLD = {"old": ["digits/lineage.json"], "old-raw": ["a"], "old-logs": []}


def retained(
    monkeypatch: pytest.MonkeyPatch, *stacks: Any, sets: tuple[Storage, ...], removal: str
) -> list[Finding]:
    """The findings about the buckets OLD and one that belongs to nothing."""
    monkeypatch.setattr(buckets, "find_retained", lambda _clients, _deployment: sets)
    monkeypatch.setattr(buckets, "problems_of", lambda *_arguments: iter(["old keeps no versions"]))
    services = buckets_with(out=["digits/lineage.json"], stray=[], **OLD)
    found = with_settings(scene(*stacks, **services), storage={"removal": removal})
    return list(buckets.check_retained(found))


def test_kept_labels_are_taken_over_before_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    first, hindrance, *rest = retained(monkeypatch, sets=(SET,), removal="retain")
    assert first == problem(
        "retained",
        "bucket old of an earlier dev holds labels of digits; without it a deployment asks for "
        "everything again",
        "take it over before deploying; or save the labels and remove it",
        run="make adopt ENV=dev BUCKET=old",
    )
    assert hindrance.text == "in the way of taking it over: old keeps no versions"
    # `out` belongs to no stack here either
    assert [each.verdict for each in rest] == [Verdict.PROBLEM, Verdict.UNKNOWN]
    assert rest[1].text.endswith("without labels: stray")


def test_kept_labels_beside_new_buckets_need_two_steps_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, *_ = retained(monkeypatch, RAW, sets=(SET,), removal="destroy")
    assert first.fix == (
        'set storage.removal = "retain" in environments/dev.toml, make destroy ENV=dev (a stack '
        "has buckets of its own), then take it over; or save the labels and remove it"
    )


def test_kept_labels_without_their_other_buckets_are_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, *_ = retained(monkeypatch, RAW, sets=(), removal="retain")
    assert first.run == "aws s3 sync s3://old export/dev/old"
    assert "can't be taken over" in first.text


def test_no_bucket_of_an_earlier_deployment_is_fine() -> None:
    (found,) = buckets.check_retained(scene(RAW, **buckets_with(out=["digits/lineage.json"])))
    assert found == ok("retained", "no bucket of an earlier dev is left")


WORKFORCE = {
    "WorkforceName": "ground-truth",
    "WorkforceArn": "arn:aws:sagemaker:us-east-1:123456789012:workforce/private-crowd/x",
    "SubDomain": "x.labeling.us-east-1.sagemaker.aws",
    "CognitoConfig": {"UserPool": POOL, "ClientId": "client"},
    "Status": "Active",
}


def workforce_scene(*stacks: Any, found: dict[str, Any] | None = None, **tags: str) -> Scene:
    vendor = {"WorkforceName": "vendor", "WorkforceArn": "x"}
    team = {"WorkteamArn": "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/t"}
    sagemaker = Service(
        list_workforces={"Workforces": [vendor, found] if found else [vendor]},
        list_tags=refusal("ValidationException"),
        list_workteams={"Workteams": [team]},
    )
    cognito = Service(
        describe_user_pool={
            "UserPool": {"UserPoolTags": {key.replace("__", ":"): v for key, v in tags.items()}}
        }
    )
    return scene(*stacks, sagemaker=sagemaker, cognito=cognito)


def test_workforce_that_is_not_there_will_be_made() -> None:
    (found,) = workforce_check.check_workforce(workforce_scene())
    assert found.verdict is Verdict.OK


def test_workforce_of_our_stack_is_named() -> None:
    account = stack(StackKind.ACCOUNT, WorkforceName="ground-truth")
    (found,) = workforce_check.check_workforce(workforce_scene(account, found=WORKFORCE))
    assert found == ok(
        "workforce",
        f"ground-truth of our stack GroundTruth-dev-Account, pool {POOL}, client client",
    )


@pytest.mark.parametrize(
    ("tags", "whose"),
    [
        ({}, "was made by hand or by another tool"),
        ({"aws__cloudformation__stack-name": "Theirs"}, "belongs to stack Theirs"),
        (
            {"ground-truth__environment": "prod", "aws__cloudformation__stack-name": "P-Account"},
            "belongs to environment prod (stack P-Account)",
        ),
    ],
)
def test_workforce_of_others_leaves_no_room_for_ours(tags: dict[str, str], whose: str) -> None:
    (found,) = workforce_check.check_workforce(workforce_scene(found=WORKFORCE, **tags))
    assert found.verdict is Verdict.PROBLEM
    assert found.text.startswith(f"ground-truth {whose}, pool {POOL}, client client; an account")
    assert found.fix.endswith(
        f'[workforce] mode = "adopt", name = "ground-truth", user_pool_id = "{POOL}", '
        'client_id = "client"'
    )


def test_workforce_of_a_provider_is_used_by_its_teams() -> None:
    found = {k: v for k, v in WORKFORCE.items() if k != "CognitoConfig"}
    found["OidcConfig"] = {"Issuer": "https://id.example"}
    (finding,) = workforce_check.check_workforce(workforce_scene(found=found))
    assert "workteam/private-crowd/t" in finding.fix


@pytest.mark.parametrize(
    ("there", "client", "verdict", "text"),
    [
        (True, "client", Verdict.OK, "; the environment adopts it"),
        (True, "other", Verdict.PROBLEM, "client other, but the one there is is ground-truth was"),
        (False, "client", Verdict.PROBLEM, "client client, but there is none in this region"),
    ],
)
def test_adopted_workforce_is_the_one_the_file_names(
    there: bool, client: str, verdict: Verdict, text: str
) -> None:
    named = {"name": "ground-truth", "user_pool_id": POOL, "client_id": client}
    found = with_settings(
        workforce_scene(found=WORKFORCE if there else None), workforce={"mode": "adopt", **named}
    )
    (finding,) = workforce_check.check_workforce(found)
    assert finding.verdict is verdict
    assert text in finding.text


def test_workforce_of_others_is_fine_where_the_file_names_a_team() -> None:
    found = with_settings(
        workforce_scene(found=WORKFORCE), team={"workteam_arn": "arn:x", "workers": ()}
    )
    (finding,) = workforce_check.check_workforce(found)
    assert finding.verdict is Verdict.OK


def test_workforce_that_failed_is_a_problem() -> None:
    broken = {**WORKFORCE, "Status": "Failed", "FailureReason": "no domain"}
    account = stack(StackKind.ACCOUNT, WorkforceName="ground-truth")
    first, _ = workforce_check.check_workforce(workforce_scene(account, found=broken))
    assert (first.verdict, first.text) == (Verdict.PROBLEM, "ground-truth is Failed: no domain")


def user(email: str, *, status: str = "CONFIRMED", enabled: bool = True, days: int = 1) -> Any:
    return {
        "Username": f"name-of-{email}",
        "Attributes": [{"Name": "email", "Value": email}],
        "UserStatus": status,
        "Enabled": enabled,
        "UserLastModifiedDate": NOW - timedelta(days=days),
    }


def team_scene(*users: Any, campaigns: tuple[CampaignStatus, ...] = (), workers: int = 3) -> Scene:
    policies = {"PasswordPolicy": {"TemporaryPasswordValidityDays": 7}}
    return scene(
        stack(StackKind.TEAM, WorkteamName="dev-labelers", NotificationTopicArn="topic"),
        campaigns=campaigns,
        cognito=Service(
            describe_user_pool={"UserPool": {"Policies": policies}},
            list_users_in_group={"Users": list(users)},
        ),
        sagemaker=Service(
            describe_workteam={"Workteam": TEAM},
            describe_labeling_job={
                "HumanTaskConfig": {"NumberOfHumanWorkersPerDataObject": workers}
            },
        ),
    )


ADA, BEN, CLEO = (f"{name}@example.com" for name in ("ada", "ben", "cleo"))


def test_full_team_is_fine() -> None:
    found = list(people.check_team(team_scene(user(ADA), user("Ben@example.com"), user(CLEO))))
    assert found == [
        ok("team", "dev-labelers: 3 members, 3 signed in; product-reviews asks 3 per object")
    ]


def test_invitations_are_told_with_their_last_day() -> None:
    invited = user(BEN, status="FORCE_CHANGE_PASSWORD")
    found = list(people.check_team(team_scene(user(ADA), invited, user(CLEO))))
    assert [each.text for each in found] == [
        "dev-labelers: 3 members, 2 signed in, 1 invited; product-reviews asks 3 per object",
        f"invited until 2026-11-26, not signed in yet: {BEN}",
    ]
    assert {each.verdict for each in found} == {Verdict.OK}


def test_invitation_that_ended_and_disabled_people_do_not_count() -> None:
    ended = user(BEN, status="FORCE_CHANGE_PASSWORD", days=8)
    found = list(people.check_team(team_scene(user(ADA), ended, user(CLEO, enabled=False))))
    assert [each.verdict for each in found] == [Verdict.PROBLEM] * 3
    assert found[0].text.endswith(
        "product-reviews asks 3 people per object, so it can't be finished"
    )
    assert found[1] == problem(
        "team",
        f"the invitation of {BEN} ended on 2026-11-19 unused",
        run=f"aws cognito-idp admin-create-user --user-pool-id {POOL} --username name-of-{BEN} "
        "--message-action RESEND",
    )
    assert found[2].text == f"{CLEO} is disabled and can't sign in"


def test_running_job_says_how_many_people_an_object_needs() -> None:
    status = CampaignStatus(campaign="digits", stack=labeling("digits"), job=job())
    found = team_scene(user(ADA), user(BEN), user(CLEO), campaigns=(status,), workers=5)
    first = next(iter(people.check_team(found)))
    assert first.verdict is Verdict.PROBLEM
    assert "digits asks 5 people per object" in first.text


def test_differences_between_file_and_team_are_told_both_ways() -> None:
    found = list(people.check_team(team_scene(user(ADA), user(BEN), user("guest@example.com"))))
    assert [(each.verdict, each.text) for each in found[1:]] == [
        (Verdict.PROBLEM, f"{CLEO} is in environments/dev.toml but not in the team"),
        (
            Verdict.PROBLEM,
            "guest@example.com is in the team but not in environments/dev.toml, and is offered its "
            "tasks",
        ),
    ]


def test_team_of_a_vendor_stays_unknown() -> None:
    team = {"WorkteamName": "vendors", "MemberDefinitions": []}
    found = scene(
        stack(StackKind.TEAM, WorkteamName="vendors"),
        sagemaker=Service(describe_workteam={"Workteam": team}),
    )
    (finding,) = people.check_team(found)
    assert finding.verdict is Verdict.UNKNOWN


CALLBACK = "https://x.labeling.us-east-1.sagemaker.aws/oauth2/idpresponse"
LOGOUT = "https://x.labeling.us-east-1.sagemaker.aws/logout"


@pytest.mark.parametrize(
    ("callbacks", "logouts", "missing"),
    [
        ([CALLBACK], [LOGOUT], ""),
        (["https://127.0.0.1"], [LOGOUT], CALLBACK),
        ([CALLBACK], [], LOGOUT),
        ([], [], f"{CALLBACK} and {LOGOUT}"),
    ],
)
def test_portal_is_in_the_app_client(
    callbacks: list[str], logouts: list[str], missing: str
) -> None:
    client = {"CallbackURLs": callbacks, "LogoutURLs": logouts}
    found = scene(
        stack(StackKind.TEAM, WorkteamName="dev-labelers"),
        sagemaker=Service(
            describe_workteam={"Workteam": TEAM}, list_workforces={"Workforces": [WORKFORCE]}
        ),
        cognito=Service(describe_user_pool_client={"UserPoolClient": client}),
    )
    (finding,) = people.check_portal(found)
    if missing:
        assert finding.verdict is Verdict.PROBLEM
        assert finding.text == f"nobody can sign in or out: app client client lacks {missing}"
    else:
        assert finding.verdict is Verdict.OK


def test_nobody_signs_in_before_there_is_a_team() -> None:
    sagemaker = Service(list_workforces={"Workforces": [WORKFORCE]})
    assert list(people.check_portal(scene(sagemaker=sagemaker))) == []


def notices(*subscriptions: tuple[str, str], emails: tuple[str, ...] = ()) -> list[Finding]:
    listed = [
        {"Protocol": "email", "Endpoint": email, "SubscriptionArn": arn}
        for email, arn in subscriptions
    ]
    found = scene(
        stack(StackKind.TEAM, NotificationTopicArn="topic"),
        sns=Service(list_subscriptions_by_topic={"Subscriptions": listed}),
    )
    return list(people.check_notifications(with_settings(found, notifications={"emails": emails})))


def test_notices_are_confirmed() -> None:
    assert notices((ADA, "arn:aws:sns:…"), emails=("Ada@example.com",)) == [
        ok("notices", "1 confirmed")
    ]


def test_notices_nobody_confirmed_or_subscribed_to_are_problems() -> None:
    missing, pending = notices((BEN, "PendingConfirmation"), emails=(ADA, BEN))
    assert missing.text == f"{ADA} is not subscribed"
    assert pending.text == f"{BEN} has not confirmed the subscription and hears nothing"
    assert pending.run == (
        f"aws sns subscribe --topic-arn topic --protocol email --notification-endpoint {BEN}"
    )


def test_nobody_to_tell_is_said() -> None:
    (found,) = notices()
    assert found.verdict is Verdict.OK
    assert "nobody is told" in found.text


def job_finding(*, with_stack: bool = True, **changes: Any) -> Finding:
    status = CampaignStatus(
        campaign="digits", stack=labeling("digits") if with_stack else None, job=job(**changes)
    )
    (found,) = jobs.check_jobs(scene(campaigns=(status,)))
    return found


LATER = NOW + timedelta(days=5)


def test_running_job_has_counters_and_an_end() -> None:
    found = job_finding(expires=LATER)
    end = LATER.astimezone().strftime("%Y-%m-%d %H:%M")
    assert found == ok("job", f"digits: InProgress, 3 of 10 labeled, until {end}")


@pytest.mark.parametrize(
    ("changes", "text", "run"),
    [
        (
            {"failed": 1, "expires": LATER},
            "already 1 of 11 objects without",
            "relabel",
        ),
        ({"expires": NOW + timedelta(days=1)}, "less than 2 days are left", "relabel"),
        ({"with_stack": False}, "its stack is gone, so nothing will stop it", "stop-labeling-job"),
        ({"status": "Failed", "failure_reason": "no CORS"}, "no CORS", "relabel"),
        (
            {"status": "Completed", "failed": 2},
            "2 of 12 objects without",
            "relabel",
        ),
    ],
)
def test_job_that_needs_a_person_is_a_problem(changes: Any, text: str, run: str) -> None:
    found = job_finding(**changes)
    assert found.verdict is Verdict.PROBLEM
    assert text in found.text
    assert run in found.run


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Completed"},
        {"status": "Completed", "labeled": 99, "unlabeled": 0, "failed": 1},
        {"status": "Stopped"},
    ],
)
def test_job_that_ended_within_what_is_allowed_is_fine(changes: Any) -> None:
    assert job_finding(**changes).verdict is Verdict.OK
