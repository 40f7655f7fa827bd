"""The client may repeat what it asks, as it does when a portal goes before it has answered."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from ground_truth_local.workers.client import PortalClient
from ground_truth_local.workers.errors import PortalRefusalError
from tests.local.portal.fakes import Job
from tests.local.portal.serving import Site, portal

ANSWER = {"crowd-image-classifier": {"label": "0"}}


@pytest.fixture
def site() -> Iterator[Site]:
    with portal() as served:
        served.platform.invite("ada@example.com", "Tmp&x1!9Zq")
        served.queue.work["digits"] = Job(
            name="digits", objects=["s3://raw/0.png", "s3://raw/1.png"], labels=["0", "1"]
        )
        yield served


@pytest.fixture
def ada(site: Site) -> Iterator[PortalClient]:
    client = PortalClient(site.url)
    assert not client.sign_in("ada@example.com", "Tmp&x1!9Zq")
    client.choose_password("Own&x1!9Zq")
    yield client
    client.close()


def taken(client: PortalClient) -> str:
    task = client.next_task("digits")
    assert task is not None
    return task


@pytest.mark.parametrize(("how", "state"), [("decline", "declined"), ("release", "released")])
def test_a_task_may_be_given_back_again(
    site: Site, ada: PortalClient, how: str, state: str
) -> None:
    task = taken(ada)
    getattr(ada, how)(task)
    getattr(ada, how)(task)
    assert site.queue.state(task) == state


def test_what_was_answered_is_not_given_back(site: Site, ada: PortalClient) -> None:
    task = taken(ada)
    ada.submit(task, ANSWER)
    with pytest.raises(PortalRefusalError, match="409"):
        ada.release(task)
    assert site.queue.state(task) == "submitted"


def test_what_was_given_back_is_not_answered(ada: PortalClient) -> None:
    task = taken(ada)
    ada.release(task)
    with pytest.raises(
        PortalRefusalError, match=r"/submit: the portal answered 410 Expired: "
    ) as told:
        ada.submit(task, ANSWER)
    assert (told.value.status, told.value.code) == (410, "Expired")


def test_a_refusal_goes_from_process_to_process() -> None:
    error = PortalRefusalError("POST /x", 410, "Expired", "too late")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.code) == (str(error), "Expired")
