"""The requester's pages over the real service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ground_truth_local.portal.app import create_app
from tests.local.portal.conftest import HTML, JSON, PORT, PORTAL
from tests.local.portal.fakes import Clock, FakePlatform
from tests.local.service.world import ADA, BOB, World

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as running:
        yield running


@pytest.fixture
def http(world: World) -> Iterator[TestClient]:
    platform = FakePlatform(Clock(), "http://127.0.0.1:40124")
    app = create_app(platform=platform, service=world.service, portal_domain=f"127.0.0.1:{PORT}")
    with TestClient(app, base_url=PORTAL, client=("127.0.0.1", 50000)) as client:
        yield client


def test_overview_and_job_tell_programs_what_they_tell_people(
    world: World, http: TestClient
) -> None:
    world.create()
    world.answer(ADA)
    world.answer(BOB)

    (listed,) = http.get("/requester", headers=JSON).json()["jobs"]
    found = http.get("/requester/jobs/digits-1", headers=JSON).json()
    page = http.get("/requester/jobs/digits-1", headers=HTML).text

    assert (listed["status"], listed["total"], listed["answers"]) == ("InProgress", 2, 2)
    assert found["job"] == listed
    assert {each["email"] for each in found["workers"]} == {ADA.email, BOB.email}
    assert [each["answer"] for each in found["answers"]] == [
        {"crowd-image-classifier": {"label": "1"}}
    ] * 2
    assert ADA.email in page
    assert "0 of 2 objects labeled" in page


def test_what_a_worker_wrote_is_text_on_the_page(world: World, http: TestClient) -> None:
    world.create()
    assignment = world.take(ADA)
    world.service.queue.submit(
        ADA, assignment.id, {"c": {"label": HOSTILE}, "note": f"</pre>{HOSTILE}"}
    )

    page = http.get("/requester/jobs/digits-1", headers=HTML).text

    assert HOSTILE not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 2


def test_only_reading_is_possible_and_unknown_jobs_are_named(http: TestClient) -> None:
    assert http.post("/requester", headers=JSON).status_code == 405
    missing = http.get("/requester/jobs/none", headers=JSON)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "JobNotFound")
