"""An answer to CloudFormation on its way: made small enough, and sent until it is taken."""

from __future__ import annotations

import json
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import cast

MAX_ANSWER_BYTES = 4096  # CloudFormation's limit for the whole answer
ATTEMPT_TIMEOUT_SECONDS = 10.0
_RETRIED_STATUS = frozenset({408, 425, 429})  # and every 5xx
_CUT = "…"

_log = logging.getLogger(__name__)


class AnswerNotDeliveredError(RuntimeError):
    """CloudFormation could not be told; the invocation must fail so that Lambda repeats it."""


def deliver(url: str, body: bytes, *, pauses: Sequence[float]) -> None:
    """PUT the answer, trying once more after each of the pauses (seconds).

    Connection errors, 5xx, 408, 425 and 429 are tried again; any other status is final.
    Raises AnswerNotDeliveredError, whose message never holds the URL: it is a credential.
    """
    context = ssl.create_default_context()  # reads SSL_CERT_FILE
    problem = ""
    for pause in (*pauses, None):
        try:
            _put(url, body, context)
        except urllib.error.HTTPError as error:
            problem = f"HTTP status {error.code}"
            error.close()
            if error.code < 500 and error.code not in _RETRIED_STATUS:
                break
        except (OSError, HTTPException) as error:
            problem = f"{type(error).__name__} {getattr(error, 'reason', '')}".strip()
        else:
            return
        _log.warning("the answer was not taken: %s", problem)
        if pause is not None:
            time.sleep(pause)
    raise AnswerNotDeliveredError(f"CloudFormation did not take the answer: {problem}")


def _put(url: str, body: bytes, context: ssl.SSLContext) -> None:
    # An empty content type, because the URL was signed without one
    request = urllib.request.Request(  # noqa: S310 - answer() lets only http and https through
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(  # noqa: S310 - as above
        request, timeout=ATTEMPT_TIMEOUT_SECONDS, context=context
    ) as response:
        response.read()


def fitted(document: dict[str, object]) -> bytes:
    """Serialise the answer, cutting the longest attribute or the reason until it fits."""
    body = _encoded(document)
    while len(body) > MAX_ANSWER_BYTES:
        data = cast("dict[str, str]", document.get("Data") or {})
        over = len(body) - MAX_ANSWER_BYTES
        if any(data.values()):
            longest = max(data, key=lambda key: (len(data[key]), key))
            _log.warning("attribute %s was cut: answers are limited to 4096 bytes", longest)
            cut = max(0, len(data[longest]) - max(over, 2))
            document = {**document, "Data": {**data, longest: shortened(data[longest], cut)}}
        elif data:
            dropped = max(data)
            kept = {key: value for key, value in data.items() if key != dropped}
            document = {**document, "Data": kept}
        elif len(str(document.get("Reason", ""))) > 1:
            reason = str(document["Reason"])
            document = {**document, "Reason": shortened(reason, len(reason) // 2)}
        else:
            break
        body = _encoded(document)
    return body


def _encoded(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def shortened(text: str, characters: int) -> str:
    if characters < 1:
        return ""
    return text if len(text) <= characters else text[: characters - 1] + _CUT
