"""Whether the execution role reads one real object: what is proven, and what is left open."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.response import StreamingBody

from ground_truth_ops.deployment import StackKind
from ground_truth_ops.doctor import reading
from ground_truth_ops.doctor.finding import Finding, Verdict
from ground_truth_ops.status import CampaignStatus
from tests.unit.ops.conftest import job
from tests.unit.ops.doctor.scenes import (
    Service,
    labeling,
    refusal,
    scene,
    stack,
    with_base,
    with_settings,
)

ROLE = "arn:aws:iam::123456789012:role/execution"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
STORAGE = stack(StackKind.STORAGE, RawBucketName="raw", OutputBucketName="out")
PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ROOT_USES_KEY = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def denial(principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {
        "Sid": "Hidden",
        "Effect": "Deny",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": "*",
        **more,
    }


class Simulator:
    """IAM's policy simulator: decisions by action, and a denial wherever one is simulated."""

    def __init__(self, *, matches: bool = True, **decisions: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self._decisions = {f"{key.replace('_', ':')}": value for key, value in decisions.items()}
        self._matches = matches

    def simulate_principal_policy(
        self, *, PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str]
    ) -> Any:
        assert PolicySourceArn == ROLE
        self.asked.append((ActionNames[0], ResourceArns[0]))
        decision = self._decisions.get(ActionNames[0], "allowed")
        return {"EvaluationResults": [{"EvalDecision": decision}]}

    def simulate_custom_policy(
        self, *, PolicyInputList: list[str], ActionNames: list[str], ResourceArns: list[str]
    ) -> Any:
        statements = [s for text in PolicyInputList for s in json.loads(text)["Statement"]]
        assert all("Principal" not in statement for statement in statements)
        denies = any(statement["Effect"] == "Deny" for statement in statements)
        decision = "explicitDeny" if denies and self._matches else "allowed"
        return {"EvaluationResults": [{"EvalDecision": decision}]}


def look(
    *,
    simulator: Simulator | None = None,
    policy: list[dict[str, Any]] | None = None,
    key_policy: dict[str, Any] | None = None,
    line: dict[str, str] | None = None,
    campaign: str = "handwritten-digits",
) -> Finding:
    """The finding about a campaign; with a `key_policy` its object is encrypted by KEY."""
    content = json.dumps(line or {"source-ref": "s3://raw/handwritten-digits/1.png"}) + "\n"
    body = content.encode()
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY} if key_policy else {}
    s3 = Service(
        get_object=lambda **_: {"Body": StreamingBody(io.BytesIO(body), len(body))},
        head_object=encrypted,
        get_bucket_policy=(
            refusal("NoSuchBucketPolicy")
            if policy is None
            else {"Policy": json.dumps({"Statement": policy})}
        ),
    )
    status = CampaignStatus(campaign=campaign, stack=labeling(campaign), job=job(name="job"))
    found = scene(
        STORAGE,
        campaigns=(status,),
        s3=s3,
        iam=simulator or Simulator(),
        kms=Service(get_key_policy={"Policy": json.dumps({"Statement": [key_policy or {}]})}),
        sagemaker=Service(describe_labeling_job={"RoleArn": ROLE}),
    )
    (finding,) = reading.check_reading(found)
    return finding


def test_first_object_of_the_frozen_dataset_is_simulated() -> None:
    simulator = Simulator()
    found = look(simulator=simulator, policy=[PLAIN_HTTP])
    assert found.verdict is Verdict.OK
    assert simulator.asked == [("s3:GetObject", "arn:aws:s3:::raw/handwritten-digits/1.png")]


def test_texts_travel_in_the_jobs_manifest() -> None:
    simulator = Simulator()
    found = look(simulator=simulator, line={"source": "fine"}, campaign="product-reviews")
    assert found.verdict is Verdict.OK
    assert simulator.asked == [
        ("s3:GetObject", "arn:aws:s3:::out/product-reviews/inputs/job.manifest")
    ]


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_role_that_may_not_read_is_a_problem(decision: str) -> None:
    found = look(simulator=Simulator(s3_GetObject=decision))
    assert found.verdict is Verdict.PROBLEM
    assert f"(s3:GetObject: {decision})" in found.text


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "*"}, {"AWS": [ROLE]}, {"AWS": "123456789012"}, {"AWS": ROLE}],
)
def test_denial_of_the_bucket_is_found(principal: Any) -> None:
    found = look(policy=[PLAIN_HTTP, denial(principal)])
    assert found.verdict is Verdict.PROBLEM
    assert "the policy of bucket raw denies it (statement Hidden)" in found.text


@pytest.mark.parametrize("principal", [{"AWS": "arn:aws:iam::1:role/x"}, {"Service": "x"}])
def test_denial_of_others_is_none_of_the_roles_business(principal: Any) -> None:
    assert look(policy=[denial(principal)]).verdict is Verdict.OK


def test_denial_of_another_object_does_not_matter() -> None:
    assert look(simulator=Simulator(matches=False), policy=[denial()]).verdict is Verdict.OK


@pytest.mark.parametrize(
    "statement",
    [
        denial(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        {key: value for key, value in denial(NotPrincipal="x").items() if key != "Principal"},
    ],
)
def test_denial_that_cannot_be_weighed_stays_unknown(statement: dict[str, Any]) -> None:
    found = look(simulator=Simulator(matches=False), policy=[statement])
    assert found.verdict is Verdict.UNKNOWN
    assert "can't be weighed from here (statement Hidden)" in found.text


def test_key_that_is_left_to_iam_is_simulated() -> None:
    simulator = Simulator()
    found = look(simulator=simulator, key_policy=ROOT_USES_KEY)
    assert found.verdict is Verdict.OK
    assert simulator.asked[1] == ("kms:Decrypt", KEY)
    assert "may read and decrypt" in found.text


def test_role_without_the_key_is_a_problem() -> None:
    found = look(simulator=Simulator(kms_Decrypt="implicitDeny"), key_policy=ROOT_USES_KEY)
    assert found.verdict is Verdict.PROBLEM
    assert f"but not decrypt it (kms:Decrypt on {KEY}: implicitDeny)" in found.text


def test_key_policy_of_its_own_mind_stays_unknown() -> None:
    found = look(key_policy={**ROOT_USES_KEY, "Principal": {"AWS": ROLE}})
    assert found.verdict is Verdict.UNKNOWN


def test_refusal_about_one_campaign_does_not_hide_another() -> None:
    statuses = tuple(
        CampaignStatus(campaign=name, stack=labeling(name), job=job(name=name))
        for name in ("handwritten-digits", "product-reviews")
    )
    found = scene(
        STORAGE,
        campaigns=statuses,
        s3=Service(get_object=refusal("NoSuchKey")),
        iam=Simulator(),
        sagemaker=Service(
            describe_labeling_job=lambda **parameters: (
                {"RoleArn": ROLE}
                if parameters["LabelingJobName"] == "product-reviews"
                else (_ for _ in ()).throw(refusal("ThrottlingException"))
            )
        ),
    )
    first, second = reading.check_reading(found)
    assert "ThrottlingException" in first.text
    assert second.text == "product-reviews: no object of its dataset was found"


@pytest.mark.parametrize(("keys", "verdict"), [([], Verdict.PROBLEM), (["1.png"], Verdict.OK)])
def test_dataset_without_objects_is_a_problem(keys: list[str], verdict: Verdict) -> None:
    listed = {"Contents": [{"Key": f"handwritten-digits/{key}"} for key in ["", *keys]]}
    found = with_settings(
        scene(STORAGE, s3=Service(list_objects_v2=listed)), storage={"upload_sample_data": False}
    )
    (finding,) = reading.check_datasets(found)
    assert finding.verdict is verdict


@pytest.mark.parametrize(
    ("other", "own", "verdict", "said"),
    [
        (None, None, Verdict.PROBLEM, "which is no job"),
        (job(), None, Verdict.PROBLEM, "which is InProgress"),
        (job(status="Completed"), None, Verdict.OK, "whose job has ended"),
        (job(), job(status="Completed"), Verdict.OK, "begun with the labels of"),
    ],
)
def test_campaign_based_on_another_waits_for_its_labels(
    other: Any, own: Any, verdict: Verdict, said: str
) -> None:
    digits, reviews = "handwritten-digits", "product-reviews"
    statuses = tuple(
        CampaignStatus(campaign=name, stack=labeling(name), job=each)
        for name, each in ((digits, other), (reviews, own))
    )
    found = with_base(scene(STORAGE, campaigns=statuses, s3=Service()), reviews, digits)

    finding = list(reading.check_datasets(found))[-1]

    assert finding.verdict is verdict
    assert said in finding.text


def test_dataset_that_the_deployment_uploads_needs_nothing() -> None:
    assert list(reading.check_datasets(scene(STORAGE, s3=Service()))) == []
