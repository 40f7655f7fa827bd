"""A portal in memory and people at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from ground_truth_local.portal.app import create_app
from tests.local.portal.chromium import Browser, browser
from tests.local.portal.desk import Desk, seated
from tests.local.portal.fakes import Clock, FakePlatform, FakeQueue, FakeService, Job

PORT = 40123
PORTAL = f"http://127.0.0.1:{PORT}"
FRAMES = f"http://localhost:{PORT}"
MEDIA = "http://127.0.0.1:40124"
JSON = {"accept": "application/json"}
HTML = {"accept": "text/html,application/xhtml+xml"}


class Person:
    """Somebody with a browser or a program: cookies and the last CSRF token they were given."""

    def __init__(self, http: TestClient) -> None:
        self.http = http
        self.csrf_token = ""

    def get(self, path: str) -> Any:
        return self._remember(self.http.get(path, headers=JSON))

    def post(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        given = {**JSON, "x-csrf-token": self.csrf_token, **(headers or {})}
        return self._remember(self.http.post(path, json=body or {}, headers=given))

    def sign_in(self, username: str, password: str = "Temp-1234!") -> Any:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": password})
        if "challenge" in answer.json():
            answer = self.post("/new-password", {"new_password": "Own-12345!"})
        assert answer.status_code == 200, answer.text
        return answer

    def take(self, job: str = "digits") -> dict[str, object]:
        answer = self.post(f"/jobs/{job}/next")
        assert answer.status_code == 200, answer.text
        task: dict[str, object] = answer.json()
        return task

    @property
    def session(self) -> str | None:
        name: str | None = self.http.cookies.get(f"ground_truth_session_{PORT}")
        return name

    def _remember(self, answer: Any) -> Any:
        if answer.headers.get("content-type", "").startswith("application/json"):
            self.csrf_token = answer.json().get("csrf_token", self.csrf_token)
        return answer


Visit = Callable[[], Person]
SignedIn = Callable[[str], Person]


class Site:
    """The portal and what is around it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.platform = FakePlatform(self.clock, MEDIA)
        self.queue = FakeQueue(self.clock, lambda uri: f"{MEDIA}/{uri[5:]}?X-Amz-Signature=s&e=1")
        self.service = FakeService(self.queue)
        self.app = create_app(
            platform=self.platform, service=self.service, portal_domain=f"127.0.0.1:{PORT}"
        )

    def add_job(self, name: str = "digits", objects: int = 3, **settings: object) -> Job:
        uris = [f"s3://raw/handwritten-digits/{number:04d}.png" for number in range(objects)]
        labels = ["0", "1", "it's <b>"]
        job = Job(name=name, objects=uris, labels=labels, **settings)  # type: ignore[arg-type]
        self.queue.work[name] = job
        return job

    def client(self, base_url: str = PORTAL) -> TestClient:
        return TestClient(
            self.app,
            base_url=base_url,
            follow_redirects=False,
            raise_server_exceptions=False,
            client=("127.0.0.1", 50000),
        )


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def visit(site: Site) -> Iterator[Visit]:
    """A new person at the portal, signed out."""
    clients: list[TestClient] = []

    def arrive() -> Person:
        clients.append(site.client())
        return Person(clients[-1])

    yield arrive
    for client in clients:
        client.close()


@pytest.fixture
def worker(site: Site, visit: Visit) -> SignedIn:
    """An invited and signed-in worker."""

    def sign_in(email: str) -> Person:
        site.platform.invite(email)
        person = visit()
        person.sign_in(email)
        return person

    return sign_in


@pytest.fixture(scope="session")
def running_browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with browser() as running:
        yield running


@pytest.fixture
def chromium(running_browser: Browser) -> Iterator[Browser]:
    """The browser, without a tab left open by another test."""
    yield running_browser
    running_browser.close_pages()


@pytest.fixture(scope="session")
def one_desk(running_browser: Browser) -> Iterator[Desk]:
    """One portal with one signed-in worker for all tests of elements."""
    with seated(running_browser) as desk:
        yield desk


@pytest.fixture
def desk(one_desk: Desk, chromium: Browser) -> Desk:
    """The desk, with nothing on it; its browser's tabs are closed afterwards."""
    one_desk.site.queue.clear()
    return one_desk
