"""What `gt relabel` prints, and what it refuses before it looks at any job."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ground_truth.lifecycle.plan import KnownJob
from ground_truth.lifecycle.ports import Counters, JobState, Status
from ground_truth_ops import cli
from ground_truth_ops.deployment import find_deployment
from ground_truth_ops.project import Target, load_project
from ground_truth_ops.relabel import command
from ground_truth_ops.relabel.asking import Asking, RelabelError
from ground_truth_ops.relabel.campaign_file import Edit, plan_edit
from ground_truth_ops.relabel.reasons import Reason
from ground_truth_ops.relabel.run import Relabel, conclude, describe, plan_relabel
from tests.unit.ops.fakes import FakeCloudFormation

if TYPE_CHECKING:
    from ground_truth.lifecycle.lineage import Entry
    from ground_truth_ops.aws import Clients

ROOT = Path(__file__).parents[3]
NAME = "gt-dev-product-reviews-00000000-11111111-1-aaaaaa"


def relabel(edit: Edit | None, *, objects: int = 12, others: tuple[str, ...] = ()) -> Relabel:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    state = JobState(
        name=NAME,
        arn="",
        status=Status.COMPLETED,
        created_at=moment,
        modified_at=moment,
        counters=Counters(labeled=88, failed=objects),
    )
    lines = tuple({"source-ref": f"s3://raw/reviews/{number}.png"} for number in range(objects))
    found = tuple(line["source-ref"] for line in lines)
    return Relabel(
        environment="dev",
        campaign="product-reviews",
        asking=Asking(
            job=KnownJob(entry=cast("Entry", SimpleNamespace(name=NAME)), state=state),
            objects=lines,
            generation=2,
            clears_approval=False,
        ),
        reasons=(
            (
                Reason(text="failed: ClientError: no CORS", objects=found[1:]),
                Reason(text="not asked", objects=found[:1]),
            )
            if objects
            else ()
        ),
        workers=3,
        edit=edit,
        others=others,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.toml"
    path.write_text('title = "x"\ngeneration = 1\n', encoding="utf-8")
    return path


def run(monkeypatch: pytest.MonkeyPatch, found: Relabel, *arguments: str) -> int:
    monkeypatch.setattr(command, "project_root", Path)
    monkeypatch.setattr(command, "target_of", lambda *_arguments, **_options: None)
    monkeypatch.setattr(command, "plan_relabel", lambda _target, _name: found)
    return cli.main(["relabel", "--env", "dev", "--campaign", "product-reviews", *arguments])


def test_edits_the_file_and_says_what_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    found = relabel(plan_edit(file, {"generation": 2}), others=("prod",))

    assert run(monkeypatch, found) == 0

    assert file.read_text(encoding="utf-8") == 'title = "x"\ngeneration = 2\n'
    assert capsys.readouterr().out.splitlines() == [
        f"product-reviews in dev: {NAME}",
        "is Completed: 88 labeled, 12 failed, 0 unlabeled",
        "",
        "11 objects: failed: ClientError: no CORS",
        *(f"  s3://raw/reviews/{number}.png" for number in range(1, 11)),
        "  and 1 more",
        "",
        "1 object: not asked",
        "  s3://raw/reviews/0.png",
        "",
        "the next deployment asks for 12 objects, 3 people each: up to 36 answers to pay",
        "",
        "--- a/campaigns/product-reviews/campaign.toml",
        "+++ b/campaigns/product-reviews/campaign.toml",
        "@@ -1,2 +1,2 @@",
        ' title = "x"',
        "-generation = 1",
        "+generation = 2",
        "",
        "campaigns/product-reviews/campaign.toml is edited; deploy it:",
        "  make deploy ENV=dev CAMPAIGN=product-reviews",
        "prod: the same file; there too the next deployment asks for what has no label",
    ]


def test_dry_run_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    assert run(monkeypatch, relabel(plan_edit(file, {"generation": 2})), "--dry-run") == 0

    assert file.read_text(encoding="utf-8") == 'title = "x"\ngeneration = 1\n'
    shown = capsys.readouterr().out
    assert shown.endswith("+generation = 2\n\nnothing was written\n")
    assert "make deploy" not in shown


def test_file_that_says_so_already_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, relabel(None)) == 0

    assert capsys.readouterr().out.endswith(
        "campaigns/product-reviews/campaign.toml says so already; deploy it:\n"
        "  make deploy ENV=dev CAMPAIGN=product-reviews\n"
    )


def test_nothing_left_is_said_and_no_more() -> None:
    found = relabel(None, objects=0)

    assert list(conclude(found, written=False)) == []
    assert list(describe(found))[-1] == (
        "every object has its label; nothing to ask again, the file stays as it is"
    )


def target(clients: Clients, cloudformation: FakeCloudFormation) -> Target:
    cast("Any", clients).__dict__["cloudformation"] = cloudformation
    project = load_project(ROOT, "dev", campaign="product-reviews")
    return Target(project=project, clients=clients, variables={})


def test_environment_without_buckets_is_refused(clients: Clients) -> None:
    with pytest.raises(RelabelError, match="has no Storage stack"):
        plan_relabel(target(clients, FakeCloudFormation()), "product-reviews")


def test_stack_that_is_being_deployed_is_waited_for(clients: Clients) -> None:
    cloudformation = FakeCloudFormation()
    buckets = {"RawBucketName": "raw", "OutputBucketName": "out"}
    cloudformation.add("GroundTruth-dev-Storage", outputs=buckets)
    cloudformation.add("GroundTruth-dev-Labeling-product-reviews")
    name = "GroundTruth-dev-Labeling-product-reviews"
    cloudformation.stacks[name]["StackStatus"] = "UPDATE_IN_PROGRESS"
    assert find_deployment(cast("Any", cloudformation), "dev").labeling("product-reviews")

    with pytest.raises(RelabelError, match="is UPDATE_IN_PROGRESS; wait"):
        plan_relabel(target(clients, cloudformation), "product-reviews")
