"""The parts of a review that need no synthesis."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.definition import CampaignDefinition, definition_hash
from ground_truth.tasks import TaskType
from ground_truth_ops.review.assemblies import Assembly, Stack, forget_old
from ground_truth_ops.review.campaigns import Declared
from ground_truth_ops.review.consequences import Verdict, consequence
from ground_truth_ops.review.markdown import Section, fit
from ground_truth_ops.review.price import cost
from ground_truth_ops.review.revision import Tree
from ground_truth_ops.review.risks import risks
from ground_truth_ops.review.templates import Impact, Resource, StackChange, Statement
from stacks.environment import Price

STACK = Stack(
    id="GroundTruth/Labeling-digits",
    name="GroundTruth-dev-Labeling-digits",
    path=Path("digits.template.json"),
    termination_protection=False,
)


def definition(**changes: Any) -> CampaignDefinition:
    values: dict[str, Any] = {
        "task": TaskType.IMAGE_CLASSIFICATION,
        "label_attribute": "digit",
        "labels": ("0", "1"),
        "template_sha256": "a" * 64,
        "categories_sha256": "b" * 64,
        "workers_per_object": 3,
        "dataset_revision": 1,
        "task_time_limit_seconds": 300,
    }
    return CampaignDefinition(**{**values, **changes})


def declared(*, approve: str = "", generation: int = 1, **changes: Any) -> Declared:
    found = definition(**changes)
    digest = definition_hash(found)
    return Declared(
        campaign="digits",
        stack=STACK,
        definition=found,
        definition_hash=digest,
        generation=generation,
        approve=approve.format(hash=digest),
        dataset="digits/",
        manifest=False,
        objects=10,
        presentation={"Title": "Which digit?"},
    )


BASE = declared()


@pytest.mark.parametrize(
    ("after", "verdict", "asked"),
    [
        (declared(), Verdict.SAME, 0),
        (declared(generation=2), Verdict.REST, 10),
        (declared(template_sha256="c" * 64), Verdict.REFUSED, 0),
        (declared(template_sha256="c" * 64, approve="{hash}:continue"), Verdict.CONTINUE, 10),
        (declared(template_sha256="c" * 64, approve="{hash}:restart"), Verdict.RESTART, 10),
        (declared(labels=("1", "0"), approve="{hash}:continue"), Verdict.REFUSED, 0),
        (declared(labels=("1", "0"), approve="{hash}:restart"), Verdict.RESTART, 10),
        (declared(labels=("0", "1", "2"), approve="{hash}:continue"), Verdict.CONTINUE, 10),
        (declared(label_attribute="number", approve="{hash}:continue"), Verdict.REFUSED, 0),
        (declared(approve="{hash}:restart"), Verdict.RESTART, 10),
        (declared(approve="{hash}:continue"), Verdict.SAME, 0),
        (declared(dataset_revision=2), Verdict.REFUSED, 0),
        (declared(template_sha256="c" * 64, approve="nonsense"), Verdict.REFUSED, 0),
        (replace(BASE, dataset="others/"), Verdict.REFUSED, 0),
        (replace(BASE, definition=None, definition_hash="0" * 12), Verdict.REFUSED, 0),
    ],
)
def test_verdict_is_what_the_gate_will_say_of_a_job_at_work(
    after: Declared, verdict: Verdict, asked: int
) -> None:
    found = consequence(BASE, after)

    assert (found.verdict, found.asked) == (verdict, asked)


@pytest.mark.parametrize(
    ("verb", "verdict"), [("continue", Verdict.CONTINUE), ("restart", Verdict.RESTART)]
)
def test_approval_that_the_base_has_too_may_still_stop_the_job(verb: str, verdict: Verdict) -> None:
    """Left behind by a change that was taken back before it was deployed, it was never used."""
    after = declared(template_sha256="c" * 64, approve=f"{{hash}}:{verb}")
    before = replace(BASE, approve=after.approve)

    found = consequence(before, after)

    assert (found.verdict, found.stops_work) == (verdict, True)
    assert "refused if it was used" in found.why
    assert "refused if it was used" not in consequence(BASE, after).why


def test_used_restart_that_stays_in_the_file_does_nothing() -> None:
    before = declared(approve="{hash}:restart")

    assert consequence(before, before).verdict is Verdict.SAME
    raised = replace(before, generation=2)
    assert consequence(before, raised).verdict is Verdict.RESTART


def test_change_without_another_meaning_waits_for_the_end_of_the_job() -> None:
    found = consequence(BASE, declared(dataset_revision=2))

    assert found.why.startswith("while a job runs; once none does")


def test_neither_side_is_nothing_to_tell() -> None:
    with pytest.raises(ValueError, match="neither revision"):
        consequence(None, None)


PRICE = Price.model_validate(
    {
        "as_of": date(2026, 11, 21),
        "tiers": [{"up_to": 100, "per_object": 0.08}, {"per_object": 0.04}],
        "per_answer": 0.01,
    }
)


@pytest.mark.parametrize(("objects", "service"), [(0, 0.0), (100, 8.0), (101, 8.04), (300, 16.0)])
def test_price_goes_through_the_tiers(objects: int, service: float) -> None:
    found = cost(PRICE, objects=objects, answers=3 * objects)

    assert found is not None
    assert found.service == pytest.approx(service)
    assert found.total == pytest.approx(service + 0.03 * objects)
    assert found.as_of == "2026-11-21"


@pytest.mark.parametrize(
    ("price", "objects", "answers"), [(None, 1, 3), (PRICE, None, None), (PRICE, 1, None)]
)
def test_price_of_the_unknown_is_unknown(
    price: Price | None, objects: int | None, answers: int | None
) -> None:
    assert cost(price, objects=objects, answers=answers) is None


def changed(resource_type: str, before: dict[str, Any], after: dict[str, Any]) -> StackChange:
    resource = Resource(
        logical_id="Thing",
        type=resource_type,
        impact=Impact.UPDATE,
        properties=("Some",),
        before={"Type": resource_type, **before},
        after={"Type": resource_type, **after},
    )
    return StackChange(name="stack", before=STACK, after=STACK, resources=(resource,))


def lifecycle(days: int, **rule: Any) -> dict[str, Any]:
    rules = [{"Status": "Enabled", "ExpirationInDays": days, **rule}]
    return {"Properties": {"LifecycleConfiguration": {"Rules": rules}}}


@pytest.mark.parametrize(
    ("resource_type", "before", "after", "why"),
    [
        (
            "AWS::S3::Bucket",
            {"Properties": {"VersioningConfiguration": {"Status": "Enabled"}}},
            {"Properties": {}},
            "versioning is suspended: overwritten and deleted objects are lost at once",
        ),
        ("AWS::S3::Bucket", {"Properties": {}}, lifecycle(9), "objects now expire after 9 days"),
        (
            "AWS::S3::Bucket",
            lifecycle(9),
            lifecycle(3),
            "objects expire after 3 days instead of 9: older ones go at once",
        ),
        (
            "AWS::Logs::LogGroup",
            {"Properties": {}},
            {"Properties": {"RetentionInDays": 7}},
            "log retention is 7 days instead of for ever: older lines go at once",
        ),
        (
            "AWS::Cognito::UserPool",
            {"Properties": {"DeletionProtection": "ACTIVE"}},
            {"Properties": {"DeletionProtection": "INACTIVE"}},
            "loses its deletion protection",
        ),
        (
            "AWS::KMS::Key",
            {"Properties": {}},
            {"Properties": {"Enabled": False}},
            "the key is disabled: nothing it encrypted can be read",
        ),
        (
            "AWS::Lambda::Function",
            {"DeletionPolicy": "Retain"},
            {"DeletionPolicy": "Delete"},
            "DeletionPolicy Retain becomes Delete",
        ),
    ],
)
def test_weaker_protection_of_data_is_a_risk(
    resource_type: str, before: dict[str, Any], after: dict[str, Any], why: str
) -> None:
    assert [(risk.data, risk.why) for risk in risks(changed(resource_type, before, after))] == [
        (True, why)
    ]
    # the way back is none
    assert risks(changed(resource_type, after, before)) == ()


def test_rule_that_is_switched_off_expires_nothing() -> None:
    off = lifecycle(3, Status="Disabled")

    assert risks(changed("AWS::S3::Bucket", lifecycle(9), off)) == ()


def statement(action: str, resource: str, *, added: bool, negative: bool = False) -> Statement:
    return Statement(
        added=added,
        negative=negative,
        effect="Deny" if negative else "Allow",
        action=action,
        resource=resource,
        principal="role",
        condition="",
    )


@pytest.mark.parametrize(
    ("statements", "broadens"),
    [
        ((statement("s3:GetObject", f"bucket/{'a' * 64}.html", added=True),), True),
        (
            (
                statement("s3:GetObject", f"bucket/{'a' * 64}.html", added=True),
                statement("s3:GetObject", f"bucket/{'b' * 64}.html", added=False),
            ),
            False,
        ),
        ((statement("s3:GetObject", "bucket/x", added=False),), False),
        ((statement("s3:*", "bucket/x", added=False, negative=True),), True),
        ((statement("s3:*", "bucket/x", added=True, negative=True),), False),
    ],
)
def test_permission_broadens_unless_only_an_asset_was_renewed(
    statements: tuple[Statement, ...], broadens: bool
) -> None:
    change = StackChange(name="stack", before=STACK, after=STACK, statements=statements)

    assert change.broadens is broadens


def test_least_important_sections_are_cut_first() -> None:
    sections = [
        Section(weight=100, text="head\n"),
        Section(weight=40, text="r" * 500),
        Section(weight=85, text="labeling\n"),
        Section(weight=40, text="s" * 300),
    ]

    text = fit(sections, longest=450)

    assert text.startswith("head\nlabeling\n" + "s" * 300)
    assert "1 of the least important sections are left out" in text
    assert "r" not in text.partition("> Cut")[0].replace("labeling", "").replace("head", "")


@given(
    st.lists(
        st.builds(Section, weight=st.integers(0, 100), text=st.text(max_size=300)), min_size=1
    ),
    st.integers(min_value=200, max_value=1000),
)
def test_comment_always_fits(sections: list[Section], longest: int) -> None:
    assert len(fit(sections, longest=longest)) <= longest


def test_old_bases_are_forgotten(tmp_path: Path) -> None:
    for number in range(9):
        mark = tmp_path / f"base{number}" / "dev" / "complete"
        mark.parent.mkdir(parents=True)
        mark.touch()

    forget_old(tmp_path)

    assert len(list(tmp_path.iterdir())) == 6


def test_assembly_without_a_manifest_has_no_stacks(tmp_path: Path) -> None:
    assembly = Assembly("dev", tmp_path, problems=("configuration has 1 problem:",))

    assert (assembly.readable, assembly.stacks) == (False, {})


def test_environment_is_there_by_a_file_of_its_own_or_by_its_patterns(tmp_path: Path) -> None:
    (tmp_path / "environments/ephemeral").mkdir(parents=True)
    for file in ("app.py", "environments/dev.toml", "environments/ephemeral/pr.toml"):
        (tmp_path / file).touch()
    tree = Tree(root=tmp_path, python=tmp_path, cdk=tmp_path, commit=None)
    asked = ("dev", "pr-17", "pr", "dev-1", "moon")

    assert [name for name in asked if tree.has(name)] == ["dev", "pr-17"]
    # a review of everything doesn't meet what only pull requests have
    assert tree.environments == ("dev",)
    (tmp_path / "app.py").unlink()
    assert not any(map(tree.has, asked))
