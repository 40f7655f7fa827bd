"""Whatever a file holds, reading it ends in checked values or in a list of problems."""

from __future__ import annotations

import string
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.campaign import CampaignFile
from stacks.config import ConfigError, load
from stacks.environment import EnvironmentFile
from tests.stacks.projects import CAMPAIGN, ENVIRONMENT, ProjectFiles, minimal_project

QUICK = settings(max_examples=60, suppress_health_check=list(HealthCheck))
SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=30)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters, min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
ENVIRONMENT_KEYS = sorted(EnvironmentFile.model_fields)
CAMPAIGN_KEYS = sorted(CampaignFile.model_fields)


def outcome(files: ProjectFiles) -> list[str]:
    try:
        load(files.root, env="dev")
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


@QUICK
@given(st.sampled_from(ENVIRONMENT_KEYS), VALUES)
def test_any_value_in_an_environment_is_taken_or_reported_at_its_key(
    key: str, value: object
) -> None:
    with TemporaryDirectory() as folder:
        files = minimal_project(Path(folder))
        files.set_environment(key, value)
        found = outcome(files)

    own = f"environments/dev.toml: {key}"
    # fewer workers than a campaign asks is the campaign's problem
    team = "campaigns/letters/campaign.toml: workers_per_object"
    assert all(problem.startswith((own, team)) for problem in found)


@QUICK
@given(st.sampled_from(CAMPAIGN_KEYS), VALUES)
def test_any_value_in_a_campaign_is_taken_or_reported_in_its_file(key: str, value: object) -> None:
    with TemporaryDirectory() as folder:
        files = minimal_project(Path(folder))
        files.set_campaign(key, value)
        found = outcome(files)

    assert all(problem.startswith("campaigns/letters/") for problem in found)


@QUICK
@given(st.sets(st.sampled_from(ENVIRONMENT_KEYS), min_size=1), st.data())
def test_every_wrong_key_is_reported_not_only_the_first(
    keys: set[str], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        files = minimal_project(Path(folder))
        for key in keys:
            files.set_environment(key, [[]])  # of no key's type
        found = outcome(files)

    reported = {key for key in keys for problem in found if f"dev.toml: {key}" in problem}
    assert reported == keys


@QUICK
@given(st.binary(max_size=60))
def test_any_bytes_in_a_file_end_in_values_or_problems(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        files = minimal_project(Path(folder))
        files.write("campaigns/letters/campaign.toml", content)
        files.write("campaigns/letters/template.liquid.html", content)
        found = outcome(files)

    assert found
    assert all(problem.startswith("campaigns/letters/") for problem in found)


@QUICK
@given(st.text(string.ascii_lowercase + "_", min_size=1, max_size=12))
def test_unknown_keys_are_never_taken(key: str) -> None:
    with TemporaryDirectory() as folder:
        files = minimal_project(Path(folder))
        files.set_environment(key, ENVIRONMENT.get(key, "x"))
        files.set_campaign(key, CAMPAIGN.get(key, "x"))
        found = outcome(files)

    unknown = {problem.partition(":")[0] for problem in found if "unknown key" in problem}
    assert ("environments/dev.toml" in unknown) == (key not in ENVIRONMENT_KEYS)
    assert ("campaigns/letters/campaign.toml" in unknown) == (key not in CAMPAIGN_KEYS)
