"""Recorded payloads, and short ways to make others."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[2] / "events"


def event(name: str) -> Any:
    """Return the payload in ``tests/events/<name>.json``."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def annotation(
    worker: str, label: object, element: str = "crowd-image-classifier"
) -> dict[str, Any]:
    """Return one worker's answer as Ground Truth passes it on."""
    content = json.dumps({element: {"label": label}})
    return {"workerId": worker, "annotationData": {"content": content}}


def answered(object_id: object, *annotations: object) -> dict[str, Any]:
    """Return one object of a payload."""
    return {"datasetObjectId": object_id, "dataObject": {}, "annotations": list(annotations)}
