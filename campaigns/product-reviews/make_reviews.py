"""Makes `manifest.jsonl` and `truth.csv` from the rated review sentences in vaderSentiment.

    pip download --no-deps --no-binary :all: vaderSentiment==3.3.2
    (unpack it, and additional_resources/hutto_ICWSM_2014.tar.gz in it)
    python make_reviews.py hutto_ICWSM_2014

Every sentence there was rated by 20 people from -4 to +4. A sentence is taken when at least 80 %
of them agree on its side: above zero is positive, below is negative, zero itself is neutral. Of
each side the same number is taken, in the order of the SHA-256 of the sentence's id, at most two
from one review, and the lines are shuffled by the SHA-256 of the text. Runs of white space become
one space and HTML entities become characters; nothing else is changed. Standard library only; the
same source always gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import html
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PER_LABEL = 80
PER_REVIEW = 2
AGREEMENT = 0.8
CHARACTERS = range(25, 241)
LABELS = ("positive", "negative", "neutral")
TEXTS = "amazonReviewSnippets_GroundTruth.txt"
RATINGS = "amazonReviewSnippets_anonDataRatings.txt"


def read_table(path: Path) -> Iterator[list[str]]:
    """Read lines of tab-separated columns; the texts hold quotes that quote nothing."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def agreed_label(ratings: list[int]) -> str | None:
    """Return the side that enough raters agree on, if there is one."""
    sides = Counter(LABELS[2] if r == 0 else LABELS[0] if r > 0 else LABELS[1] for r in ratings)
    label, votes = sides.most_common(1)[0]
    return label if votes >= AGREEMENT * len(ratings) else None


def candidates(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield id, text and label of every sentence that may be shipped."""
    ratings = {row[0]: json.loads(row[3]) for row in read_table(folder / RATINGS)}
    seen: set[str] = set()
    for identity, _mean, text in read_table(folder / TEXTS):
        clean = " ".join(html.unescape(text).split())
        label = agreed_label(ratings[identity])
        if label and len(clean) in CHARACTERS and clean not in seen:
            seen.add(clean)
            yield identity, clean, label


def chosen(folder: Path) -> list[tuple[str, str]]:
    """Return the texts and labels to ship, as many of each label, in shuffled order."""
    in_order = sorted(candidates(folder), key=lambda row: digest(row[0]))
    taken: Counter[str] = Counter()
    reviews: Counter[str] = Counter()
    picked: list[tuple[str, str]] = []
    for identity, text, label in in_order:
        review = identity.partition("_")[0]
        if taken[label] < PER_LABEL and reviews[review] < PER_REVIEW:
            taken[label] += 1
            reviews[review] += 1
            picked.append((text, label))
    if any(taken[label] < PER_LABEL for label in LABELS):
        raise SystemExit(f"not enough sentences: {dict(taken)}, {PER_LABEL} of each are needed")
    return sorted(picked, key=lambda row: digest(row[0]))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main(source: Path) -> None:
    folder = Path(__file__).parent
    picked = chosen(source)
    with (folder / "manifest.jsonl").open("w", encoding="utf-8", newline="\n") as manifest:
        for text, _label in picked:
            manifest.write(json.dumps({"source": text}, ensure_ascii=False) + "\n")
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["object", "label"])
        table.writerows((number, label) for number, (_text, label) in enumerate(picked))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
