"""The portal in a real browser: what a person does, and what a template must not get away with.

Skipped where no Chromium is installed; nothing is downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.local.portal.chromium import Browser, Page, wait_for
from tests.local.portal.desk import Desk, picture, sign_in
from tests.local.portal.fakes import IMAGE_TEMPLATE, Job
from tests.local.portal.hands import Person
from tests.local.portal.serving import Site, media, portal

pytestmark = pytest.mark.browser

ADA = "sub-ada@example.com"
SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
IMAGE_READY = (
    "document.querySelector('crowd-image-classifier').shadowRoot.querySelector('img').naturalWidth"
)


@pytest.fixture
def site(desk: Desk) -> Site:
    return desk.site


Start = Callable[..., tuple[Page, Page]]


@pytest.fixture
def start(chromium: Browser, site: Site) -> Start:
    """Begin with a job of this template, as Ada; page and frame."""

    def open_task(template: str = IMAGE_TEMPLATE, **settings: object) -> tuple[Page, Page]:
        site.queue.work["job"] = Job(
            name="job",
            objects=["s3://raw/digits/0001.png", "s3://raw/digits/0002.png"],
            labels=["0", "1", "2"],
            template=template,
            **settings,  # type: ignore[arg-type]
        )
        page = chromium.page()
        page.open(f"{site.url}/jobs")
        page.click(".job button")
        page.until("location.pathname.startsWith('/tasks/')")
        return page, page.frame()

    return open_task


def answers(site: Site) -> dict[int, dict[str, dict[str, object]]]:
    return site.queue.work["job"].answers


def wait_for_answer(site: Site, number: int = 0) -> dict[str, object]:
    wait_for(lambda: number in answers(site), "the answer")
    return answers(site)[number][ADA]


def test_person_labels_with_keys_alone_and_the_next_task_comes(start: Start, site: Site) -> None:
    page, frame = start()
    frame.until(IMAGE_READY)
    first = page.value("location.pathname")
    page.press("2")
    page.press("Enter")
    assert wait_for_answer(site) == {"crowd-image-classifier": {"label": "2"}}
    page.until(
        f"location.pathname.startsWith('/tasks/') && location.pathname !== {json.dumps(first)}"
    )
    page.frame().until(IMAGE_READY)
    page.press("0")
    page.press("Enter")
    assert wait_for_answer(site, 1) == {"crowd-image-classifier": {"label": "0"}}
    page.until("location.pathname === '/jobs' && !!document.querySelector('.notice')")


def test_person_labels_with_the_mouse(start: Start, site: Site) -> None:
    _, frame = start()
    frame.value(
        "document.querySelector('crowd-image-classifier').shadowRoot"
        ".querySelectorAll('li label')[1].click()"
    )
    frame.click("crowd-button")
    assert wait_for_answer(site) == {"crowd-image-classifier": {"label": "1"}}


def test_nothing_is_sent_before_a_label_is_chosen(start: Start, site: Site) -> None:
    _, frame = start()
    frame.click("crowd-button")
    frame.until(
        "[...document.querySelector('crowd-image-classifier').shadowRoot"
        ".querySelectorAll('.problem')].some(p => p.textContent === 'Please choose a label first')"
    )
    assert answers(site) == {}


def test_missing_cors_shows_and_keeps_the_answer_back(chromium: Browser) -> None:
    with media(picture, cors=False) as images, portal(images) as site:
        site.platform.invite("ada@example.com")
        site.queue.work["job"] = Job(name="job", objects=["s3://raw/1.png"], labels=["0", "1"])
        page = chromium.page()
        sign_in(page, site)
        page.click(".job button")
        page.until("location.pathname.startsWith('/tasks/')")
        frame = page.frame()
        frame.until(
            "document.querySelector('crowd-image-classifier').shadowRoot.textContent"
            '.includes("The image can\'t be loaded")'
        )
        page.press("1")
        frame.click("crowd-button")
        assert site.queue.work["job"].answers == {}


def test_template_code_reaches_neither_the_session_nor_the_portal(start: Start, site: Site) -> None:
    page, frame = start()
    attempt = (
        "(async () => {{ try {{ const got = {}; return 'got ' + String(await got).slice(0, 80) }} "
        "catch (error) {{ return error.name }} }})()"
    )
    assert frame.value("origin") == "null"
    for expression in (
        "document.cookie",
        "localStorage.length",
        "parent.document.body",
        "parent.location.href",
        "top.frames[0].parent.document",
    ):
        assert frame.value(attempt.format(expression)) == "SecurityError", expression
    for url in (
        f"{site.url}/jobs",
        f"{site.url}/mailbox",
        f"{site.url}/healthz",
        "/static/core.js",
    ):
        got = frame.value(attempt.format(f"fetch({json.dumps(url)}).then(r => r.text())"))
        assert got == "TypeError", url
    away = attempt.format(f"(top.location = {json.dumps(site.url + '/mailbox')})")
    assert frame.value(away) == "SecurityError"
    assert page.value("location.pathname").startswith("/tasks/")


def linking(href: str, more: str = "") -> str:
    return f"""{SCRIPT}<crowd-form>
<crowd-input name="town" label="Town"></crowd-input>
<p><a id="link" href="{href}" {more}>Look</a></p><p id="end"></p></crowd-form>"""


@pytest.mark.parametrize("more", ["", 'target="_blank"', 'target="_self" rel="opener"'])
def test_a_link_in_a_task_opens_a_tab_of_its_own(
    chromium: Browser, site: Site, start: Start, more: str
) -> None:
    address = f"{site.platform.media_url}/raw/elsewhere.png"
    page, frame = start(linking(address, more))
    person = Person(page, frame)
    person.fill("crowd-input >>> input", "Ulm")
    person.point("#link")
    tab = chromium.opened(address)
    assert tab.value("[opener, document.referrer]") == [None, ""]
    assert tab.value("origin") == site.platform.media_url  # out of the sandbox
    assert frame.value("document.querySelector('crowd-input').value") == "Ulm"
    frame.click("crowd-button")
    assert wait_for_answer(site) == {"town": "Ulm"}


@pytest.mark.parametrize("href", ["#end", ""])
def test_a_link_to_the_task_itself_leaves_it_as_it_is(start: Start, href: str) -> None:
    page, frame = start(linking(href))
    person = Person(page, frame)
    person.fill("crowd-input >>> input", "Ulm")
    frame.value("document.addEventListener('click', () => { window.clicked = true })")
    person.point("#link")
    frame.until("window.clicked")
    assert frame.value("document.querySelector('crowd-input').value") == "Ulm"
    assert frame.value("document.querySelector('#link').target") == ""
    assert frame.value("location.hash") == href


def test_a_tab_with_the_portal_tells_the_template_nothing(
    chromium: Browser, site: Site, start: Start
) -> None:
    open_it = f"window.other = window.open('{site.url}/jobs?opened')"
    page, frame = start(f'{SCRIPT}<crowd-form><p id="open" onclick="{open_it}">x</p></crowd-form>')
    Person(page, frame).point("#open")
    tab = chromium.opened(f"{site.url}/jobs?opened")
    assert tab.value("document.querySelector('h1').textContent") == "Your jobs"
    assert tab.value("opener") is None
    attempt = "(() => {{ try {{ return other.{} }} catch (error) {{ return error.name }} }})()"
    for held in ("document.body", "location.href", "outbox", "frames[0].document"):
        assert frame.value(attempt.format(held)) in {"SecurityError", "TypeError"}, held
    page.open(f"{site.url}/jobs")
    assert page.value("location.pathname") == "/jobs"


@pytest.mark.parametrize(
    "embedded",
    [
        '<iframe src="{}" type="application/pdf" title="The letter"></iframe>',
        '<embed src="{}" title="The letter">',
        '<object data="{}" title="The letter"></object>',
    ],
)
def test_a_document_in_a_frame_is_a_link_to_it(
    chromium: Browser, site: Site, start: Start, embedded: str
) -> None:
    address = f"{site.platform.media_url}/raw/letter.pdf"
    classifier = (
        '<crowd-classifier name="kind" categories="[\'a\', \'b\']" header="Which?">'
        f"<classification-target>{embedded.format(address)}</classification-target>"
        "</crowd-classifier>"
    )
    page, frame = start(f"{SCRIPT}<crowd-form>{classifier}</crowd-form>")
    person = Person(page, frame)
    person.ready("classification-target a")
    link = "document.querySelector('classification-target a')"
    assert frame.value(f"{link}.textContent") == "Open “The letter” in a new tab"
    assert frame.value("document.querySelector('iframe, embed, object').checkVisibility()") is False
    person.point("classification-target a")
    assert chromium.opened(address).value("opener") is None
    person.press("1")
    person.press("Enter")
    assert wait_for_answer(site) == {"kind": {"label": "a"}}


def test_only_the_task_frame_is_listened_to(start: Start, site: Site) -> None:
    page, frame = start()
    frame.until(IMAGE_READY)
    page.value(
        "new Promise(resolve => { const channel = new MessageChannel();"
        " addEventListener('message', resolve, {once: true});"
        " window.postMessage('ground-truth-task', '*', [channel.port2]);"
        " channel.port1.postMessage({kind: 'answer', answer: {forged: true}}); }).then(() => 0)"
    )
    page.press("1")
    page.press("Enter")
    # The first answer stands, so a forged one would have kept this one out
    assert wait_for_answer(site) == {"crowd-image-classifier": {"label": "1"}}


@pytest.mark.parametrize("answer", ["null", "'text'", "[1]", "7"])
def test_what_is_no_object_is_not_submitted(start: Start, site: Site, answer: str) -> None:
    page, frame = start()
    frame.value(
        "document.querySelector('crowd-form')._serializeForm = "
        f"() => ({{taskAnswers: JSON.stringify([{answer}])}})"
    )
    frame.until(IMAGE_READY)
    page.press("1")
    page.press("Enter")
    page.until("document.querySelector('[data-status]').textContent.includes(\"can't take\")")
    assert answers(site) == {}


def test_task_whose_time_is_over_leads_back_to_the_jobs(start: Start) -> None:
    page, _ = start(time_limit_seconds=1)
    page.until("location.search === '?notice=expired'")


def test_mail_cannot_run_anything(chromium: Browser, site: Site) -> None:
    site.platform.invite(
        "eve@example.com", "<img src=x onerror='parent.hacked=1'><script>top.hacked=1"
    )
    page = chromium.page()
    page.open(f"{site.url}/mailbox")
    assert page.value("typeof hacked") == "undefined"
    assert page.value("document.querySelectorAll('iframe').length") == 2


def test_a_link_in_a_mail_leads_to_the_portal_and_leaves_the_mail(chromium: Browser) -> None:
    with portal() as site:
        site.platform.invite("ada@example.com")
        page = chromium.page()
        sign_in(page, site)
        site.platform.invite("bob@example.com", f"<a href='{site.url}/?invited'>here</a>")
        page.open(f"{site.url}/mailbox")
        frame = page.frame(0)  # the newest mail's
        link = "document.querySelector('a[href*=\"?invited\"]')"
        frame.until(f"!!{link}")
        # no script runs in a mail, so none can tell when it is painted for a pointer
        frame.call("Runtime.evaluate", expression=f"{link}.click()", userGesture=True)
        tab = chromium.opened(f"{site.url}/jobs")  # still Ada, who needs no sign-in
        assert tab.value("opener") is None
        assert "User name: bob@example.com" in frame.value("document.body.textContent")


FORM = (
    SCRIPT
    + """
<crowd-form>
  <crowd-instructions link-text="Help"><short-summary>Short</short-summary></crowd-instructions>
  <crowd-alert type="info" dismissible>Mind the gap</crowd-alert>
  <crowd-input name="town" label="Town" required></crowd-input>
  <crowd-input name="empty"></crowd-input>
  <crowd-text-area name="story" rows="3" max-length="50" char-counter></crowd-text-area>
  <crowd-checkbox name="quality" value="blurry" checked>Blurry</crowd-checkbox>
  <crowd-checkbox name="quality" value="dim">Dim</crowd-checkbox>
  <crowd-radio-group>
    <crowd-radio-button name="size" value="small" checked>Small</crowd-radio-button>
    <crowd-radio-button name="size" value="large">Large</crowd-radio-button>
  </crowd-radio-group>
  <crowd-classifier-multi-select name="kinds" header="Kinds" exclusion-category="{ text: 'None' }"
    categories="['a', 'b',]"><classification-target>x</classification-target>
  </crowd-classifier-multi-select>
  <crowd-classifier name="mood" categories="['good', &quot;it's&quot;]" header="Mood">
    <classification-target>text</classification-target>
    <full-instructions header="All">Everything</full-instructions>
    <worker-comment link-text="Say more">Why?</worker-comment>
  </crowd-classifier>
  <input type="text" name="plain" value="native">
  <input type="checkbox" name="native" value="a.mp4" checked>
  <input type="checkbox" name="native" value="b.mp4">
  <select name="choice"><option>one<option selected>two</select>
  <textarea name="area">words</textarea>
  <input type="hidden" name="hidden" value="h">
  <input name="off" value="x" disabled>
</crowd-form>
<script>
  window.ready = 0;
  document.addEventListener("all-crowd-elements-ready", () => { window.ready += 1; });
  document.querySelector("crowd-form").onsubmit = (event) => {
    if (window.refuse) event.preventDefault();
    window.asked = (window.asked || 0) + 1;
  };
</script>
"""
)
PICK = (
    "(name, index) => document.querySelector(`[name=${name}]`).shadowRoot"
    ".querySelectorAll('li label')[index].click()"
)


def test_every_input_gives_its_documented_answer(start: Start, site: Site) -> None:
    _, frame = start(FORM)
    assert frame.value("ready") == 1
    frame.value(f"({PICK})('kinds', 2)")
    frame.value(f"({PICK})('kinds', 0)")
    frame.value(f"({PICK})('mood', 1)")
    frame.value("document.querySelector('[value=large]').shadowRoot.querySelector('input').click()")
    frame.value("document.querySelector('[name=town]').value = 'Zürich'")
    frame.value(
        "document.querySelector('[name=mood]').shadowRoot.querySelector('textarea').value = 'hm'"
    )
    frame.click('crowd-button[form-action="submit"]')
    assert wait_for_answer(site) == {
        "town": "Zürich",
        "quality": {"blurry": True, "dim": False},
        "size": {"small": False, "large": True},
        "kinds": {"labels": ["a"]},
        "mood": {"label": "it's", "workerComment": "hm"},
        "plain": "native",
        "native": {"a.mp4": True, "b.mp4": False},
        "choice": "two",
        "area": "words",
        "hidden": "h",
    }


def test_none_of_these_excludes_the_labels(start: Start) -> None:
    _, frame = start(FORM)
    for index in (0, 1, 2):
        frame.value(f"({PICK})('kinds', {index})")
    assert frame.value("document.querySelector('[name=kinds]').labels") == ["None"]


def test_templates_onsubmit_and_required_fields_hold_the_answer_back(
    start: Start, site: Site
) -> None:
    _, frame = start(FORM)
    frame.value(f"({PICK})('kinds', 0); ({PICK})('mood', 0)")
    submit = "document.querySelector('crowd-form').submit()"
    frame.value(submit)
    assert (
        frame.value(
            "document.querySelector('[name=town]').shadowRoot.querySelector('.problem').textContent"
        )
        == "Please fill in this field"
    )
    frame.value("document.querySelector('[name=town]').value = 'x'; window.refuse = true")
    frame.value(submit)
    assert (answers(site), frame.value("asked")) == ({}, 2)
    frame.value("window.refuse = false")
    frame.value(submit)
    assert wait_for_answer(site)["town"] == "x"


def test_attributes_that_do_not_parse_are_shown_and_hold_the_answer_back(
    start: Start, site: Site
) -> None:
    _, frame = start(
        SCRIPT
        + '<crowd-form><crowd-classifier name="x" categories="[a"></crowd-classifier></crowd-form>'
    )
    text = "document.querySelector('crowd-classifier').shadowRoot.textContent"
    assert "crowd-classifier: JSON5: invalid character 'a'" in frame.value(text)
    frame.click("crowd-button")
    assert answers(site) == {}
