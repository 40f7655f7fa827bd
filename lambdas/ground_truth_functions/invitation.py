"""Cognito trigger: the invitation, with the portal's address in it.

The address is read when the mail is sent. Written into the user pool it would close a circle:
the portal belongs to the workforce, the workforce needs the pool.
"""

from __future__ import annotations

import html
import os
from typing import NotRequired, TypedDict

from ground_truth_functions.aws import client

INVITATION = "CustomMessage_AdminCreateUser"
SUBJECT = "Your invitation to label data"


class MessageRequest(TypedDict):
    """Placeholders that Cognito fills in after this function has answered."""

    codeParameter: str
    usernameParameter: str | None


class MessageResponse(TypedDict, total=False):
    """What Cognito sends; null leaves the pool's own text."""

    smsMessage: str | None
    emailMessage: str | None
    emailSubject: str | None


class MessageEvent(TypedDict):
    """The event of a CustomMessage trigger, as far as it is used; it is also the answer."""

    triggerSource: str
    request: MessageRequest
    response: NotRequired[MessageResponse]


class PortalUnknownError(RuntimeError):
    """There is no portal to invite anybody to; the account is then not created."""


def handler(event: MessageEvent, _context: object) -> MessageEvent:
    """Lambda entry point: write the invitation, leave every other message as it is.

    Environment: WORKFORCE_NAME, PORTAL_SCHEME (https when absent).
    """
    if event["triggerSource"] != INVITATION:
        return event
    portal = portal_url(os.environ["WORKFORCE_NAME"], os.environ.get("PORTAL_SCHEME", "https"))
    request = event["request"]
    message = invitation(
        portal=portal,
        username=request["usernameParameter"] or "{username}",
        password=request["codeParameter"],
    )
    response: MessageResponse = {
        **event.get("response", {}),
        "emailSubject": SUBJECT,
        "emailMessage": message,
    }
    return {**event, "response": response}


def portal_url(workforce: str, scheme: str) -> str:
    """Return the portal's address; raises PortalUnknownError if the workforce has none yet."""
    described = client("sagemaker").describe_workforce(WorkforceName=workforce)
    domain = described["Workforce"].get("SubDomain")
    if not domain:
        raise PortalUnknownError(
            f"workforce {workforce} has no portal address yet; "
            "invite people once it is active and has a work team"
        )
    return f"{scheme}://{domain}/"


def invitation(*, portal: str, username: str, password: str) -> str:
    """Return the mail's HTML; `username` and `password` are Cognito's placeholders."""
    address = html.escape(portal, quote=True)
    return (
        "<p>You have been invited to label data.</p>"
        f'<p>Sign in at <a href="{address}">{address}</a> with</p>'
        f"<p>user name: <strong>{username}</strong><br>"
        f"temporary password: <strong>{password}</strong></p>"
        "<p>At the first sign-in you choose a password of your own. "
        "If the temporary password has expired, ask whoever runs the campaign for a new one.</p>"
    )
