"""A campaign's task for each of its objects, and what becomes of answers to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ground_truth.consolidation.pictures import write_classes
from ground_truth_liquid import TemplateError, render
from ground_truth_ops.preview.function import Function, Outcome

if TYPE_CHECKING:
    from ground_truth_ops.preview.store import Store
    from stacks.drafts import Draft

_VERSION = "2018-10-16"
_JOB = ("arn", "aws", "sagemaker", "us-east-1", "0" * 12)
# As the functions are deployed with
_PRE_ANNOTATION_SECONDS = 30.0
_CONSOLIDATION_SECONDS = 900.0
_AMAZONS = "workers see Amazon's own page, of which there is no template to show"
_UNCONSOLIDATED = "no function consolidates: the label stays empty, answers are kept as they are"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker gets for an object: a page, or why there is none."""

    line: Mapping[str, object]
    task_input: Mapping[str, object] | None = None
    html: str | None = None
    trouble: str | None = None
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the consolidation made of the answers so far."""

    answers: tuple[Mapping[str, object], ...] = ()
    content: object = None
    trouble: str | None = None
    log: tuple[str, ...] = ()


class Workshop:
    """Reads the campaign anew on `refresh`; thread-safe."""

    def __init__(self, root: Path, campaign: str, store: Store) -> None:
        self._root = root
        self._campaign = campaign
        self._store = store
        self._lock = threading.RLock()
        self._functions: dict[str, Function] = {}
        self._answers: dict[int, list[Mapping[str, object]]] = {}
        self._labels: dict[int, Label] = {}
        self.draft = self._read()

    def refresh(self, *, code_changed: bool) -> None:
        """Take the files as they are now; answers stay and are consolidated again."""
        with self._lock:
            before, self.draft = self.draft, self._read()
            if code_changed or before.function_settings != self.draft.function_settings:
                self.stop()
            self._labels.clear()

    def stop(self) -> None:
        """End the functions' processes."""
        with self._lock:
            for function in self._functions.values():
                function.stop()
            self._functions.clear()

    def task(self, index: int) -> Task:
        """The task for an object of the dataset."""
        with self._lock:
            draft = self.draft
            line = draft.lines[index]
            if draft.page_is_amazons:
                return Task(line=line, trouble=_AMAZONS)
            if draft.template is None or draft.settings is None:
                return Task(line=line, trouble="the campaign's files can't be used; see below")
            given = draft.input_of_others(line)
            if given is not None:
                return self._shown(draft.template.text, line, Outcome(payload={"taskInput": given}))
            event = {**self._event(), "dataObject": line}
            outcome = self._function(draft, "pre_annotation").invoke(event)
            return self._shown(draft.template.text, line, outcome)

    def answer(self, index: int, answer: Mapping[str, object]) -> None:
        """Add the next worker's answer."""
        with self._lock:
            self._answers.setdefault(index, []).append(answer)
            self._labels.pop(index, None)

    def forget(self, index: int) -> None:
        """Begin again with an object."""
        with self._lock:
            self._answers.pop(index, None)
            self._labels.pop(index, None)

    def label(self, index: int) -> Label:
        """What the consolidation makes of the answers to an object."""
        with self._lock:
            answers = self._answers.get(index)
            if not answers or self.draft.settings is None or index >= len(self.draft.lines):
                return Label()
            if index not in self._labels:
                self._labels[index] = self._consolidated(index, tuple(answers))
            return self._labels[index]

    def _read(self) -> Draft:
        from stacks.drafts import RAW_BUCKET, read_draft  # noqa: PLC0415 - of the project itself

        draft = read_draft(self._root, self._campaign)
        self._store.files = {f"s3://{RAW_BUCKET}/{key}": file for key, file in draft.files.items()}
        self._store.masks = {uri: _mask(colors) for uri, colors in draft.pictures.items()}
        return draft

    def _function(self, draft: Draft, kind: str) -> Function:
        from stacks.drafts import PRE_ANNOTATION, consolidation_module  # noqa: PLC0415

        if kind not in self._functions and draft.settings is not None:
            before = kind == "pre_annotation"
            module = PRE_ANNOTATION if before else consolidation_module(draft.settings.task)
            seconds = _PRE_ANNOTATION_SECONDS if before else _CONSOLIDATION_SECONDS
            self._functions[kind] = Function(
                module,
                settings=draft.function_settings,
                endpoint=self._store.address,
                timeout_seconds=seconds,
            )
        return self._functions[kind]

    def _event(self) -> dict[str, object]:
        job = ":".join([*_JOB, f"labeling-job/preview-{self._campaign}"])
        return {"version": _VERSION, "labelingJobArn": job}

    def _shown(self, template: str, line: Mapping[str, object], outcome: Outcome) -> Task:
        if outcome.error is not None:
            trouble = f"the pre-annotation function failed: {outcome.error}"
            return Task(line=line, trouble=trouble, log=outcome.log)
        answer: Any = outcome.payload
        task_input = answer.get("taskInput") if isinstance(answer, dict) else None
        if not isinstance(task_input, dict):
            trouble = "the pre-annotation function gave no taskInput object"
            return Task(line=line, trouble=trouble, log=outcome.log)
        if answer.get("isHumanAnnotationRequired") is False:
            trouble = "the pre-annotation function leaves this object out: no worker sees it"
            return Task(line=line, task_input=task_input, trouble=trouble, log=outcome.log)
        try:
            html = render(template, task_input=task_input, grant_read_access=self._store.link)
        except TemplateError as error:
            trouble = f"the template can't be rendered: {error}"
            return Task(line=line, task_input=task_input, trouble=trouble, log=outcome.log)
        return Task(line=line, task_input=task_input, html=html, log=outcome.log)

    def _consolidated(self, index: int, answers: tuple[Mapping[str, object], ...]) -> Label:
        draft = self.draft
        if draft.settings is None:
            return Label(answers=answers)
        if draft.direct:
            return Label(answers=answers, trouble=_UNCONSOLIDATED)
        job = f"preview-{self._campaign}"
        uri = self._store.put_request(job, _payload(index, draft.lines[index], answers))
        event = {
            **self._event(),
            "labelAttributeName": draft.settings.label_attribute,
            "roleArn": ":".join([*_JOB[:2], "iam", "", _JOB[-1], "role/preview"]),
            "payload": {"s3Uri": uri},
            "labelCategories": list(draft.settings.label_names),
        }
        outcome = self._function(draft, "consolidation").invoke(event)
        if outcome.error is not None:
            trouble = f"the consolidation function failed: {outcome.error}"
            return Label(answers=answers, trouble=trouble, log=outcome.log)
        content = _content_of(outcome.payload, str(index))
        missing = "the consolidation gives this object no label" if content is None else None
        return Label(answers=answers, content=content, trouble=missing, log=outcome.log)


def _mask(colors: Sequence[int]) -> bytes:
    """A picture with an area of the first label."""
    painted = np.zeros((42, 64), dtype=np.uint8)
    painted[12:30, 10:34] = 1
    return write_classes(painted, colors)


def _payload(
    index: int, line: Mapping[str, object], answers: tuple[Mapping[str, object], ...]
) -> bytes:
    """The request file, one object long (developer guide, "Post-annotation Lambda")."""
    data = {"s3Uri": line["source-ref"]} if "source-ref" in line else {"content": line["source"]}
    annotations = [
        {
            "workerId": f"preview-worker-{number}",
            "annotationData": {"content": json.dumps(answer, ensure_ascii=False)},
        }
        for number, answer in enumerate(answers, start=1)
    ]
    entry = {"datasetObjectId": str(index), "dataObject": data, "annotations": annotations}
    return json.dumps([entry], ensure_ascii=False).encode()


def _content_of(payload: object, object_id: str) -> object:
    for entry in payload if isinstance(payload, list) else ():
        if isinstance(entry, dict) and entry.get("datasetObjectId") == object_id:
            annotation = entry.get("consolidatedAnnotation")
            return annotation.get("content") if isinstance(annotation, dict) else None
    return None
