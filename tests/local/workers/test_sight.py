"""What a worker recognises: the question, the object behind it, the password in the mail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ground_truth_liquid import render
from ground_truth_local.workers import mail, sight
from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.truth import Known, read_truth
from tests.local.portal.fakes import IMAGE_TEMPLATE, TEXT_TEMPLATE


def rendered(template: str, task_object: str, labels: list[str]) -> str:
    task_input = {"taskObject": task_object, "labels": labels}
    return render(
        template,
        task_input=task_input,
        grant_read_access=lambda uri: f"http://127.0.0.1:9/{uri[5:]}?X-Amz-Signature=a&b=c",
    )


def test_sees_the_image_and_the_labels_of_an_image_question() -> None:
    seen = sight.look(rendered(IMAGE_TEMPLATE, "s3://raw/digits/a b.png", ["it's", "<b>"]))
    assert seen == sight.Seen(
        element="crowd-image-classifier",
        name="crowd-image-classifier",
        labels=("it's", "<b>"),
        image="http://127.0.0.1:9/raw/digits/a b.png?X-Amz-Signature=a&b=c",
    )
    assert seen.answer("<b>") == {"crowd-image-classifier": {"label": "<b>"}}


def test_sees_the_words_of_a_text_question() -> None:
    seen = sight.look(rendered(TEXT_TEMPLATE, "It's <b>great</b>\n & cheap", ["good", "bad"]))
    assert (seen.text, seen.image) == ("It's <b>great</b> & cheap", None)


def test_answers_a_multiple_choice_with_a_list() -> None:
    seen = sight.look("<crowd-classifier-multi-select name=x categories=\"['a',]\">")
    assert seen.answer("a") == {"x": {"labels": ["a"]}}


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("<crowd-text-area name=x></crowd-text-area>", "no element simulated workers can answer"),
        ('<crowd-classifier categories="[">', "categories of <crowd-classifier> can't be read"),
        ('<crowd-classifier categories="1">', "got 1, allowed is a list"),
    ],
)
def test_says_why_a_task_cannot_be_answered(html: str, message: str) -> None:
    with pytest.raises(WorkersError, match=message):
        sight.look(html)


def test_recognises_an_image_by_the_end_of_its_links_path(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("object,label\n1.png,one\nsub/1.png,two\na b.png,three\n")
    truth = read_truth(path)
    assert truth.of_image("http://h:1/bucket/digits/1.png?X-Amz-Expires=900") == Known(
        object_id="1.png", label="one"
    )
    assert truth.of_image("http://h:1/bucket/digits/sub/1.png") == Known(
        object_id="sub/1.png", label="two"
    )
    assert truth.of_image("http://h:1/bucket/a%20b.png") == Known(
        object_id="a b.png", label="three"
    )
    assert truth.of_image("http://h:1/bucket/11.png") is None


def test_recognises_a_text_by_its_words_through_the_manifest(tmp_path: Path) -> None:
    lines = [{"source": "so  good"}, {"source-ref": "s3://raw/pictures/2.png"}, {"source": "bad"}]
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    path = tmp_path / "truth.csv"
    path.write_text("object,label\n0,positive\n1,a cat\n2,negative\n")
    truth = read_truth(path)
    assert truth.of_text(" so good\n") == Known(object_id="0", label="positive")
    assert truth.of_image("http://h:1/raw/pictures/2.png?x=1") == Known(
        object_id="1", label="a cat"
    )
    assert truth.of_text("so") is None


def test_recognises_a_text_file_by_its_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "7.txt").write_text("well\nmade\n")
    (tmp_path / "truth.csv").write_text("object,label\n7.txt,positive\n")
    truth = read_truth(tmp_path / "truth.csv")
    assert truth.of_text("well made") == Known(object_id="7.txt", label="positive")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needed are object, label"),
        ("object,label\n", "has no rows"),
        ("a,b\n1,2\n", r"got columns \['a', 'b'\]"),
        ("object,label\n0,x\n9,y\n", "object '9': allowed is a line of the manifest, 0 to 1"),
        ("object,label\n0,x\n1,y\n", "objects 0 and 1 have the same text"),
    ],
)
def test_says_what_is_wrong_with_a_truth_file(tmp_path: Path, text: str, message: str) -> None:
    manifest = tmp_path / "given.jsonl"
    manifest.write_text('{"source": "same"}\n{"source": "same "}\n')
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(WorkersError, match=message):
        read_truth(path, manifest=manifest)


@pytest.mark.parametrize(
    ("html", "password"),
    [
        (
            "<p>You have been invited.</p><p>user name: <strong>1f2e-Ab3@x.org</strong><br>"
            "temporary password: <strong>x&lt;9&amp;Zq-1</strong></p>"
            "<p>At the first sign-in you choose a password of your own.</p>",
            "x<9&Zq-1",
        ),
        ("Your username is 0a1b2c3d-4e5f and temporary password is Ab1!cdef.", "Ab1!cdef"),
        ("<td>Password</td><td><code>S3cret!!</code></td>", "S3cret!!"),
    ],
)
def test_finds_the_password_in_an_invitation(html: str, password: str) -> None:
    assert mail.temporary_passwords(html)[0] == password


def test_takes_the_latest_invitation_of_the_address() -> None:
    mails = [
        {"to": "ada@example.com", "html": "old"},
        {"to": "Ada@example.com", "html": "new"},
        {"to": "bob@example.com", "html": "other"},
    ]
    assert mail.invitation(mails, "ada@example.com") == mails[1]
    assert mail.invitation(mails, "eve@example.com") is None
