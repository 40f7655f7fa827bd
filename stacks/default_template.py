"""What workers see where a campaign brings no template of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth.tasks import AnswerKind, rules_for
from stacks.template_files import Source

if TYPE_CHECKING:
    from ground_truth.tasks import TaskType
    from stacks.campaign import CampaignFile

_FOLDER = Path(__file__).parent / "templates"
_LABELS = re.compile(r'(?<=\s)(labels|categories)="[^"]*task\.input\.labels[^"]*"')
_EARLIER = "earlier-label"  # stands for an attribute
_HEADER = re.compile(r'(?<=\sheader=")[^"]*')


def default_template(
    task: TaskType,
    header: str | None = None,
    *,
    labels: Sequence[str] | None = None,
    audited: str | None = None,
) -> Source | None:
    """The task's page, with `header` over it if there is one; None for tasks that have none.

    With `labels` it is for a job without functions: the page gets the object's manifest line
    alone, so the labels are written into it. With `audited`, the label attribute of what a
    verification or an adjustment begins with, it is for AWS's functions: they give it the manifest
    line beside the object and the labels.

    Its element and the element's name are those that Ground Truth's own consolidation reads, and
    ours (developer guide, the page of each task).
    """
    path = (_FOLDER if audited is None else _FOLDER / "aws") / f"{task}.liquid.html"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8").replace(_EARLIER, audited or _EARLIER)
    if header is not None:
        shown = as_text(header)
        text = _HEADER.sub(lambda _: shown, text, count=1)
    if labels is not None:
        text = _direct(text, task, labels)
    return Source(file=f"stacks/templates/{path.relative_to(_FOLDER).as_posix()}", text=text)


def _direct(text: str, task: TaskType, labels: Sequence[str]) -> str:
    rules = rules_for(task)
    spans = rules.answers is AnswerKind.SPANS
    choices = [{"label": label} for label in labels] if spans else list(labels)
    written = as_text(json.dumps(choices, ensure_ascii=False))
    text = _LABELS.sub(lambda match: f'{match[1]}="{written}"', text, count=1)
    return text.replace("task.input.taskObject", f"task.input.{rules.manifest_key}")


def label_descriptions(settings: CampaignFile) -> str:
    """The labels that have a description, as HTML for the full instructions; "" without any."""
    return "\n".join(_described(settings))


def _described(settings: CampaignFile) -> Iterator[str]:
    described = [label for label in settings.labels if label.description.strip()]
    if not described:
        return
    yield "<h3>Labels</h3>"
    yield "<dl>"
    for label in described:
        yield f"  <dt>{as_text(label.name)}</dt>"
        yield f"  <dd>{as_text(label.description.strip())}</dd>"
    yield "</dl>"


def as_text(value: str) -> str:
    """`value` as it reads, in a template: neither HTML nor Liquid."""
    return escape(value).replace("{", "&#123;").replace("}", "&#125;")
