"""What must not work: forged requests, other people's tasks, escapes from the frame."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ground_truth_local.portal.frames import SANDBOX, Frames, document
from ground_truth_local.portal.requests import ANSWER_BYTES, FORM_BYTES
from tests.local.portal.conftest import FRAMES, HTML, JSON, PORTAL, Person, SignedIn, Site, Visit
from tests.local.portal.fakes import Clock

ANSWER = {"crowd-image-classifier": {"label": "1"}}


@pytest.fixture
def ada(site: Site, worker: SignedIn) -> Person:
    site.add_job()
    return worker("ada@example.com")


def frame_url(person: Person, task_id: str) -> str:
    page: str = person.http.get(f"/tasks/{task_id}", headers=HTML).text
    return page.partition('data-frame="')[2].partition('"')[0]


CHANGES = [
    "/jobs/digits/next",
    "/tasks/x/submit",
    "/tasks/x/decline",
    "/tasks/x/release",
    "/sign-out",
    "/sign-in",
    "/new-password",
]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("token", ["", "wrong", "ümläut"])
def test_every_change_needs_the_sessions_csrf_token(ada: Person, path: str, token: str) -> None:
    in_body = ada.http.post(path, json={"csrf_token": token}, headers=JSON)
    in_header = ada.http.post(path, json={}, headers={**JSON, "x-csrf-token": token.encode()})
    for answer in (in_body, in_header, ada.http.post(path, headers=JSON)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Forbidden")
    assert ada.get("/jobs").status_code == 200


def test_another_persons_csrf_token_is_worth_nothing(ada: Person, worker: SignedIn) -> None:
    ada.csrf_token = worker("bob@example.com").csrf_token
    assert ada.post("/jobs/digits/next").status_code == 403


@pytest.mark.parametrize("path", CHANGES)
def test_changes_do_not_listen_to_get(ada: Person, path: str) -> None:
    answer = ada.http.get(path, headers=JSON)
    assert answer.status_code in {200, 303, 405}
    assert ada.get("/jobs").json()["jobs"][0]["available"] == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": FRAMES},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_changes_asked_for_by_other_sites_are_refused(ada: Person, headers: dict[str, str]) -> None:
    assert ada.post("/jobs/digits/next", headers=headers).status_code == 403
    assert ada.post("/jobs/digits/next", headers={"origin": PORTAL}).status_code == 200


@pytest.mark.parametrize("action", ["submit", "decline", "release", None])
def test_another_persons_task_does_not_exist(
    site: Site, ada: Person, worker: SignedIn, action: str | None
) -> None:
    task = ada.take()
    bob = worker("bob@example.com")
    path = f"/tasks/{task['id']}"
    answer = bob.post(f"{path}/{action}", {"answer": ANSWER}) if action else bob.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "AssignmentNotFound")
    assert site.queue.state(str(task["id"])) == "open"
    assert site.queue.work["digits"].answers == {}


@pytest.mark.parametrize("path", ["/jobs", "/tasks/x"])
def test_nothing_is_shown_to_the_signed_out(visit: Visit, path: str) -> None:
    assert visit().get(path).status_code == 401
    person = visit()
    person.get("/sign-in")
    assert person.get(path).status_code == 401
    assert person.post("/jobs/digits/next").status_code == 401


def test_oversize_answers_are_refused_before_they_are_read(site: Site, ada: Person) -> None:
    path = f"/tasks/{ada.take()['id']}/submit"
    answer = ada.post(path, {"answer": {"x": "a" * ANSWER_BYTES}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TooLarge")

    headers = {**JSON, "content-type": "application/json", "x-csrf-token": ada.csrf_token}
    stream = ada.http.post(path, content=undeclared(ANSWER_BYTES + 65536), headers=headers)
    assert stream.status_code == 413
    queue_limit = ada.post(path, {"answer": {"x": "a" * 200_000}})
    assert (queue_limit.status_code, queue_limit.json()["error"]["code"]) == (413, "AnswerTooLarge")
    assert site.queue.work["digits"].answers == {}


def undeclared(size: int) -> Iterator[bytes]:
    """A body whose length no header tells."""
    for _ in range(0, size, 65536):
        yield b"a" * 65536


def test_forms_have_a_smaller_limit(ada: Person) -> None:
    answer = ada.post("/jobs/digits/next", {"x": "a" * FORM_BYTES})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"answer":' + b"[" * 100_000, "application/json", 400),
        (b'{"answer": {"x": NaN}}', "application/json", 400),
        (b'{"answer": {"x": -Infinity}}', "application/json", 400),
        (b'{"answer": {"x": "\\ud800"}}', "application/json", 400),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(200)), "application/x-www-form-urlencoded", 400),
        (b"<answer/>", "text/xml", 415),
        (b"x", "", 415),
    ],
)
def test_malformed_bodies_are_refused(ada: Person, content: bytes, kind: str, status: int) -> None:
    headers = {**JSON, "content-type": kind, "x-csrf-token": ada.csrf_token}
    path = f"/tasks/{ada.take()['id']}/submit"
    assert ada.http.post(path, content=content, headers=headers).status_code == status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:40123", "127.0.0.1", "127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/", "/mailbox", "/healthz", "/static/portal.css", "/frame/x"])
def test_a_rebound_host_name_gets_nothing(site: Site, host: str, path: str) -> None:
    with site.client(f"http://{host}") as client:
        answer = client.get(path)
    assert answer.status_code == 421
    assert answer.text == "this address is not served here\n"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/jobs", "/mailbox", "/healthz", "/tasks/x"])
def test_the_frames_host_knows_nothing_of_the_portal(site: Site, path: str) -> None:
    with site.client(FRAMES) as client:
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/frame/x", "/static/core.js", "/static/bridge.js"])
def test_the_portals_host_serves_no_template_code(site: Site, path: str) -> None:
    with site.client() as client:
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("base", [PORTAL, FRAMES])
@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5c..%5capp.py",
        "/static/portal/../../templates/base.html",
        "/static/%00",
        "/frame/../../app.py",
        "/frame/%2e%2e%2f",
    ],
)
def test_paths_lead_nowhere_outside(site: Site, base: str, path: str) -> None:
    with site.client(base) as client:
        answer = client.get(path)
    assert answer.status_code in {404, 405, 410}
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_a_frame_opens_once(site: Site, ada: Person) -> None:
    url = frame_url(ada, str(ada.take()["id"]))
    assert url.startswith(f"{FRAMES}/frame/")
    with site.client(FRAMES) as client:
        assert "crowd-image-classifier" in client.get(url).text
        assert client.get(url).status_code == 410
        assert client.get(f"{FRAMES}/frame/made-up").status_code == 410


def test_a_frame_opens_soon_or_never() -> None:
    clock = Clock()
    frames = Frames(clock)
    late, soon = frames.offer("late"), frames.offer("soon")
    clock.pass_seconds(60)
    assert frames.redeem(soon) == "soon"
    clock.pass_seconds(1)
    assert frames.redeem(late) is None


def test_a_frame_gets_no_cookie_and_needs_none(site: Site, ada: Person) -> None:
    url = frame_url(ada, str(ada.take()["id"]))
    with site.client(FRAMES) as client:
        answer = client.get(url)
    assert "set-cookie" not in answer.headers
    assert ada.csrf_token not in answer.text


def test_the_frames_policy_keeps_it_from_everything_but_our_script_and_the_media(
    site: Site, ada: Person
) -> None:
    url = frame_url(ada, str(ada.take()["id"]))
    with site.client(FRAMES) as client:
        headers = client.get(url).headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": f"{FRAMES} 'unsafe-inline'",
        "style-src": f"{FRAMES} 'unsafe-inline'",
        "img-src": "http://127.0.0.1:40124 data: blob:",
        "media-src": "http://127.0.0.1:40124 data: blob:",
        "connect-src": "http://127.0.0.1:40124",
        "font-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": PORTAL,
        "sandbox": SANDBOX,
    }
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/sign-in", "/jobs", "/mailbox", "/nowhere", "/static/portal.css"]
)
def test_every_answer_of_the_portal_carries_its_policy(ada: Person, path: str) -> None:
    headers = ada.http.get(path, headers=HTML).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert f"frame-src {FRAMES};" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] in {"no-store", "no-cache"}


def test_text_of_a_campaign_is_escaped_in_the_portals_pages(
    site: Site, worker: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add_job("<script>alert(1)</script>\"'")
    ada = worker("ada@example.com")
    page = ada.http.get("/jobs", headers=HTML).text
    assert "<script>alert" not in page
    assert "/jobs/%3Cscript%3Ealert%281%29%3C/script%3E%22%27/next" in page


@pytest.mark.parametrize(
    "script",
    [
        '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>',
        "<SCRIPT defer src='https://assets.crowd.aws/crowd-html-elements.js' ></SCRIPT >",
    ],
)
def test_the_cdns_script_becomes_ours_wherever_it_stands(script: str) -> None:
    html = document(f"<p>before</p>{script}<p>after</p>", portal_origin=PORTAL)
    assert "assets.crowd.aws" not in html
    before, _, after = html.partition("<p>before</p>")
    assert f'<script src="/static/bridge.js" data-portal="{PORTAL}"></script>' in before
    assert after.startswith('<script src="/static/vendor/json5-2.2.3.min.js"></script>')
    assert after.endswith('<script src="/static/start.js"></script><p>after</p>')


def test_both_bundles_become_one_and_other_scripts_stay() -> None:
    cdn = '<script src="https://assets.crowd.aws/crowd-html-elements{}.js"></script>'
    other = "<script>let x = 1;</script>"
    html = document(cdn.format("") + other + cdn.format("-v2"), portal_origin=PORTAL)
    assert html.count("/static/core.js") == 1
    assert html.endswith(other)


def test_a_template_without_the_script_gets_no_elements() -> None:
    html = document("<!doctype html><p>x</p>", portal_origin=PORTAL)
    assert "core.js" not in html
    assert html.lower().count("<!doctype html>") == 1


def test_the_vendored_parser_comes_with_its_licence(site: Site) -> None:
    with site.client(FRAMES) as client:
        assert "MIT License" in client.get("/static/vendor/json5-2.2.3.LICENSE.md").text
        assert "JSON5" in client.get("/static/vendor/json5-2.2.3.min.js").text


def test_everything_the_frame_loads_is_there(site: Site) -> None:
    html = document(
        '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>',
        portal_origin=PORTAL,
    )
    paths = [part.partition('"')[0] for part in html.replace("href=", "src=").split('src="')[1:]]
    assert len(paths) > 5
    with site.client(FRAMES) as client:
        assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_json_is_not_mistaken_for_a_page(ada: Person) -> None:
    answer = ada.get("/jobs")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.text)["jobs"][0]["name"] == "digits"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/jobs", "/tasks/x"])
def test_worker_from_elsewhere_finds_nothing(site: Site, visit: Visit, path: str) -> None:
    site.service.allow("203.0.113.0/24", "198.51.100.7/32")
    answer = visit().get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NotFound"


def test_worker_who_is_signed_in_is_locked_out_too(site: Site, ada: Person) -> None:
    ada.take()
    site.service.allow("203.0.113.0/24")
    assert ada.post("/jobs/digits/next").status_code == 404
    assert ada.get("/mailbox").status_code == 200  # of this machine, not of the workforce
    site.service.allow("203.0.113.0/24", "127.0.0.0/8")
    assert ada.get("/jobs").status_code == 200
