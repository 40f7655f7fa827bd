"""Manifests are built and checked before anybody is asked anything."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth.manifest import (
    Manifest,
    ManifestError,
    manifest_from_keys,
    manifest_from_texts,
    parse_manifest,
    serialize,
)
from ground_truth.tasks import TaskType

IMAGE = TaskType.IMAGE_CLASSIFICATION
TEXT = TaskType.TEXT_CLASSIFICATION
ENTITIES = TaskType.NAMED_ENTITY_RECOGNITION

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5), children, max_size=3
        )
    ),
    max_leaves=5,
)
extra_keys = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(
        lambda key: not key.startswith("$") and key not in ("source", "source-ref")
    ),
    json_values,
    max_size=3,
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


def problems(content: Any, task: TaskType = IMAGE) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(content, task)
    return [str(problem) for problem in caught.value.problems]


def line(**values: object) -> str:
    return json.dumps({key.replace("_", "-"): value for key, value in values.items()})


def test_builds_a_line_per_object_in_the_order_of_keys() -> None:
    manifest = manifest_from_keys(
        "raw", ["digits/b.png", "digits/", 'digits/ä "x".JPG', "digits/a.jpeg"], IMAGE
    )
    assert manifest.to_bytes().decode() == (
        '{"source-ref":"s3://raw/digits/a.jpeg"}\n'
        '{"source-ref":"s3://raw/digits/b.png"}\n'
        '{"source-ref":"s3://raw/digits/ä \\"x\\".JPG"}\n'
    )
    assert len(manifest) == 3


def test_builds_text_lines_that_tell_where_each_text_came_from() -> None:
    manifest = manifest_from_texts({"n/b.txt": "two\n", "n/a.txt": 'say "one"\u2028more'}, TEXT)
    assert [json.loads(entry) for entry in manifest.to_bytes().decode().split("\n")[:-1]] == [
        {"source": 'say "one"\u2028more', "object-key": "n/a.txt"},
        {"source": "two", "object-key": "n/b.txt"},
    ]


def test_lists_every_object_that_cannot_be_labeled_by_its_key() -> None:
    with pytest.raises(ManifestError) as caught:
        manifest_from_keys(
            "raw",
            ["d/a.gif", "d/README", "d/empty.png", "d/huge.png", "d/fine.png", "d/fine.png"],
            IMAGE,
            sizes={"d/empty.png": 0, "d/huge.png": 40_000_001, "d/fine.png": 40_000_000},
        )
    assert [str(problem) for problem in caught.value.problems] == [
        "d/README: unsupported file type: got 'd/README', allowed .jpg, .jpeg, .png; "
        "convert it or move it out of the dataset",
        "d/a.gif: unsupported file type: got 'd/a.gif', allowed .jpg, .jpeg, .png; "
        "convert it or move it out of the dataset",
        "d/empty.png: object is empty: got 0 bytes; upload it again",
        "d/fine.png: duplicate of d/fine.png: got 's3://raw/d/fine.png'; remove one",
        "d/huge.png: object is too large: got 40000001 bytes, allowed 40000000; scale it down",
    ]


@pytest.mark.parametrize("keys", [[], ["digits/"]])
def test_refuses_an_empty_prefix(keys: list[str]) -> None:
    with pytest.raises(ManifestError, match="the dataset has no objects: got 0, allowed 1-100000"):
        manifest_from_keys("raw", keys, IMAGE)


def test_refuses_more_objects_than_a_job_may_have() -> None:
    with pytest.raises(ManifestError, match="too many objects: got 100001, allowed 1-100000"):
        manifest_from_keys("raw", (f"{number:06}.png" for number in range(100_001)), IMAGE)


def test_sends_a_task_to_the_way_its_manifests_are_built() -> None:
    with pytest.raises(ValueError, match="use manifest_from_texts"):
        manifest_from_keys("raw", ["a.txt"], TEXT)
    with pytest.raises(ValueError, match="use manifest_from_keys"):
        manifest_from_texts({"a.png": "x"}, IMAGE)


def test_refuses_texts_that_are_empty_repeated_or_of_another_type() -> None:
    with pytest.raises(ManifestError) as caught:
        manifest_from_texts({"a.txt": "same", "b.txt": " same\n", "c.txt": " ", "d.md": "x"}, TEXT)
    assert [str(problem) for problem in caught.value.problems] == [
        "b.txt: duplicate of a.txt: got 'same'; remove one",
        "c.txt: lacks source with a text: got the keys 'source', 'object-key'; "
        "text-classification needs source",
        "d.md: unsupported file type: got 'd.md', allowed .txt; "
        "convert it or move it out of the dataset",
    ]


def test_lines_of_a_text_end_where_positions_in_it_are_counted_from() -> None:
    texts = {"a.txt": "One\r\ntwo\rthree\n"}
    (entities,) = manifest_from_texts(texts, ENTITIES).entries
    (classified,) = manifest_from_texts(texts, TEXT).entries
    assert entities["source"] == "One\ntwo\nthree"
    assert classified["source"] == "One\r\ntwo\rthree"


def test_carriage_return_in_a_given_text_would_shift_positions() -> None:
    given = [line(source="One\r\ntwo")]
    with pytest.raises(ManifestError, match="line 1: has a carriage return"):
        parse_manifest(given, ENTITIES)
    assert len(parse_manifest(given, TEXT).entries) == 1


def test_reads_text_bytes_and_lines_alike() -> None:
    lines = [line(source_ref="s3://raw/a.png"), line(source_ref="s3://raw/b.png", batch=7)]
    expected = Manifest(
        task=IMAGE,
        entries=({"source-ref": "s3://raw/a.png"}, {"source-ref": "s3://raw/b.png", "batch": 7}),
    )
    assert parse_manifest(lines, IMAGE) == expected
    assert parse_manifest("\n".join(lines), IMAGE) == expected
    assert parse_manifest("\r\n".join(lines) + "\r\n", IMAGE) == expected
    assert parse_manifest(("\n".join(lines) + "\n").encode(), IMAGE) == expected


def test_lists_every_problem_with_its_line() -> None:
    content = "\n".join(
        [
            line(source_ref="s3://raw/a.png"),
            '{"source-ref": s3://raw/b.png}',
            "",
            line(source_ref="s3://raw/a.png"),
            line(source_ref="s3://raw/c.tiff"),
            line(source="a text"),
            line(source_ref="https://raw/d.png"),
            '{"source-ref":"s3://raw/e.png","$id":1}',
            '["s3://raw/f.png"]',
            '{"source-ref":"s3://raw/g.png","score":NaN}',
            '{"source-ref":"s3://raw/h.png","source-ref":"s3://raw/i.png"}',
            line(source_ref="s3://raw/j.png", source="x"),
            '{"source-ref":"s3://raw/\\ud800.png"}',
            line(source_ref="s3://raw/" + "k" * 1024 + ".png"),
            '{"source-ref":"s3://raw/l.png","score":1e999}',
            line(source_ref=["s3://raw/m.png"]),
        ]
    )
    assert problems(content) == [
        "line 2: not JSON (Expecting value, character 16)",
        "line 3: empty line; remove it",
        "line 4: duplicate of line 1: got 's3://raw/a.png'; remove one",
        "line 5: unsupported file type: got 'c.tiff', allowed .jpg, .jpeg, .png; "
        "convert it or move it out of the dataset",
        "line 6: lacks source-ref with a text: got the keys 'source'; "
        "image-classification needs source-ref",
        "line 7: not an S3 URI of an object: got 'https://raw/d.png', allowed s3://<bucket>/<key>",
        "line 8: attribute '$id' begins with $; rename it",
        """line 9: not a JSON object: got '["s3://raw/f.png"]', allowed {"source-ref": …}""",
        "line 10: NaN is not JSON",
        "line 11: an object has the same key twice",
        "line 12: has both source and source-ref, allowed source-ref; drop source",
        "line 13: has half of a surrogate pair, which is not a character; correct the text",
        "line 14: source-ref is too long: got 1037 characters, allowed 1024",
        "line 15: cannot be written as JSON (Out of range float values are not JSON compliant)",
        "line 16: lacks source-ref with a text: got the keys 'source-ref'; "
        "image-classification needs source-ref",
    ]


def test_counts_characters_not_bytes() -> None:
    assert len(parse_manifest(json.dumps({"source": "ü" * 20_000}, ensure_ascii=False), TEXT)) == 1
    assert problems(json.dumps({"source": "ü" * 20_001}, ensure_ascii=False), TEXT) == [
        "line 1: attribute 'source' is too long: got 20001 characters, "
        "allowed 20000; shorten or split it"
    ]


def test_refuses_lines_and_nested_attributes_that_are_too_long() -> None:
    entry = {"source": "x"} | {f"k{number}": "y" * 19_000 for number in range(6)}
    assert problems(json.dumps(entry), TEXT)[0].startswith("line 1: too long: got 114")
    assert problems(json.dumps({"source": "x", "deep": {"list": ["y" * 19_990]}}), TEXT) == [
        "line 1: attribute 'deep' is too long: got 20003 characters, "
        "allowed 20000; shorten or split it"
    ]


def test_refuses_what_is_no_utf_8_file() -> None:
    assert problems(b'{"source-ref":"s3://raw/\xff.png"}') == [
        "the manifest is not UTF-8 (byte 24); save it as UTF-8"
    ]
    assert problems("\ufeff" + line(source_ref="s3://raw/a.png")) == [
        "line 1: begins with a byte order mark; save the file without it"
    ]


@pytest.mark.parametrize("content", ["", b"", []])
def test_refuses_an_empty_manifest(content: Any) -> None:
    assert problems(content) == ["the dataset has no objects: got 0, allowed 1-100000; add some"]


def test_refuses_a_line_nested_beyond_reading() -> None:
    deep = '{"source":"x","deep":' + "[" * 40_000 + "]" * 40_000 + "}"
    assert problems(deep, TEXT) == ["line 1: nested too deeply"]


def test_message_shows_the_first_problems_and_counts_the_rest() -> None:
    with pytest.raises(
        ManifestError, match=r"line 10: empty line; remove it; and 5 more$"
    ) as caught:
        parse_manifest("\n" * 15, IMAGE)
    assert len(caught.value.problems) == 15


def test_labels_of_earlier_jobs_pass_through() -> None:
    entry = {
        "source-ref": "s3://raw/a.png",
        "digit": 3,
        "digit-metadata": {"class-name": "3", "confidence": 0.93},
    }
    assert parse_manifest([json.dumps(entry)], IMAGE).entries == (entry,)


@given(
    st.lists(st.tuples(texts, extra_keys), min_size=1, max_size=5, unique_by=lambda item: item[0])
)
def test_serialized_manifest_reads_back_unchanged(lines: list[tuple[str, dict[str, Any]]]) -> None:
    entries = [{"source": text, **extra} for text, extra in lines]
    content = serialize(entries)
    assert content.count(b"\n") == len(entries)
    assert list(parse_manifest(content, TEXT).entries) == entries


@given(st.text() | st.binary(), st.sampled_from(TaskType))
def test_any_content_is_read_or_refused_with_problems(content: str | bytes, task: TaskType) -> None:
    try:
        manifest = parse_manifest(content, task)
    except ManifestError as error:
        assert error.problems
    else:
        assert len(manifest) > 0
