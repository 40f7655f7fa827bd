"""AWS's elements or the project's: which is chosen, which is there, and that both are answered.

AWS's script is played by one of the test's own, on loopback, with the form's publicly known shape.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ground_truth_liquid.elements import SCRIPT
from ground_truth_ops.preview.command import uses_own
from ground_truth_ops.preview.run import preview
from tests.local.portal.chromium import Browser, browser

if TYPE_CHECKING:
    from tests.local.portal.chromium import Page

STAND_IN = b"""
class Form extends HTMLElement {
  build() {
    this.form = document.createElement("form");
    this.form.append(...this.childNodes);
    this.append(this.form);
    this.form.insertAdjacentHTML("beforeend", '<button data-testid="crowd-submit">Submit</button>');
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._submitHelperForm();
    });
  }
  _serializeForm() {
    const answer = this.answer || { "crowd-classifier": { label: "glad" } };
    return { taskAnswers: JSON.stringify([answer]) };
  }
  _submitHelperForm() {
    document.title = "sent to the CDN's own address";
  }
}
class Entities extends HTMLElement {
  build() {
    const form = document.createElement("crowd-form");
    form.answer = { answer: { entities: [] } };
    this.attachShadow({ mode: "open" }).append(form);
    form.build();
  }
}
customElements.define("crowd-form", Form);
customElements.define("crowd-entity-annotation", Entities);
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("crowd-form, crowd-entity-annotation").forEach((one) => one.build());
  document.dispatchEvent(new Event("all-crowd-elements-ready"));
});
"""
ALONE = f"""<script src="{SCRIPT}"></script><crowd-entity-annotation>
<short-instructions><!-- short-instructions --></short-instructions>
<full-instructions><!-- full-instructions --></full-instructions></crowd-entity-annotation>"""
BADGE = "document.querySelector('[data-elements]').textContent"
ANSWER = "JSON.parse(document.querySelector('.answers pre').textContent)"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/javascript")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(STAND_IN)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The stand-in on a port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def certified(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "assets.crowd.aws")])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@contextmanager
def browsing(port: int) -> Iterator[Browser]:
    """A browser for which the CDN is this port of loopback."""
    mapped = f"--host-resolver-rules=MAP assets.crowd.aws:443 127.0.0.1:{port}"
    with browser(mapped, "--ignore-certificate-errors") as running:
        yield running


def test_auto_takes_what_can_be_had() -> None:
    with serving() as port:
        there = f"http://127.0.0.1:{port}/crowd-html-elements.js"
        assert [uses_own(each, script=there) for each in ("auto", "cdn", "local")] == [
            False,
            False,
            True,
        ]
    # nobody listens there any more
    assert [uses_own(each, script=there) for each in ("auto", "cdn", "local")] == [
        True,
        False,
        True,
    ]


def submitted(page: Page, click: str) -> Any:
    frame = page.frame()
    frame.until(f"!!{click}")
    frame.value(f"{click}.click()")
    page.until("document.querySelectorAll('.answers li').length === 1")
    return page.value(ANSWER)


Template = Callable[[str], None]


@pytest.fixture
def template(campaign: Path) -> Template:
    def write(text: str) -> None:
        (campaign / "template.liquid.html").write_text(text)

    return write


@pytest.mark.browser
def test_the_cdns_elements_are_named_and_their_answers_taken(
    campaign: Path, certified: ssl.SSLContext, template: Template
) -> None:
    with (
        serving(certified) as port,
        browsing(port) as running,
        preview(campaign.parents[1], campaign.name, own_elements=False) as served,
    ):
        page = running.page()
        page.open(served.url)
        page.until(f'{BADGE} === "AWS\'s crowd elements"')
        assert submitted(page, "document.querySelector('crowd-form button')") == {
            "crowd-classifier": {"label": "glad"}
        }
        assert page.frame().value("typeof groundTruthCrowd") == "undefined"
        # The text tool, whose form is in its shadow tree
        template(ALONE)
        page.until("document.body.dataset.version === '2'")
        page.frame().value("window.before = true")
        page.value("document.querySelector('[data-forget]').click()")
        page.until("document.querySelectorAll('.answers li').length === 0")
        page.frame().until("!window.before && document.readyState === 'complete'")
        button = (
            "document.querySelector('crowd-entity-annotation')?.shadowRoot"
            "?.querySelector('crowd-form button')"
        )
        assert submitted(page, button) == {"answer": {"entities": []}}


@pytest.mark.browser
def test_without_the_cdn_the_projects_elements_are_there_and_the_badge_says_so(
    campaign: Path,
) -> None:
    with serving() as port:
        pass  # a port where nobody listens
    with (
        browsing(port) as running,
        preview(campaign.parents[1], campaign.name, own_elements=False) as served,
    ):
        page = running.page()
        page.open(served.url)
        page.until(f"{BADGE} === \"the project's crowd elements (AWS's can't be loaded)\"")
        choice = (
            "document.querySelector('crowd-classifier')?.shadowRoot"
            "?.querySelectorAll('li label')[0]"
        )
        page.frame().until(f"!!{choice}")
        page.frame().value(f"{choice}.click()")
        assert submitted(page, "document.querySelector('crowd-button')") == {
            "crowd-classifier": {"label": "glad"}
        }
