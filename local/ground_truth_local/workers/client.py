"""The portal's HTTP endpoints, from one worker's side; the same ones a browser uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any, cast
from urllib.parse import quote

import urllib3

from ground_truth_local.workers.errors import PortalRefusalError, WorkersError

_TIMEOUT = urllib3.Timeout(connect=5.0, read=60.0)
# Every request here may be repeated: a task already taken is given again, the same answer counts
# once, what was given back is gone. So a portal that is restarted in the middle costs nothing.
_RETRIES = urllib3.Retry(
    total=6, backoff_factor=0.25, backoff_max=5.0, allowed_methods=None, status=0, redirect=0
)
NO_CONTENT = 204
_OVER = "Expired"


class PortalClient:
    """One person at the portal: a connection, a session cookie, a CSRF token."""

    def __init__(self, portal_url: str) -> None:
        self._url = portal_url.rstrip("/")
        self._http = urllib3.PoolManager(maxsize=1, retries=_RETRIES, timeout=_TIMEOUT)
        self._cookies: dict[str, str] = {}
        self._csrf_token = ""

    def mails(self) -> list[dict[str, object]]:
        return cast("list[dict[str, object]]", self._get("/mailbox")["mails"])

    def sign_in(self, username: str, password: str) -> bool:
        """True when signed in, False when a new password must be chosen first."""
        self._get("/sign-in")
        answer = self._post("/sign-in", {"username": username, "password": password})
        return "challenge" not in answer

    def choose_password(self, password: str) -> None:
        self._post("/new-password", {"new_password": password})

    def jobs(self) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self._get("/jobs")["jobs"])

    def next_task(self, job: str) -> str | None:
        """The id of a task to do, None when there is none for this worker now."""
        answer = self._post(f"/jobs/{quote(job, safe='')}/next", {})
        return str(answer["id"]) if answer else None

    def task(self, task_id: str) -> dict[str, Any]:
        return self._get(f"/tasks/{quote(task_id, safe='')}")

    def fetch(self, link: str) -> bytes:
        """An image by its signed link, as the browser gets it: from elsewhere, without a cookie."""
        try:
            response = self._http.request("GET", link)
        except urllib3.exceptions.HTTPError as error:
            raise WorkersError(f"{link.partition('?')[0]} can't be read: {error}") from error
        if response.status >= 300:
            raise WorkersError(f"{link.partition('?')[0]} can't be read: {response.status}")
        return response.data

    def submit(self, task_id: str, answer: Mapping[str, object]) -> None:
        self._post(f"/tasks/{quote(task_id, safe='')}/submit", {"answer": answer})

    def decline(self, task_id: str) -> None:
        self._give_back(task_id, "decline")

    def release(self, task_id: str) -> None:
        self._give_back(task_id, "release")

    def close(self) -> None:
        self._http.clear()

    def _give_back(self, task_id: str, how: str) -> None:
        try:
            self._post(f"/tasks/{quote(task_id, safe='')}/{how}", {})
        except PortalRefusalError as error:
            # repeated, as the portal went before it could answer, or too late: no longer theirs
            if error.code != _OVER:
                raise

    def _get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path, None)

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"accept": "application/json"}
        if self._cookies:
            headers["cookie"] = "; ".join(f"{key}={value}" for key, value in self._cookies.items())
        if body is not None:
            headers["content-type"] = "application/json"
            headers["x-csrf-token"] = self._csrf_token
        try:
            response = self._http.request(method, self._url + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise WorkersError(f"{self._url} can't be reached: {error}") from error
        self._keep_cookies(response)
        return self._read(f"{method} {path}", response)

    def _read(self, what: str, response: urllib3.BaseHTTPResponse) -> dict[str, Any]:
        if response.status == NO_CONTENT:
            return {}
        try:
            payload = json.loads(response.data)
        except ValueError as error:
            message = f"{what}: the portal answered {response.status} without JSON"
            raise WorkersError(message) from error
        if "csrf_token" in payload:
            self._csrf_token = payload["csrf_token"]
        if response.status >= 300:
            refusal = payload.get("error", {})
            raise PortalRefusalError(
                what, response.status, refusal.get("code", ""), refusal.get("message", "")
            )
        return cast("dict[str, Any]", payload)

    def _keep_cookies(self, response: urllib3.BaseHTTPResponse) -> None:
        for header in response.headers.getlist("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
