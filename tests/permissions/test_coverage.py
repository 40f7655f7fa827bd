"""Every grant of every environment has an exercise, or a reason and a source; quick."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ground_truth_cdk import libraries
from stacks.config import load
from tests.e2e.project import add_guest, add_notes, make_files
from tests.infra.synth import HOST, Synthesis, synthesize, synthesize_project
from tests.infra.test_request_fields import EVERYTHING as EVERY_OPTION
from tests.infra.test_request_fields import project as campaign_with
from tests.permissions.grants import Grant, synthesized
from tests.permissions.needed import ROWS, UNSHOWN, Unshown, needed_for
from tests.stacks.test_chains import add as add_based_campaign

ROOT = Path(__file__).parents[2]
LITTLE, GUEST = "the project that is deployed", "an environment that adopts a workforce"
EVERYTHING = "campaigns with every option"
_ENVIRONMENTS = {LITTLE: "local", GUEST: "guest"}
SYNTHESES = [
    *sorted(path.stem for path in (ROOT / "environments").glob("*.toml")),
    *_ENVIRONMENTS,
    EVERYTHING,
]


def grants_of(which: str) -> list[Grant]:
    if which == EVERYTHING:
        synthesis = _everything()
    else:
        synthesis = _little(which) if which in _ENVIRONMENTS else synthesize(which)
    templates = synthesis.templates.values()
    return [grant for template in templates for grant in synthesized(template)]


@cache
def _everything() -> Synthesis:
    with TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        files = campaign_with(Path(temporary), EVERY_OPTION)
        add_based_campaign(files, "second")
        add_based_campaign(files, "sent", dataset={"prefix": "sent/"}, streaming={})
        painted = {"task": "semantic-segmentation", "label_attribute": "parts-ref"}
        add_based_campaign(files, "painted", **painted, dataset={"prefix": "painted/"})
        audit = {"task": "semantic-segmentation-verification", "dataset": {"based_on": "painted"}}
        add_based_campaign(files, "judged", **audit, labels=["good", "bad"])
        # what its zip carries is no matter here
        patch.setattr(libraries, "CACHE", files.root)
        (files.root / libraries.fingerprint(libraries.Platform("python3.14", "arm64"))).mkdir()
        return synthesize_project(load(files.root, env="dev", host=HOST))


@cache
def _little(which: str) -> Synthesis:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_files(folder)
        add_notes(folder)
        add_guest(
            folder, user_pool_id="us-east-1_1A2B3C4D5", client_id="1a2b3c4d5e6f7g8h9i0j1k2l3m"
        )
        return synthesize_project(load(folder, env=_ENVIRONMENTS[which], host=HOST))


@pytest.mark.parametrize("which", SYNTHESES)
def test_every_grant_has_an_exercise_or_a_source(which: str) -> None:
    without = sorted({str(grant) for grant in grants_of(which) if needed_for(grant) is None})
    assert not without, (
        "grants without an exercise: add a row to tests/permissions/needed.py (and an exercise to "
        f"tests/permissions/exercises.py), or don't grant them: {without}"
    )


def test_every_row_belongs_to_a_grant() -> None:
    grants = [grant for which in SYNTHESES for grant in grants_of(which)]
    rows = [needed_for(grant) for grant in grants]
    stale = [row for row in ROWS if row not in rows]
    assert not stale
    for row in ROWS:
        granted = {grant.action for grant, found in zip(grants, rows, strict=True) if found is row}
        assert set(row.actions) == granted, row


@pytest.mark.parametrize("row", UNSHOWN, ids=lambda row: row.actions[0])
def test_what_is_not_shown_is_documented_with_its_source(row: Unshown) -> None:
    text = " ".join((ROOT / "docs/permissions.md").read_text(encoding="utf-8").split())
    for said in (*(f"`{action}`" for action in row.actions), row.why, row.source):
        assert said in text


def test_synthesis_has_grants() -> None:
    """A reader that finds nothing would let everything pass."""
    found = grants_of("local")
    assert len(found) > 90
    assert {grant.role for grant in found} >= {"Labeling/Job/ExecutionRole/Role"}
