"""The attribute notation."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_liquid.json5 import Json5Error, loads

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_reads_all_of_json(value: object) -> None:
    assert loads(json.dumps(value)) == value
    assert loads(json.dumps(value, ensure_ascii=False, indent=1)) == value


@given(st.text())
def test_any_text_is_a_value_or_a_json5_error(text: str) -> None:
    try:
        loads(text)
    except Json5Error as error:
        assert str(error).startswith("column ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['a', \"b\",]", ["a", "b"]),
        ("{text: 'None', $x_1: 1, 'quoted key': 2,}", {"text": "None", "$x_1": 1, "quoted key": 2}),
        ("// said\n[1, /* two */ 2]", [1, 2]),
        ("[0x1F, .5, 5., +1, -2e3, 0]", [31, 0.5, 5.0, 1, -2000.0, 0]),
        ("[Infinity, -Infinity]", [math.inf, -math.inf]),
        (r"'it\'s \x41\u00e9\n\q'", "it's A\u00e9\nq"),
        ("'a\\\nb'", "ab"),
        ("{größe: true}", {"größe": True}),
        ("9" * 5000, math.inf),
        (" \u00a0\ufeff null ", None),
    ],
)
def test_reads_what_json_lacks(text: str, value: object) -> None:
    assert loads(text) == value


def test_reads_nan() -> None:
    assert math.isnan(loads("NaN"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "column 1: expected a value, found the end"),
        ("['a' 'b']", r"column 6: expected ',' or '\]', found \"'b'\]\""),
        ("['it's']", "column 6"),
        ("{a 1}", "column 4: expected ':'"),
        ("[1] 2", "column 5: expected the end"),
        ("'a\nb'", "expected the closing '"),
        ("abc", "column 1: expected a value"),
        ("1x", "column 1: expected a value"),
        ("[,]", "column 2: expected a value"),
        ("01", "column 2: expected the end"),
        ("'\\1'", "an escape that is no digit"),
        ("'\\u12'", "hexadecimal digits"),
        ("[" * 200, "at most 64 levels of nesting"),
    ],
)
def test_says_where_text_stops_being_json5(text: str, message: str) -> None:
    with pytest.raises(Json5Error, match=message):
        loads(text)
