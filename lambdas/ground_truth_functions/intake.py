"""Writes down every object that comes through a campaign's topic.

Ground Truth reads its own queue and forgets; what it had not labeled when a job ended would be
known to nobody. The next job is given what lies here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from ground_truth.arrivals import MessageError, message_lines
from ground_truth.json_lines import write_json_lines
from ground_truth_functions.aws import client

_log = logging.getLogger(__name__)


def handler(event: Mapping[str, object], _context: object) -> None:
    """Lambda entry point for Amazon SNS.

    A message that can't be read is logged by its id and left: Ground Truth can't read it either.
    """
    _log.setLevel(logging.INFO)
    records = event.get("Records")
    for record in records if isinstance(records, list) else []:
        _keep(record["Sns"])


def arrival_key(prefix: str, message: Mapping[str, object]) -> str:
    """Return where a message is kept: in the order of arrival, the same when it comes twice."""
    moment = str(message["Timestamp"]).replace(":", "")
    return f"{prefix}{moment}-{message['MessageId']}.jsonl"


def _keep(message: Mapping[str, object]) -> None:
    try:
        lines = message_lines(str(message["Message"]))
    except MessageError as error:
        _log.warning("message %s was not kept: %s", message.get("MessageId"), error)
        return
    if not lines:
        return
    client("s3").put_object(
        Bucket=os.environ["OUTPUT_BUCKET"],
        Key=arrival_key(os.environ["ARRIVED"], message),
        Body=write_json_lines(lines),
        ContentType="application/jsonlines",
    )
