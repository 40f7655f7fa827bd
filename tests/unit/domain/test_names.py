"""Names fit, whatever environments and campaigns are called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth import limits, names
from ground_truth.checks import check_campaign_name, check_environment_name

words = st.lists(st.text("abz09", min_size=1, max_size=12), min_size=1, max_size=6)
legal = words.map(lambda parts: "c" + "-".join(parts))
environments = legal.map(lambda name: name[:20].strip("-")).filter(
    lambda name: not check_environment_name(name)
)
campaigns = legal.map(lambda name: name[:40].strip("-")).filter(
    lambda name: not check_campaign_name(name)
)
generations = st.integers(min_value=1, max_value=names.HIGHEST_GENERATION)


@given(environments, campaigns, st.text(), generations, st.text())
def test_job_name_is_one_ground_truth_takes(
    environment: str, campaign: str, stack: str, generation: int, request: str
) -> None:
    prefix = names.job_name_prefix(environment, campaign)
    name = names.job_name(prefix, stack, generation, request)
    assert len(name) <= 63
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)
    assert not name.endswith("-")
    assert name == name.lower()
    assert name.startswith(f"{prefix}-{names.owner_digest(stack)}-{generation}-")


@given(st.text(), st.text())
def test_prefix_of_any_text_is_legal_and_fits_any_generation(
    environment: str, campaign: str
) -> None:
    prefix = names.job_name_prefix(environment, campaign)
    name = names.job_name(prefix, "stack", names.HIGHEST_GENERATION, "request")
    assert len(prefix) <= 41
    assert limits.LABELING_JOB_NAME.fullmatch(name)
    assert len(name) <= 63


@given(environments, campaigns, environments, campaigns)
def test_no_prefix_begins_another(one: str, first: str, other: str, second: str) -> None:
    if (one, first) != (other, second):
        assert not names.job_name_prefix(other, second).startswith(
            names.job_name_prefix(one, first)
        )


def test_job_name_is_the_same_for_a_repeated_request() -> None:
    prefix = names.job_name_prefix("dev", "handwritten-digits")
    assert prefix == "gt-dev-handwritten-digits-47efb5c6"
    assert names.job_name(prefix, "stack", 3, "request") == names.job_name(
        prefix, "stack", 3, "request"
    )


def test_job_name_differs_by_stack_generation_and_request() -> None:
    prefix = names.job_name_prefix("dev", "digits")
    made = {
        names.job_name(prefix, stack, generation, request)
        for stack in ("one", "two")
        for generation in (1, 2)
        for request in ("a", "b")
    }
    assert len(made) == 8


@pytest.mark.parametrize("generation", [0, -1, 100_000])
def test_job_name_refuses_a_generation_that_would_not_fit(generation: int) -> None:
    with pytest.raises(ValueError, match=rf"generation out of range: got {generation}, allowed 1-"):
        names.job_name("gt-dev-digits-00000000", "stack", generation, "request")


def test_job_name_refuses_a_prefix_that_is_too_long() -> None:
    with pytest.raises(ValueError, match="job name prefix is not allowed"):
        names.job_name("gt-" + "x" * 60, "stack", 1, "request")


def test_object_keys_begin_with_the_campaign() -> None:
    assert [
        names.lineage_key("digits"),
        names.template_key("digits", "ab"),
        names.categories_key("digits", "cd"),
        names.dataset_key("digits", 2),
        names.input_manifest_key("digits", "job"),
        names.labels_prefix("digits"),
        names.output_manifest_key("digits", "job"),
        names.worker_responses_prefix("digits", "job"),
    ] == [
        "digits/lineage.json",
        "digits/definitions/ab/template.liquid.html",
        "digits/definitions/cd/label-categories.json",
        "digits/datasets/2/manifest.jsonl",
        "digits/inputs/job.manifest",
        "digits/labels/",
        "digits/labels/job/manifests/output/output.manifest",
        "digits/labels/job/annotations/worker-response/",
    ]
    assert names.campaign_prefix("digits") == "digits/"


def test_stack_names_carry_environment_and_campaign() -> None:
    assert names.stack_name("dev", "Storage") == "GroundTruth-dev-Storage"
    assert names.labeling_stack_name("dev", "digits") == "GroundTruth-dev-Labeling-digits"


@given(st.from_regex(r"[a-z0-9.-]{3,20}", fullmatch=True), st.text(min_size=1))
def test_s3_uri_round_trips_any_key(bucket: str, key: str) -> None:
    assert names.parse_s3_uri(names.s3_uri(bucket, key)) == (bucket, key)


@pytest.mark.parametrize(
    "uri",
    ["", "s3://", "s3://bucket", "s3://bucket/", "s3:///key", "https://bucket/key", "bucket/key"],
)
def test_parse_s3_uri_refuses_what_names_no_object(uri: str) -> None:
    with pytest.raises(ValueError, match="not an S3 URI of an object"):
        names.parse_s3_uri(uri)
