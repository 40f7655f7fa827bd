"""The campaigns in this repository: data, truth and texts belong together."""

from __future__ import annotations

import csv
import importlib.util
import json
import struct
import tomllib
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from stacks.config import load as load_project

ROOT = Path(__file__).parents[3]
CAMPAIGNS = ROOT / "campaigns"
DIGITS = CAMPAIGNS / "handwritten-digits"
REVIEWS = CAMPAIGNS / "product-reviews"
BOTH = pytest.mark.parametrize("folder", [DIGITS, REVIEWS], ids=lambda path: path.name)


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def truth(folder: Path) -> dict[str, str]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["object"]: row["label"] for row in rows}
    assert len(found) == len(rows)
    return found


def load_module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def decoded(content: bytes) -> tuple[int, int, int, list[bytes]]:
    """Return width, height, bits and unfiltered lines of a greyscale PNG with valid checksums."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    position, chunks = 8, {}
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        kind = content[position + 4 : position + 8]
        payload = content[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, position + 8 + length)
        assert checksum == zlib.crc32(kind + payload)
        chunks[kind] = payload
        position += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, bits, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert colour == 0
    stride = width * bits // 8 + 1
    raw = zlib.decompress(chunks[b"IDAT"])
    lines = [raw[start + 1 : start + stride] for start in range(0, len(raw), stride)]
    assert {raw[start] for start in range(0, len(raw), stride)} == {0}
    return width, height, bits, lines


def test_digits_hold_as_many_pictures_of_each_label_with_truth() -> None:
    labels = read_toml(DIGITS / "campaign.toml")["labels"]
    known = truth(DIGITS)
    assert sorted(path.name for path in (DIGITS / "data").iterdir()) == sorted(known)
    assert Counter(known.values()) == dict.fromkeys(labels, 25)


def test_digits_are_pictures_a_browser_shows() -> None:
    for path in (DIGITS / "data").iterdir():
        width, height, bits, lines = decoded(path.read_bytes())
        assert (width, height, bits, len(lines)) == (128, 128, 4, 128)
        corners = {lines[0][0] >> 4, lines[0][-1] & 15, lines[-1][0] >> 4, lines[-1][-1] & 15}
        assert min(corners) >= 11  # paper around the digit
        assert min(min(line) for line in lines) >> 4 <= 3  # and ink in it


def test_reviews_hold_as_many_distinct_texts_of_each_label_with_truth() -> None:
    labels = read_toml(REVIEWS / "campaign.toml")["labels"]
    lines = (REVIEWS / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line) for line in lines]
    assert all(set(text) == {"source"} and text["source"].strip() for text in texts)
    assert len({text["source"] for text in texts}) == len(texts) == 240
    known = truth(REVIEWS)
    assert list(known) == [str(number) for number in range(len(texts))]
    assert Counter(known.values()) == dict.fromkeys(labels, 80)


@BOTH
def test_order_gives_no_label_away(folder: Path) -> None:
    labels = list(truth(folder).values())
    repeats = sum(a == b for a, b in pairwise(labels))
    assert repeats < len(labels) / 2


@pytest.mark.parametrize("environment", ["local", "dev", "prod"])
def test_configuration_takes_both_campaigns(environment: str) -> None:
    project = load_project(ROOT, env=environment)
    assert [campaign.name for campaign in project.campaigns] == [DIGITS.name, REVIEWS.name]


@BOTH
def test_template_loads_crowd_elements_and_has_a_place_for_both_instructions(folder: Path) -> None:
    campaign = read_toml(folder / "campaign.toml")
    template = (folder / campaign["template"]).read_text(encoding="utf-8")
    assert '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>' in template
    for length in ("short", "full"):
        assert template.count(f"<!-- {length}-instructions -->") == 1
        text = (folder / campaign["instructions"][length]).read_text(encoding="utf-8")
        assert text.strip()
        assert "{{" not in text
        assert "{%" not in text


@BOTH
def test_simulated_workers_are_the_team_of_the_local_environment(folder: Path) -> None:
    team = read_toml(ROOT / "environments" / "local.toml")["team"]["workers"]
    workers = read_toml(folder / "workers.toml")["worker"]
    assert [worker["email"] for worker in workers] == [person["email"] for person in team]
    assert len(workers) >= 5


@BOTH
def test_simulated_workers_answer_with_labels_and_probabilities(folder: Path) -> None:
    labels = set(read_toml(folder / "campaign.toml")["labels"])
    for worker in read_toml(folder / "workers.toml")["worker"]:
        assert 0 < worker["accuracy"] < 1
        for true, wrong in worker.get("confusion", {}).items():
            assert true in labels
            assert set(wrong) <= labels - {true}
            assert all(share > 0 for share in wrong.values())
            assert sum(wrong.values()) < 1


@BOTH
def test_notice_names_source_and_licence(folder: Path) -> None:
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    assert "Changes:" in notice
    assert any(licence in notice for licence in ("CC BY 4.0", "The MIT License"))


def test_shipped_data_stays_small() -> None:
    sizes = [path.stat().st_size for path in CAMPAIGNS.rglob("*") if path.is_file()]
    assert sum(sizes) < 1_000_000


def test_digit_pictures_are_made_as_described() -> None:
    make = load_module(DIGITS / "make_digits.py")
    values = [0] * 64
    values[27] = 16  # one cell of ink in the fourth row and column
    width, height, bits, lines = decoded(make.png(make.enlarged(make.framed(values))))
    assert (width, height, bits, len(lines)) == (128, 128, 4, 128)
    darkest = min(
        (line[column] >> 4, row, 2 * column)
        for row, line in enumerate(lines)
        for column in range(64)
    )
    assert darkest[0] <= 1
    # cell (3, 3) lies at (4, 4) in the margin; its centre is at 4.5 of 10 cells
    assert all(abs(position - 4.5 * 128 / 10) <= 2 for position in darkest[1:])
    assert {line[0] for line in lines} == {0xFF}


def test_a_review_needs_the_agreement_of_its_raters() -> None:
    make = load_module(REVIEWS / "make_reviews.py")
    assert make.agreed_label([1] * 16 + [0] * 4) == "positive"
    assert make.agreed_label([-2] * 17 + [3] * 3) == "negative"
    assert make.agreed_label([0] * 20) == "neutral"
    assert make.agreed_label([1] * 15 + [0] * 5) is None


@BOTH
def test_gold_is_true_and_of_every_label(folder: Path) -> None:
    with (folder / "gold.csv").open(encoding="utf-8", newline="") as file:
        gold = {row["object"]: row["label"] for row in csv.DictReader(file)}
    assert len(gold) == 20
    assert gold.items() <= truth(folder).items()
    assert set(gold.values()) == set(read_toml(folder / "campaign.toml")["labels"])
