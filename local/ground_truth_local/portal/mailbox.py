"""The mail box: messages the embedded AWS would have sent, invitations above all.

Open without signing in, since the first password is in it; like all of local AWS it is for the
people of this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from ground_truth_local.portal.portal import portal_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ground_truth_local.platform.port import Mail


async def mailbox(request: Request) -> Response:
    portal = portal_of(request)
    mails = await run_in_threadpool(portal.platform.mails)
    payload = {"mails": [_mail(mail) for mail in mails]}
    return portal.answer(request, payload=payload, page="mailbox.html")


def _mail(mail: Mail) -> dict[str, object]:
    return {
        "number": mail.number,
        "to": mail.to,
        "subject": mail.subject,
        "html": mail.html,
        "sent_at": mail.sent_at.isoformat(),
        "user_pool_id": mail.user_pool_id,
        "username": mail.username,
        "trigger": mail.trigger,
    }
