"""Names fit, whatever environments and campaigns are called."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product

import pytest
from botocore.model import Shape
from botocore.session import Session
from hypothesis import assume, given
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
TAILS = ("", "-1", "-0a1b2c3d", "-0a1b2c3d-1-0a1b2c", "x", "0")
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


@pytest.fixture(scope="module")
def job_name_shape() -> Shape:
    operation = Session().get_service_model("sagemaker").operation_model("CreateLabelingJob")
    assert operation.input_shape is not None
    return operation.input_shape.members["LabelingJobName"]


@dataclass(frozen=True)
class Place:
    """Where a job belongs."""

    environment: str
    campaign: str

    @property
    def prefix(self) -> str:
        return names.job_name_prefix(self.environment, self.campaign)

    @property
    def hash(self) -> str:
        return self.prefix.rpartition("-")[2]


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Place, Place]:
    """Two legal places whose names were chosen to be taken for each other."""
    one = Place(draw(environments), draw(campaigns))
    parts = [*one.environment.split("-"), *one.campaign.split("-"), one.hash, "2", "b"]
    kind = draw(st.sampled_from(["split", "name", "job", "free"]))
    if kind == "split":  # the same words, divided elsewhere, with any number of ours after them
        words = parts[: draw(st.integers(2, len(parts)))]
        cut = draw(st.integers(1, len(words) - 1))
        other = Place("-".join(words[:cut]), "-".join(words[cut:]))
    elif kind == "name":  # a campaign called as the other's prefix ends
        other = Place(one.environment, f"{one.campaign}-{one.hash}{draw(st.sampled_from(TAILS))}")
    elif kind == "job":  # a campaign called like a job of the other
        job = names.job_name(one.prefix, "stack", 1, "request")
        other = Place(one.environment, job.removeprefix(f"gt-{one.environment}-"))
    else:
        other = Place(draw(environments), draw(campaigns))
    assume(not check_environment_name(other.environment))
    assume(not check_campaign_name(other.campaign))
    assume(one != other)
    return one, other


@given(neighbours(), st.text(), generations, st.text())
def test_pattern_of_a_campaign_never_covers_anothers_jobs(
    places: tuple[Place, Place], stack: str, generation: int, request: str
) -> None:
    """IAM grants and event rules select by it: stacks are kept off each other's jobs."""
    for mine, theirs in (places, places[::-1]):
        pattern = names.job_name_pattern(mine.prefix)
        own = names.job_name(mine.prefix, stack, generation, request)
        others = names.job_name(theirs.prefix, stack, generation, request)
        assert fnmatchcase(own, pattern)
        assert not fnmatchcase(others, pattern)
        assert not fnmatchcase(others.upper(), pattern.upper())


def test_campaign_called_as_anothers_prefix_ends_is_kept_apart() -> None:
    digits = Place("prod", "digits")

    assert digits.hash == "14fc8efa"
    assert Place("prod", "digits-14fc8efa").prefix == "gt-prod-digits14fc8efa-570c3481"
    # nothing that looks like one: names stay as they were
    assert Place("prod", "digits-14fc8ef").prefix.startswith("gt-prod-digits-14fc8ef-")
    assert Place("prod", "digits-14fc8efa5").prefix.startswith("gt-prod-digits-14fc8efa5-")
    assert Place("a-b", "deadbeef").prefix.startswith("gt-a-bdeadbeef-")


@given(
    st.lists(st.tuples(environments, campaigns), min_size=1, max_size=3, unique=True),
    st.lists(st.text(), min_size=1, max_size=3, unique=True),
    st.lists(generations, min_size=1, max_size=3, unique=True),
    st.lists(st.text(), min_size=1, max_size=3, unique=True),
)
def test_no_two_starts_get_one_name_whatever_the_case(
    places: list[tuple[str, str]], stacks: list[str], counts: list[int], requests: list[str]
) -> None:
    starts = list(product(places, stacks, counts, requests))
    made = {
        names.job_name(names.job_name_prefix(*place), stack, count, request).casefold()
        for place, stack, count, request in starts
    }

    assert len(made) == len(starts)


@given(environments, campaigns, st.text(), generations, st.text())
def test_job_name_fits_the_pattern_and_length_of_the_service_model(
    job_name_shape: Shape,
    environment: str,
    campaign: str,
    stack: str,
    generation: int,
    request: str,
) -> None:
    limits_of = job_name_shape.metadata
    name = names.job_name(names.job_name_prefix(environment, campaign), stack, generation, request)

    assert limits_of["min"] <= len(name) <= limits_of["max"]
    assert re.fullmatch(limits_of["pattern"], name)


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


@given(neighbours())
def test_alarms_dashboards_and_stacks_of_two_campaigns_have_different_names(
    places: tuple[Place, Place],
) -> None:
    one, other = places

    assert names.monitor_name(one.environment, one.campaign) != names.monitor_name(
        other.environment, other.campaign
    )
    assert names.labeling_stack_name(one.environment, one.campaign) != names.labeling_stack_name(
        other.environment, other.campaign
    )


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
