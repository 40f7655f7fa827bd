"""Signing in: the temporary password, the forced change, sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ground_truth_local.portal.app import create_app
from ground_truth_local.portal.sessions import IDLE, LONGEST, MOST, Sessions
from tests.local.portal.conftest import HTML, SignedIn, Site, Visit
from tests.local.portal.fakes import START, Clock


def test_temporary_password_leads_to_a_new_one_and_then_to_the_jobs(
    site: Site, visit: Visit
) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    assert person.get("/sign-in").json()["signed_in"] is False
    challenge = person.post("/sign-in", {"username": "ada@example.com", "password": "Temp-1234!"})
    assert challenge.status_code == 200
    assert challenge.json()["challenge"] == "NEW_PASSWORD_REQUIRED"
    assert person.get("/jobs").status_code == 401
    welcome = person.post("/new-password", {"new_password": "Own-12345!"})
    assert welcome.status_code == 200
    assert welcome.json()["worker"] == {
        "sub": "sub-ada@example.com",
        "username": "ada@example.com",
        "email": "ada@example.com",
    }
    assert person.get("/jobs").json()["jobs"] == []


def test_own_password_signs_in_at_once(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com")
    visit().sign_in("ada@example.com")
    answer = visit().sign_in("ada@example.com", "Own-12345!")
    assert answer.json()["signed_in"] is True


@pytest.mark.parametrize(
    ("username", "password"),
    [("ada@example.com", "wrong"), ("eve@example.com", "Temp-1234!"), ("", "")],
)
def test_wrong_password_says_what_cognito_says(
    site: Site, visit: Visit, username: str, password: str
) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    person.get("/sign-in")
    answer = person.post("/sign-in", {"username": username, "password": password})
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "NotAuthorizedException",
        "message": "Incorrect username or password.",
    }


def test_new_password_that_breaks_the_policy_may_be_tried_again(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    person.get("/sign-in")
    person.post("/sign-in", {"username": "ada@example.com", "password": "Temp-1234!"})
    refused = person.post("/new-password", {"new_password": "short"})
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == "Password not long enough"
    differs = person.post("/new-password", {"new_password": "Own-12345!", "repeated": "Own-1"})
    assert differs.json()["error"]["code"] == "PasswordsDiffer"
    assert person.post("/new-password", {"new_password": "Own-12345!"}).status_code == 200


def test_the_chance_to_choose_a_password_ends(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    person.get("/sign-in")
    person.post("/sign-in", {"username": "ada@example.com", "password": "Temp-1234!"})
    site.clock.pass_seconds(601)
    answer = person.post("/new-password", {"new_password": "Own-12345!"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NoChallenge")


def test_new_password_without_a_temporary_one_is_refused(visit: Visit) -> None:
    person = visit()
    person.get("/sign-in")
    assert person.post("/new-password", {"new_password": "Own-12345!"}).status_code == 409


def test_people_are_told_when_there_is_no_workforce(site: Site, visit: Visit) -> None:
    site.service.workforces = []
    person = visit()
    person.get("/sign-in")
    answer = person.post("/sign-in", {"username": "a", "password": "b"})
    assert answer.json()["error"] == {
        "code": "WorkforceNotFound",
        "message": "there is no private workforce yet; deploy an environment first",
    }


def test_sign_in_is_refused_when_the_clients_callback_is_not_this_portal(
    site: Site, visit: Visit
) -> None:
    site.platform.invite("ada@example.com")
    site.platform.redirects = ["https://elsewhere/oauth2/idpresponse"]
    person = visit()
    person.get("/sign-in")
    answer = person.post("/sign-in", {"username": "ada@example.com", "password": "Temp-1234!"})
    assert answer.json()["error"]["code"] == "redirect_mismatch"
    site.platform.redirects = ["http://127.0.0.1:40123/oauth2/idpresponse"]
    assert person.sign_in("ada@example.com").status_code == 200


def test_sign_out_ends_the_session_on_the_server(worker: SignedIn) -> None:
    person = worker("ada@example.com")
    cookies = dict(person.http.cookies)
    assert person.post("/sign-out").json() == {"signed_in": False}
    person.http.cookies.update(cookies)
    assert person.get("/jobs").status_code == 401


def test_session_name_changes_at_every_step_of_signing_in(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    person.get("/sign-in")
    planted, token = person.session, person.csrf_token
    person.post("/sign-in", {"username": "ada@example.com", "password": "Temp-1234!"})
    challenged = person.session
    person.post("/new-password", {"new_password": "Own-12345!"})
    names = [planted, challenged, person.session]
    assert None not in names
    assert len(set(names)) == 3
    other = visit()
    for name in (planted, challenged):
        other.http.cookies.set("ground_truth_session_40123", name, domain="127.0.0.1", path="/")
        assert other.get("/jobs").status_code == 401
        assert other.post("/jobs/digits/next", headers={"x-csrf-token": token}).status_code == 401


def test_a_session_name_made_up_by_somebody_else_is_never_adopted(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    person.http.cookies.set("ground_truth_session_40123", "chosen", domain="127.0.0.1", path="/")
    person.sign_in("ada@example.com")
    names = [cookie.value for cookie in person.http.cookies.jar]
    assert "chosen" not in names


def test_cookie_is_out_of_reach_for_scripts_and_other_sites(site: Site, visit: Visit) -> None:
    answer = visit().get("/sign-in")
    [cookie] = answer.headers.get_list("set-cookie")
    name, _, attributes = cookie.partition(";")
    assert name.startswith("ground_truth_session_40123=")
    assert {part.strip().lower() for part in attributes.split(";")} == {
        "httponly",
        "path=/",
        "samesite=lax",
    }


@pytest.mark.parametrize("path", ["/requester", "/mailbox", "/nowhere"])
def test_pages_for_everybody_know_who_is_signed_in(
    visit: Visit, worker: SignedIn, path: str
) -> None:
    ada = worker("ada@example.com")
    page = ada.http.get(path, headers=HTML).text
    assert 'title="Signed in as ada@example.com"' in page
    assert f'name="csrf_token" value="{ada.csrf_token}"' in page
    assert 'href="/sign-in"' not in page
    stranger = visit().http.get(path, headers=HTML).text
    assert '<a href="/sign-in">Sign in</a>' in stranger
    assert "/sign-out" not in stranger


def test_browser_is_led_through_the_same_steps(site: Site, visit: Visit) -> None:
    site.platform.invite("ada@example.com")
    person = visit()
    home = person.http.get("/", headers=HTML)
    assert (home.status_code, home.headers["location"]) == (303, "/sign-in")
    person.get("/sign-in")
    form = {"username": "ada@example.com", "password": "no", "csrf_token": person.csrf_token}
    refused = person.http.post("/sign-in", data=form, headers=HTML)
    assert refused.status_code == 400
    assert "Incorrect username or password." in refused.text
    form["password"] = "Temp-1234!"
    challenge = person.http.post("/sign-in", data=form, headers=HTML)
    assert challenge.headers["location"] == "/new-password"
    page = person.http.get("/new-password", headers=HTML)
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"new_password": "Own-12345!", "repeated": "Own-12345!", "csrf_token": token}
    welcome = person.http.post("/new-password", data=form, headers=HTML)
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/jobs")
    assert person.http.get("/sign-in", headers=HTML).headers["location"] == "/jobs"
    assert "Nothing to label" in person.http.get("/jobs", headers=HTML).text


def test_signed_out_browser_is_sent_to_the_sign_in_page(visit: Visit) -> None:
    answer = visit().http.get("/jobs", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_sessions_end_when_unused_and_after_a_working_day() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    name = sessions.start()
    clock.time += IDLE
    assert sessions.find(name) is not None
    clock.time += IDLE + timedelta(seconds=1)
    assert sessions.find(name) is None
    name = sessions.start()
    began = clock.time
    while clock.time - began <= LONGEST:
        assert sessions.find(name) is not None
        clock.time += timedelta(hours=1)
    assert sessions.find(name) is None


def test_sessions_are_bounded_and_the_longest_unseen_goes_first() -> None:
    sessions = Sessions(lambda: START)
    first, second = sessions.start(), sessions.start()
    sessions.find(first)
    for _ in range(MOST - 1):
        sessions.start()
    assert sessions.find(second) is None
    assert sessions.find(first) is not None


@pytest.mark.parametrize("domain", ["localhost:1", "127.0.0.1", "0.0.0.0:80", "127.0.0.1:x"])
def test_portal_is_made_for_the_loopback_address_alone(site: Site, domain: str) -> None:
    with pytest.raises(ValueError, match=r"allowed is 127\.0\.0\.1:<port>"):
        create_app(platform=site.platform, service=site.service, portal_domain=domain)
