"""The preview without a browser: what it serves to whom, and what the real functions make of it."""

from __future__ import annotations

import http.client
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image

from ground_truth.built_in import RefSuffix
from ground_truth.tasks import AnswerKind, TaskType, rules_for
from ground_truth_ops.preview.run import PreviewError, Running, preview
from tests.preview.conftest import HOSTILE

Serve = Callable[[], Running]


def ask(
    running: Running, path: str, *, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """A request to the preview; a body is posted as its own page would."""
    address = urlsplit(running.url)
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=20)
    given = {"origin": running.url.rstrip("/")} if body is not None else {}
    content = None if body is None else json.dumps(body)
    connection.request(
        "GET" if body is None else "POST", path, content, {**given, **(headers or {})}
    )
    answer = connection.getresponse()
    read = answer.status, answer.read()
    connection.close()
    return read


def state(running: Running, index: int = 0) -> dict[str, Any]:
    status, body = ask(running, f"/state?index={index}")
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def frame(running: Running, shown: dict[str, Any]) -> str:
    parts = urlsplit(shown["frame"])
    status, body = ask(running, parts.path, headers={"host": parts.netloc})
    assert status == 200
    return body.decode()


def submit(running: Running, label: str) -> dict[str, Any]:
    answer = {"crowd-classifier": {"label": label}}
    found: dict[str, Any] = json.loads(
        ask(running, "/answers", body={"index": 0, "answer": answer})[1]
    )
    return found


def test_shows_each_object_as_the_pre_annotation_function_gives_it(serve: Serve) -> None:
    running = serve()
    first, last = state(running), state(running, 99)
    assert (first["index"], first["count"], first["object"]) == (0, 3, "A fine day")
    assert first["taskInput"] == {"taskObject": "A fine day", "labels": ["glad", "it's sad"]}
    assert first["findings"] == []
    assert (last["index"], last["object"]) == (2, "A third text")


def test_hostile_data_is_text_of_the_page(serve: Serve) -> None:
    running = serve()
    html = frame(running, state(running, 1))
    assert HOSTILE not in html
    assert "it&#39;s &#34;quoted&#34; &lt;/script&gt;" in html


def test_frame_is_given_once_and_from_its_own_host_alone(serve: Serve) -> None:
    running = serve()
    parts = urlsplit(state(running)["frame"])
    assert ask(running, parts.path)[0] == 404
    assert ask(running, parts.path, headers={"host": parts.netloc})[0] == 200
    assert ask(running, parts.path, headers={"host": parts.netloc})[0] == 410
    assert ask(running, "/state", headers={"host": parts.netloc})[0] == 410
    assert ask(running, "/", headers={"host": "attacker.example"})[0] == 421


@pytest.mark.parametrize("origin", ["null", "http://localhost:1", "https://attacker.example"])
def test_only_its_own_page_may_answer(serve: Serve, origin: str) -> None:
    running = serve()
    message = {"index": 0, "answer": {}}
    assert ask(running, "/answers", body=message, headers={"origin": origin})[0] == 403
    assert state(running)["answers"] == []


@pytest.mark.parametrize(
    "message", [{}, {"index": "x"}, {"index": 0}, {"index": 0, "answer": [1]}, 7]
)
def test_an_answer_is_an_object_for_an_index(serve: Serve, message: object) -> None:
    assert ask(serve(), "/answers", body=message)[0] == 400


def test_real_consolidation_labels_one_two_and_three_answers(serve: Serve) -> None:
    running = serve()
    one, two, three = (submit(running, label) for label in ("glad", "it's sad", "it's sad"))
    assert [len(shown["answers"]) for shown in (one, two, three)] == [1, 2, 3]
    assert one["label"]["mood"] == 0
    assert one["label"]["mood-metadata"]["class-name"] == "glad"
    assert three["label"]["mood"] == 1
    assert three["label"]["mood-metadata"]["class-name"] == "it's sad"
    assert three["label"]["mood-metadata"]["type"] == "groundtruth/text-classification"
    assert any("batch consolidated" in line for line in three["log"])


def test_answers_are_forgotten_on_request(serve: Serve) -> None:
    running = serve()
    submit(running, "glad")
    found = json.loads(ask(running, "/forget", body={"index": 0})[1])
    assert (found["answers"], found["label"]) == ([], None)


def test_answer_that_no_consolidation_reads_says_so(serve: Serve) -> None:
    running = serve()
    body = {"index": 0, "answer": {"other": "text"}}
    found = json.loads(ask(running, "/answers", body=body)[1])
    assert found["label"] is None
    assert found["labelTrouble"] == "the consolidation gives this object no label"
    assert any("no answer of crowd-classifier" in line for line in found["log"])


def test_mistakes_of_every_file_are_told_beside_what_can_be_shown(
    serve: Serve, campaign: Path
) -> None:
    template = campaign / "template.liquid.html"
    template.write_text(template.read_text().replace("task.input.labels", "task.input.label"))
    (campaign / "instructions/short.html").write_text('<img src="https://x.example/a.png">')
    shown = state(serve())
    assert [(each["severity"], each["key"]) for each in shown["findings"]] == [
        ("error", "unknown-variable"),
        ("warning", "missing-alt"),
    ]
    assert "task.input.label" in shown["trouble"]
    assert "frame" not in shown


def test_a_campaign_that_cannot_be_read_is_shown_as_its_problems(
    serve: Serve, campaign: Path
) -> None:
    (campaign / "campaign.toml").write_text("title =")
    shown = state(serve())
    assert shown["count"] == 0
    assert shown["trouble"] == "the campaign can't be read"
    assert "isn't TOML" in shown["findings"][0]["message"]


def test_events_tell_of_the_change_of_a_file(serve: Serve, campaign: Path) -> None:
    running = serve()
    address = urlsplit(running.url)
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=20)
    connection.request("GET", "/events")
    events = connection.getresponse()
    assert events.readline() == b"data: 1\n"
    (campaign / "instructions/short.html").write_text("<p>Changed words</p>")
    lines = iter(events.readline, b"")
    assert next(line for line in lines if line.startswith(b"data: ")) == b"data: 2\n"
    connection.close()
    assert "Changed words" in frame(running, state(running))


def test_unknown_campaign_is_refused(campaign: Path) -> None:
    unknown = preview(campaign.parents[1], "other")
    with pytest.raises(PreviewError, match="got campaign 'other'"), unknown:
        pass


def choose(campaign: Path, functions: str) -> None:
    (campaign / "template.liquid.html").unlink()
    text = (campaign / "campaign.toml").read_text()
    (campaign / "campaign.toml").write_text(f'functions = "{functions}"\n{text}')


def test_page_without_functions_is_given_the_manifest_line(serve: Serve, campaign: Path) -> None:
    choose(campaign, "none")

    running = serve()
    shown = state(running)

    assert shown["taskInput"] == {"source": "A fine day"}
    assert "A fine day" in frame(running, shown)
    found = submit(running, "glad")
    assert (found["label"], "no function consolidates" in found["labelTrouble"]) == (None, True)


def test_page_of_amazons_can_not_be_shown(serve: Serve, campaign: Path) -> None:
    choose(campaign, "aws")
    text = (campaign / "campaign.toml").read_text()
    (campaign / "campaign.toml").write_text(
        text.replace("text-classification", "named-entity-recognition")
    )

    shown = state(serve())

    assert shown["findings"] == []
    assert "Amazon's own page" in shown["trouble"]


def audit(campaign: Path, task: TaskType) -> None:
    """Base the campaign on another, which asks `task` about its objects."""
    path = campaign / "campaign.toml"
    text = path.read_text()
    attribute = "x-ref" if rules_for(task).ref_suffix is RefSuffix.REQUIRED else "x"
    earlier = re.sub("^task = .*", f'task = "{task}"', text, flags=re.MULTILINE)
    earlier = re.sub("(?<=^label_attribute = ).*", f'"{attribute}"', earlier, flags=re.MULTILINE)
    shutil.copytree(campaign, campaign.parent / "earlier")
    (campaign.parent / "earlier/campaign.toml").write_text(earlier)
    path.write_text(text.replace('manifest = "manifest.jsonl"', 'based_on = "earlier"'))


def test_amazons_page_of_an_audit_can_not_be_shown_either(serve: Serve, campaign: Path) -> None:
    (campaign / "template.liquid.html").unlink()
    for length in ("short", "full"):
        (campaign / f"instructions/{length}.html").write_text("<p>Look.</p>")
    path = campaign / "campaign.toml"
    task = TaskType.VIDEO_FRAME_OBJECT_DETECTION
    text = path.read_text().replace("text-classification", f"{task}-verification")
    path.write_text(text.replace('"mood"', '"mood-ref"'))
    (campaign / "manifest.jsonl").write_text('{"source-ref": "s3://elsewhere/x.json"}\n')
    audit(campaign, task)

    shown = state(serve())

    assert shown["findings"] == []
    assert "Amazon's own page" in shown["trouble"]


def test_page_for_aws_functions_is_given_the_manifest_line(serve: Serve, campaign: Path) -> None:
    (campaign / "template.liquid.html").unlink()
    path = campaign / "campaign.toml"
    text = path.read_text().replace("text-classification", "bounding-box-adjustment")
    path.write_text(text)
    (campaign / "manifest.jsonl").write_text('{"source-ref": "s3://elsewhere/x.png"}\n')
    audit(campaign, TaskType.BOUNDING_BOX)
    path.write_text(f'functions = "aws"\n{path.read_text()}')

    running = serve()
    shown = state(running)

    assert (shown["findings"], shown["trouble"]) == ([], None)
    assert set(shown["taskInput"]) == {"taskObject", "labels", "manifestLine"}
    assert "{label: &#34;glad&#34;, left: 16, top: 20, width: 40, height: 28 }" in frame(
        running, shown
    )


def test_masks_to_be_judged_are_pictures(serve: Serve, campaign: Path) -> None:
    (campaign / "template.liquid.html").unlink()
    path = campaign / "campaign.toml"
    text = path.read_text().replace("text-classification", "semantic-segmentation-verification")
    path.write_text(text)
    (campaign / "manifest.jsonl").write_text('{"source-ref": "s3://elsewhere/x.png"}\n')
    audit(campaign, TaskType.SEMANTIC_SEGMENTATION)

    running = serve()
    shown = frame(running, state(running))

    (link,) = re.findall(r"src: '(http[^']+mask[.]png)'", shown)
    with urlopen(link, timeout=20) as response:
        mask = Image.open(io.BytesIO(response.read()))
    assert mask.mode == "P"
    assert mask.getextrema() == (0, 1)


TEMPLATED = [task for task in TaskType if rules_for(task).answers is not AnswerKind.UNREAD]


@pytest.mark.parametrize("task", TEMPLATED)
def test_every_task_is_shown_on_its_own_page_without_findings(
    serve: Serve, campaign: Path, task: TaskType
) -> None:
    rules = rules_for(task)
    (campaign / "template.liquid.html").unlink()
    attribute = "mood-ref" if rules.ref_suffix is RefSuffix.REQUIRED else "mood"
    text = (campaign / "campaign.toml").read_text().replace('"mood"', f'"{attribute}"')
    (campaign / "campaign.toml").write_text(text.replace("text-classification", task))
    uri = f"s3://elsewhere/object{rules.extensions[0]}"
    line = {rules.manifest_key: uri if rules.manifest_key == "source-ref" else "A fine day"}
    (campaign / "manifest.jsonl").write_text(json.dumps(line) + "\n")
    if rules.audited is not None:
        audit(campaign, rules.audited)

    running = serve()
    shown = state(running)

    assert shown["findings"] == []
    assert shown["trouble"] is None
    assert f"<{rules.template_element}" in frame(running, shown)
