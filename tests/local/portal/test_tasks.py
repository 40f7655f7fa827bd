"""Jobs and tasks over HTTP: taking, answering, giving back."""

from __future__ import annotations

import pytest

from ground_truth_local.portal.frames import SANDBOX
from ground_truth_local.service.queue import RenderError
from tests.local.portal.conftest import HTML, SignedIn, Site, Visit

ANSWER = {"crowd-image-classifier": {"label": "1"}}


def test_lists_jobs_with_their_progress(site: Site, worker: SignedIn) -> None:
    site.add_job(objects=2, workers_per_object=1)
    ada = worker("ada@example.com")
    task = ada.take()
    ada.post(f"/tasks/{task['id']}/submit", {"answer": ANSWER})
    assert ada.get("/jobs").json()["jobs"] == [
        {
            "name": "digits",
            "title": "Which digit is this?",
            "description": "Choose the digit that was written by hand",
            "keywords": ["digits", "images"],
            "created_at": "2026-11-21T09:00:00+00:00",
            "time_limit_seconds": 300,
            "workers_per_object": 1,
            "total": 2,
            "done": 1,
            "available": 1,
        }
    ]


def test_a_task_says_what_when_and_the_html_its_frame_will_show(
    site: Site, worker: SignedIn
) -> None:
    site.add_job()
    ada = worker("ada@example.com")
    taken = ada.take()
    site.clock.pass_seconds(20)
    task = ada.get(f"/tasks/{taken['id']}").json()
    html = task.pop("html")
    task.pop("csrf_token")
    assert task == {
        "id": taken["id"],
        "path": f"/tasks/{taken['id']}",
        "job": "digits",
        "title": "Which digit is this?",
        "description": "Choose the digit that was written by hand",
        "accepted_at": "2026-11-21T09:00:00+00:00",
        "expires_at": "2026-11-21T09:05:00+00:00",
        "seconds_left": 280,
    }
    assert 'src="http://127.0.0.1:40124/raw/handwritten-digits/0000.png?X-Amz-Sig' in html
    assert "&lt;b&gt;" in html


def test_the_open_task_is_given_again(site: Site, worker: SignedIn) -> None:
    site.add_job()
    ada = worker("ada@example.com")
    assert ada.take()["id"] == ada.take()["id"]


def test_a_submitted_answer_reaches_the_queue_and_the_next_task_follows(
    site: Site, worker: SignedIn
) -> None:
    job = site.add_job(objects=2)
    ada = worker("ada@example.com")
    first = ada.take()
    answer = ada.post(f"/tasks/{first['id']}/submit", {"answer": ANSWER})
    assert answer.json() == {"id": first["id"], "state": "submitted"}
    assert job.answers == {0: {"sub-ada@example.com": ANSWER}}
    assert ada.take()["id"] != first["id"]


def test_no_task_left_is_no_content(site: Site, worker: SignedIn) -> None:
    site.add_job(objects=1)
    ada = worker("ada@example.com")
    ada.post(f"/tasks/{ada.take()['id']}/submit", {"answer": ANSWER})
    assert ada.post("/jobs/digits/next").status_code == 204


def test_the_same_answer_twice_counts_once_and_another_is_refused(
    site: Site, worker: SignedIn
) -> None:
    job = site.add_job()
    ada = worker("ada@example.com")
    path = f"/tasks/{ada.take()['id']}/submit"
    assert ada.post(path, {"answer": ANSWER}).status_code == 200
    assert ada.post(path, {"answer": ANSWER}).status_code == 200
    other = ada.post(path, {"answer": {"crowd-image-classifier": {"label": "0"}}})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "AlreadySubmitted")
    assert job.answers == {0: {"sub-ada@example.com": ANSWER}}


def test_an_answer_after_the_time_limit_is_refused(site: Site, worker: SignedIn) -> None:
    job = site.add_job(time_limit_seconds=60)
    ada = worker("ada@example.com")
    task = ada.take()
    site.clock.pass_seconds(61)
    answer = ada.post(f"/tasks/{task['id']}/submit", {"answer": ANSWER})
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "Expired")
    assert job.answers == {}


@pytest.mark.parametrize("action", ["decline", "release"])
def test_declined_and_released_tasks_go_back(site: Site, worker: SignedIn, action: str) -> None:
    job = site.add_job(objects=1)
    ada = worker("ada@example.com")
    task = ada.take()
    answer = ada.post(f"/tasks/{task['id']}/{action}")
    assert answer.json() == {"id": task["id"], "state": f"{action}d"}
    again = ada.post("/jobs/digits/next")
    assert again.status_code == (204 if action == "decline" else 200)
    assert job.answers == {}
    assert worker("bob@example.com").take()["id"] != task["id"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, "nothing"),
        ({"answer": None}, "NoneType"),
        ({"answer": "yes"}, "str"),
        ({"answer": [ANSWER]}, "list"),
    ],
)
def test_an_answer_must_be_an_object(
    site: Site, worker: SignedIn, body: dict[str, object], found: str
) -> None:
    site.add_job()
    ada = worker("ada@example.com")
    answer = ada.post(f"/tasks/{ada.take()['id']}/submit", body)
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "AnswerInvalid",
        "message": f"answer: got {found}, allowed is a JSON object",
    }


def test_unknown_jobs_and_tasks_are_not_found(site: Site, worker: SignedIn) -> None:
    ada = worker("ada@example.com")
    assert ada.post("/jobs/none/next").json()["error"]["code"] == "JobNotFound"
    assert ada.get("/tasks/none").json()["error"]["code"] == "AssignmentNotFound"
    assert ada.get("/nowhere").json()["error"]["code"] == "NotFound"


def test_a_template_that_cannot_be_rendered_is_a_page_that_says_so(
    site: Site, worker: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add_job()
    ada = worker("ada@example.com")
    task = ada.take()

    def html(*_: object) -> str:
        raise RenderError("line 3: <unknown filter>")

    monkeypatch.setattr(site.queue, "html", html)
    answer = ada.http.get(f"/tasks/{task['id']}", headers=HTML)
    assert answer.status_code == 502
    assert "Line 3: &lt;unknown filter&gt;." in answer.text


def test_a_fault_of_the_portal_tells_nothing_but_its_kind(
    site: Site, worker: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = worker("ada@example.com")

    def jobs(_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(site.queue, "jobs", jobs)
    answer = ada.get("/jobs")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "InternalError"
    assert "secret" not in answer.text


def test_browser_pages_lead_from_job_to_task_and_back(site: Site, worker: SignedIn) -> None:
    site.add_job(objects=1)
    ada = worker("ada@example.com")
    jobs = ada.http.get("/jobs", headers=HTML)
    assert "0</span> of <span data-total>1</span> objects done" in jobs.text
    form = {"csrf_token": ada.csrf_token}
    start = ada.http.post("/jobs/digits/next", data=form, headers=HTML)
    assert start.status_code == 303
    page = ada.http.get(start.headers["location"], headers=HTML)
    assert 'data-seconds-left="300"' in page.text
    assert f'sandbox="{SANDBOX}"' in page.text
    decline = ada.http.post(f"{start.headers['location']}/decline", data=form, headers=HTML)
    assert decline.headers["location"] == "/jobs"
    none = ada.http.post("/jobs/digits/next", data=form, headers=HTML)
    assert none.headers["location"] == "/jobs?notice=none-left"
    notice = ada.http.get("/jobs?notice=none-left", headers=HTML).text
    assert "nothing left for you" in notice
    assert "<script>" not in ada.http.get("/jobs?notice=<script>", headers=HTML).text


def test_what_is_not_there_is_told_once(worker: SignedIn) -> None:
    ada = worker("ada@example.com")
    nowhere = ada.http.get("/nowhere", headers=HTML)
    assert nowhere.status_code == 404
    assert "<p>There is no page at this address.</p>" in nowhere.text
    assert "Not Found" not in nowhere.text
    looked = ada.http.get("/tasks/x/submit", headers=HTML)
    assert looked.status_code == 405
    assert "<p>There is nothing to be seen at this address.</p>" in looked.text


def test_mail_box_lists_messages_and_renders_them_harmless(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com", "Tmp'\"><script>x</script>1")
    [mail] = visit().get("/mailbox").json()["mails"]
    assert mail["to"] == "ada@example.com"
    assert mail["trigger"] == "CustomMessage_AdminCreateUser"
    page = visit().http.get("/mailbox", headers=HTML).text
    assert '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="' in page
    assert "<script>x" not in page


def test_health_needs_nobody_signed_in(visit: Visit) -> None:
    assert visit().get("/healthz").json() == {"status": "ok"}
