"""A project of campaigns that are drawn, marked and ticked rather than sorted into one class."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth_local.workers.__main__ import main
from ground_truth_local.workers.answers.pictures import Canvas, Size, png
from tests.e2e.people import ended, until
from tests.e2e.project import ROOT, LittleProject, make_files

if TYPE_CHECKING:
    from ground_truth_ops.aws import Clients
    from ground_truth_ops.demo.server import LocalAws

OBJECTS = 4
LABELS = ["cat", "dog", "owl"]
SIZE = Size(width=320, height=200)
BOXES = [
    [{"label": "cat", "left": 20 + 10 * n, "top": 30, "width": 80, "height": 60}]
    + ([{"label": "owl", "left": 200, "top": 90, "width": 60 + n, "height": 70}] if n else [])
    for n in range(OBJECTS)
]
SETS = [["cat"], ["cat", "owl"], ["dog"], ["dog", "owl"]]
TEXTS = ["Tom met Felix.", "Felix \U0001f408 sleeps, Rex doesn't.", "Rex barks at Tom.", "Hoots!"]
_NAMES = {"Tom": "cat", "Felix": "cat", "Rex": "dog"}
SPANS = [
    [
        {"label": label, "startOffset": text.index(name), "endOffset": text.index(name) + len(name)}
        for name, label in sorted(_NAMES.items(), key=lambda pair: text.find(pair[0]))
        if name in text
    ]
    for text in TEXTS
]
CORNERS = [{"x": 40, "y": 30}, {"x": 140, "y": 40}, {"x": 120, "y": 110}, {"x": 50, "y": 100}]
OUTLINES = [[{"label": LABELS[n % 3], "vertices": CORNERS}] if n else [] for n in range(OBJECTS)]
PATHS = [[{"label": LABELS[n % 3], "vertices": CORNERS[:3]}] if n else [] for n in range(OBJECTS)]
POINTS = [[{"label": LABELS[n % 3], "x": 60 + n, "y": 70}] if n else [] for n in range(OBJECTS)]
ONES = ["owl", "dog", "cat", "owl"]
# Two who make no mistake and one who makes many; nobody else is asked.
WORKERS = """
[[worker]]
email = "ada@example.com"
[[worker]]
email = "ben@example.com"
[[worker]]
email = "cleo@example.com"
accuracy = 0.7
jitter = 0.03
"""
CAMPAIGNS: dict[str, tuple[str, str, list[Any]]] = {
    "scenes": ("bounding-box", "boxes", BOXES),
    "tagged": ("image-classification-multi-label", "tags", SETS),
    "outlined": ("polygon", "outlines", OUTLINES),
    "traced": ("polyline", "paths", PATHS),
    "pointed": ("keypoint", "points", POINTS),
    "clips": ("video-classification", "animal", ONES),
    "names": ("named-entity-recognition", "names", SPANS),
    "mentions": ("text-classification-multi-label", "mentions", SETS),
    "unsorted": ("image-classification", "kind", ONES),
}
# Nothing is made of its answers; the others' are the project's.
FUNCTIONS = {"unsorted": "none"}
TEXTUAL = ("names", "mentions")
# Who makes no mistake leaves what is right as it is.
CAREFUL = "".join(part for part in WORKERS.splitlines(keepends=True) if " = 0." not in part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A campaign about another's labels; `truth` is what people say of each of its objects."""

    task: str
    attribute: str
    labels: list[str]
    based_on: str
    truth: Mapping[str, Any]
    accepted: tuple[str, ...] = ()


def drawn_project(
    folder: Path,
    server: LocalAws,
    campaigns: Mapping[str, tuple[str, str, list[Any]]] | None = None,
) -> LittleProject:
    """Campaigns of four objects each, without a page of their own."""
    make_files(folder)
    shutil.rmtree(folder / "campaigns")
    for name, (task, attribute, truth) in (campaigns or CAMPAIGNS).items():
        place = folder / "campaigns" / name
        shutil.copytree(ROOT / "campaigns/handwritten-digits/instructions", place / "instructions")
        (place / "campaign.toml").write_text(_settings(name, task, attribute), encoding="utf-8")
        _objects(place, name)
        rows = [{"object": _object(name, n), "label": value} for n, value in enumerate(truth)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "workers.toml").write_text(WORKERS, encoding="utf-8")
    return LittleProject(root=folder, server=server)


def add_audits(project: LittleProject, audits: Mapping[str, Audit]) -> None:
    """Write the campaigns of audits, of three careful people each, without pages of their own."""
    for name, audit in audits.items():
        place = project.root / "campaigns" / name
        first = project.root / "campaigns" / audit.based_on
        shutil.copytree(first / "instructions", place / "instructions")
        (place / "campaign.toml").write_text(
            f"""title = "Audit: {name}"
description = "Look at what others have found"
task = "{audit.task}"
label_attribute = "{audit.attribute}"
labels = {json.dumps(audit.labels)}
workers_per_object = 3

[dataset]
based_on = "{audit.based_on}"
accepted = {json.dumps(audit.accepted)}
""",
            encoding="utf-8",
        )
        rows = [{"object": key, "label": value} for key, value in audit.truth.items()]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (project.root / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (project.root / "careful.toml").write_text(CAREFUL, encoding="utf-8")


def audit(project: LittleProject, aws: Clients, *names: str) -> dict[str, list[dict[str, Any]]]:
    """Deploy audits whose base is done, have them answered, and return their output manifests."""
    stacks = [f"GroundTruth/Labeling-{name}" for name in names]
    project.deploy(f"audits-{names[0]}", *stacks, "--exclusively")
    found = {}
    for name in names:
        job = label_all(project, aws, name, skills="careful.toml")
        assert job["LabelingJobStatus"] == "Completed", job.get("FailureReason")
        found[name] = output_of(aws, job)
    return found


def _settings(name: str, task: str, attribute: str) -> str:
    dataset = (
        'manifest = "manifest.jsonl"'
        if name in TEXTUAL
        else f'prefix = "{name}/"\nsample_data = "data"'
    )
    return f"""title = "Animals: {name}"
description = "Say which animals there are, and where"
task = "{task}"
functions = "{FUNCTIONS.get(name, "own")}"
label_attribute = "{attribute}"
labels = {json.dumps(LABELS)}
workers_per_object = 3
task_time_limit_seconds = 300
task_availability_seconds = 864000
max_concurrent_tasks = 1000
keywords = ["animals"]
generation = 1

[dataset]
{dataset}
revision = 1

[instructions]
short = "instructions/short.html"
full = "instructions/full.html"
"""


def _object(name: str, number: int) -> str:
    return str(number) if name in TEXTUAL else f"{name}/{number}.{_suffix(name)}"


def _suffix(name: str) -> str:
    return "mp4" if name == "clips" else "png"


def _objects(place: Path, name: str) -> None:
    if name in TEXTUAL:
        lines = "".join(json.dumps({"source": text}) + "\n" for text in TEXTS)
        (place / "manifest.jsonl").write_text(lines, encoding="utf-8")
        return
    (place / "data").mkdir()
    for number in range(OBJECTS):
        canvas = Canvas(SIZE)
        canvas.fill([(0, 0), (320, 0), (320, 200), (0, 200)], 1)
        # nobody plays the clips here
        (place / f"data/{number}.{_suffix(name)}").write_bytes(
            png(canvas, [f"#a0a0{96 + number:02x}"])
        )


def label_all(
    project: LittleProject, aws: Clients, campaign: str, *, skills: str = "workers.toml"
) -> dict[str, Any]:
    """Let the three label everything; what DescribeLabelingJob says in the end."""
    (job,) = aws.sagemaker.list_labeling_jobs(NameContains=f"gt-local-{campaign}")[
        "LabelingJobSummaryList"
    ]
    root, name = project.root, job["LabelingJobName"]
    options = {
        "--portal": project.server.portal_url,
        "--job": name,
        "--truth": str(root / f"{campaign}.jsonl"),
        "--skills": str(root / skills),
        "--passwords": str(root / "passwords.json"),
        "--seed": "5",
    }
    if campaign in TEXTUAL:
        options["--manifest"] = str(root / f"campaigns/{campaign}/manifest.jsonl")
    assert main([part for pair in options.items() for part in pair]) == 0
    return until(aws.sagemaker, name, ended)


def output_of(aws: Clients, job: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of its output manifest."""
    uri = job["LabelingJobOutput"]["OutputDatasetS3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    text = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return [json.loads(line) for line in text.splitlines()]
