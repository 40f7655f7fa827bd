from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console

from ground_truth_ops.demo import labeling as labeling_module
from ground_truth_ops.demo.collect import Collected, collect
from ground_truth_ops.demo.keep import seat
from ground_truth_ops.demo.labeling import Crew, LabelingError, label
from ground_truth_ops.demo.loop import Demo, DeployListener, Options, refuse_leftovers
from ground_truth_ops.demo.memory import memory_mb
from ground_truth_ops.demo.run import DemoError, alone, clean
from ground_truth_ops.demo.summary import Summary, counted, render, to_json
from ground_truth_ops.demo.timeline import StepTime, Timeline
from ground_truth_ops.inventory import Resource
from ground_truth_ops.processes import start
from ground_truth_ops.quality import Answer, Prediction, measure
from ground_truth_ops.sweep import SweepError, Swept
from tests.unit.ops.conftest import FakeSageMaker, described_job, job

if TYPE_CHECKING:
    from ground_truth_ops.jobs import Job


def test_second_demo_in_a_clone_is_refused(tmp_path: Path) -> None:
    with (
        alone(tmp_path / ".demo"),
        pytest.raises(DemoError, match="a demo is running in"),
        alone(tmp_path / ".demo"),
    ):
        pass
    with alone(tmp_path / ".demo"):
        pass


def test_clean_keeps_only_the_lock(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").touch()
    (tmp_path / "summary.txt").touch()
    (tmp_path / "lock").touch()
    clean(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_steps_keep_their_order_results_and_failures() -> None:
    file = io.StringIO()
    timeline = Timeline(console=Console(file=file, width=80, highlight=False))
    with timeline.step("first") as step:
        step.now("half way")
        step.result = "[three] things"
    with pytest.raises(ValueError, match="no"), timeline.step("second"):
        raise ValueError("no")
    assert [step.name for step in timeline.steps] == ["first"]
    first, second = file.getvalue().splitlines()
    assert first.endswith("s  first  [three] things")
    assert second == "failed  second"


def test_counts_resources_as_cloudformation_completes_them() -> None:
    said: list[str] = []
    listener = DeployListener(cast("Any", SimpleNamespace(now=said.append)))
    for line in (
        "GroundTruth-local-Team | 1/9 | 9:13 | CREATE_IN_PROGRESS | AWS::SNS::Topic | Topic",
        "GroundTruth-local-Team | 2/9 | 9:13 | CREATE_COMPLETE | AWS::SNS::Topic | T/Topic (T1)",
        "Team | 3/9 | 9:14 | CREATE_COMPLETE | AWS::CloudFormation::Stack | GroundTruth-local-Team",
        "Stack ARN:",
    ):
        listener(line)
    assert listener.created == 1
    assert said == ["1 resources, latest T/Topic"]


def test_first_campaigns_manifest_has_the_short_name(tmp_path: Path) -> None:
    def names(campaign: str) -> list[str]:
        demo = Demo(
            root=tmp_path,
            options=Options(campaign=campaign),
            console=Console(),
            timeline=Timeline(console=Console()),
        )
        return [
            demo.manifest(name).relative_to(tmp_path).as_posix()
            for name in ("handwritten-digits", "product-reviews")
        ]

    assert names("all") == [".demo/output.manifest", ".demo/product-reviews.output.manifest"]
    assert names("product-reviews")[1] == ".demo/output.manifest"


def test_leftovers_after_the_destroy_are_named() -> None:
    refuse_leftovers(Swept(checked=(), left=()))
    bucket = Resource(kind="bucket", name="labels")
    with pytest.raises(SweepError, match="1 resources are left") as caught:
        refuse_leftovers(Swept(checked=(), left=(bucket,)))
    assert caught.value.details == ("bucket: labels",)


class Script(Crew):
    """A crew that is a small program instead of simulated workers."""

    def start(self) -> subprocess.Popen[bytes]:
        return start(
            [sys.executable, "-c", str(self.root)], cwd=Path(), env=os.environ, log=self.log
        )


def crew(tmp_path: Path, text: str) -> Crew:
    return Script(
        root=cast("Any", text),
        server=cast("Any", None),
        campaign=cast("Any", None),
        job="job",
        seed=1,
        log=tmp_path / "log",
        passwords=tmp_path / "passwords.json",
    )


def jobs(*statuses: str, **more: Any) -> Any:
    answers = (
        described_job(LabelingJobName="job", LabelingJobStatus=status, **more)
        for status in statuses
    )
    return FakeSageMaker(*answers)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labeling_module, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(labeling_module, "SETTLE_SECONDS", 0.0)


WORKING = "import time; time.sleep(60)"


@pytest.mark.usefixtures("impatient")
def test_labeling_ends_with_the_completed_job_and_ends_the_crew(tmp_path: Path) -> None:
    seen: list[str] = []

    def report(current: Job) -> None:
        seen.append(current.status)

    found = label(
        crew(tmp_path, WORKING),
        jobs("InProgress", "Completed"),
        timeout_seconds=30,
        report=report,
    )
    assert (found.status, seen) == ("Completed", ["InProgress", "Completed"])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("text", "status", "timeout", "message"),
    [
        ("raise SystemExit('wrong password')", "InProgress", 30.0, "workers ended with 1"),
        ("", "InProgress", 30.0, "was still InProgress with 3 of 10 labeled"),
        (WORKING, "InProgress", 0.0, "was still InProgress with 3 of 10 labeled"),
        (WORKING, "Failed", 30.0, "job job is Failed: no CORS"),
    ],
)
def test_labeling_says_why_it_did_not_complete(
    tmp_path: Path, text: str, status: str, timeout: float, message: str
) -> None:
    with pytest.raises(LabelingError, match=message):
        label(
            crew(tmp_path, text),
            jobs(status, FailureReason="no CORS"),
            timeout_seconds=timeout,
            report=lambda _job: None,
        )


def campaign(folder: Path) -> Any:
    (folder / "truth.csv").write_text("object,label\na.png,cat\nb.png,dog\n")
    settings = SimpleNamespace(
        task="image-classification",
        label_attribute="pet",
        label_names=("cat", "dog"),
        dataset=SimpleNamespace(prefix="pets/"),
    )
    return SimpleNamespace(name="pets", folder=folder, settings=settings)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_collects_labels_answers_and_their_worth_from_an_export(tmp_path: Path) -> None:
    metadata = {
        "class-name": "cat",
        "confidence": 0.75,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "job-name": "labeling-job/j",
        "creation-date": "2026-11-21T09:30:00",
    }
    lines = [
        {"source-ref": f"s3://raw/pets/{name}.png", "pet": 0, "pet-metadata": metadata}
        for name in "ab"
    ]
    labels = tmp_path / "pets" / "labels" / "j"
    text = "".join(json.dumps(line) + "\n" for line in lines)
    put(labels / "manifests" / "output" / "output.manifest", text)
    for number in range(2):
        answer = {"crowd-image-classifier": {"label": "cat"}}
        answers = {"answers": [{"workerId": "ada", "answerContent": answer}]}
        put(
            labels / f"annotations/worker-response/iteration-1/{number}/x.json",
            json.dumps(answers),
        )
    done = job(name="j", status="Completed", labeled=2, unlabeled=0)
    found = collect(campaign(tmp_path), done, tmp_path)
    assert (found.campaign, found.objects, found.answers) == ("pets", 2, 2)
    assert found.first_lines(1) == [json.dumps(lines[0])]
    assert (found.quality.mean_worker, found.quality.majority) == (0.5, 0.5)
    assert (found.quality.consolidated, found.quality.calibration.ece) == (0.5, 0.25)


def summary() -> Summary:
    truth = {"0": "cat", "1": "dog"}
    answers = [Answer(object_id=o, worker="w" * 40, label="cat") for o in "01"]
    labels = [Prediction(object_id=o, label="cat", confidence=0.95) for o in "01"]
    line = json.dumps({"source-ref": "s3://" + "a" * 150, "pet": 0})
    collected = Collected(
        campaign="pets",
        manifest=f"{line}\n{line}\n{line}\n",
        objects=3,
        answers=2,
        quality=measure(truth, answers, labels),
    )
    kinds = {f"AWS::Kind::Thing{number}": number for number in range(1, 15)}
    return Summary(
        stacks=4,
        resources=kinds,
        campaigns=((job(status="Completed"), collected),),
        steps=(StepTime(name="deploy", seconds=1.5), StepTime(name="label", seconds=2.25)),
        memory_mb=101.4,
        functions_mb=50.6,
        manifests={"pets": ".demo/output.manifest"},
    )


def shown(found: Summary) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    for part in render(found):
        console.print(part)
    return file.getvalue()


def test_summary_tells_everything_within_eighty_columns() -> None:
    text = shown(summary())
    assert max(len(line) for line in text.splitlines()) <= 80
    flat = " ".join(text.split())
    for expected in (
        "105 resources in 4 stacks (14 Thing14, 13 Thing13,",
        "6 Thing6, 15 others)",
        "3 of 10 objects labeled, 0 failed, from 2 answers of 1 workers.",
        "First lines of .demo/output.manifest",
        "consolidated 50.0%",
        "0.9 to 1.0 2 0.95 0.50",
        "ECE 0.450",
        "all of it 3.8 s",
        "memory of local AWS 101 MB memory of its functions 51 MB",
    ):
        assert expected in flat
    assert "…" not in text


def test_summary_for_programs_has_every_figure() -> None:
    document = json.loads(to_json(summary()))
    (pets,) = document["campaigns"]
    assert pets["accuracy"] == {
        "worker_mean": 0.5,
        "worker_best": 0.5,
        "majority": 0.5,
        "consolidated": 0.5,
        "workers": [{"worker": "w" * 40, "answers": 2, "accuracy": 0.5}],
    }
    assert pets["calibration"]["ece"] == pytest.approx(0.45)
    assert document["seconds"] == {"deploy": 1.5, "label": 2.25}
    assert document["total_seconds"] == 3.75
    assert (document["local_aws_memory_mb"], document["functions_memory_mb"]) == (101, 51)


def test_types_without_a_word_of_ours_keep_their_own() -> None:
    assert [counted(2, "AWS::IAM::ManagedPolicy"), counted(1, "AWS::IAM::ManagedPolicy")] == [
        "2 IAM policies",
        "1 IAM policy",
    ]
    assert [counted(3, "Custom::GroundTruthGate"), counted(1, "AWS::SSM::Parameter")] == [
        "3 GroundTruthGate",
        "1 Parameter",
    ]


def test_people_sign_in_as_somebody_no_simulated_worker_plays(tmp_path: Path) -> None:
    (tmp_path / "workers.toml").write_text('[[worker]]\nemail = "ada@example.com"\n')
    team = [SimpleNamespace(email=f"{name}@example.com") for name in ("ada", "finn")]
    settings = SimpleNamespace(team=SimpleNamespace(workers=team))
    project = SimpleNamespace(
        campaigns=[SimpleNamespace(folder=tmp_path)],
        environment=SimpleNamespace(settings=settings),
    )
    target = cast("Any", SimpleNamespace(project=project))
    assert seat(target) == "finn@example.com"
    team.pop()
    assert seat(target) == "ada@example.com"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells")
def test_measures_a_process_and_those_it_started() -> None:
    waits = "print('ready', flush=True); input()"
    starts = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {waits!r}])"
    # not this process: it may have started others, such as the CDK's
    with subprocess.Popen(
        [sys.executable, "-c", starts], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        own, others = memory_mb(child.pid)
        child.communicate(b"\n")
    assert own is not None
    assert others is not None
    assert own > 1
    assert others > 1


def test_an_ended_process_has_no_memory() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert memory_mb(process.pid) == (None, None)
