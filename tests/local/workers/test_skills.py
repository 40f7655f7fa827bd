"""Confusion matrices: read strictly, drawn from a seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ground_truth_local.workers.errors import WorkersError
from ground_truth_local.workers.skills import Skill, answer, read_skills

LABELS = ["a", "b", "c", "d"]


def answers(skill: Skill, truth: str, *, seed: int = 1, count: int = 4000) -> Counter[str]:
    return Counter(
        answer(skill, seed=seed, object_id=str(number), truth=truth, labels=LABELS)
        for number in range(count)
    )


def test_accuracy_is_the_share_of_true_labels_and_the_rest_is_spread_evenly() -> None:
    found = answers(Skill(email="ada", accuracy=0.7), "b")
    assert found["b"] / 4000 == pytest.approx(0.7, abs=0.03)
    for other in "acd":
        assert found[other] / 4000 == pytest.approx(0.1, abs=0.02)


def test_confusion_replaces_accuracy_for_its_true_label() -> None:
    skill = Skill(email="ada", accuracy=1.0, confusion={"b": {"c": 0.4, "d": 0.1}})
    found = answers(skill, "b")
    assert found["b"] / 4000 == pytest.approx(0.5, abs=0.03)
    assert found["c"] / 4000 == pytest.approx(0.4, abs=0.03)
    assert found["a"] == 0
    assert answers(skill, "a") == {"a": 4000}


def test_answers_depend_on_seed_worker_and_object_alone() -> None:
    def drawn(email: str, seed: int) -> list[str]:
        skill = Skill(email=email, accuracy=0.4)
        return [
            answer(skill, seed=seed, object_id=f"{number:04d}.png", truth="a", labels=LABELS)
            for number in range(12)
        ]

    assert "".join(drawn("ada@example.com", 7)) == "abddcabcabcc"
    assert drawn("ada@example.com", 7) != drawn("ada@example.com", 8)
    assert drawn("ada@example.com", 7) != drawn("bob@example.com", 7)


def test_a_truth_that_is_not_among_the_labels_is_refused() -> None:
    with pytest.raises(WorkersError, match=r"7\.png: truth is 'x', the task offers \['a'"):
        answer(Skill(email="ada"), seed=1, object_id="7.png", truth="x", labels=LABELS)


def test_reads_workers_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "workers.toml"
    path.write_text(
        """
        [[worker]]
        email = "ada@example.com"
        accuracy = 0.9
        [worker.confusion.4]
        9 = 0.5
        [[worker]]
        email = "bob@example.com"
        seconds = 2
        """
    )
    assert read_skills(path) == [
        Skill(email="ada@example.com", accuracy=0.9, confusion={"4": {"9": 0.5}}),
        Skill(email="bob@example.com", seconds=2.0),
    ]


def test_lists_all_mistakes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "workers.toml"
    path.write_text(
        """
        [[worker]]
        email = "ada@example.com"
        accuracy = 1.5
        skill = 1
        [worker.confusion.4]
        9 = 0.8
        7 = 0.3
        [[worker]]
        email = "ada@example.com"
        accuracy = true
        confusion = 3
        [[worker]]
        """
    )
    with pytest.raises(WorkersError) as caught:
        read_skills(path)
    for part in (
        "ada@example.com: accuracy: got 1.5, allowed is 0 to 1",
        "ada@example.com: skill: unknown; allowed are accuracy, confusion, email, extra, "
        "jitter, miss, seconds",
        "ada@example.com: confusion.4: adds up to more than 1",
        "ada@example.com: accuracy: got True",
        "ada@example.com: confusion.: got 3, allowed is a table",
        "worker 3: email: got None, allowed is text",
        "ada@example.com: listed twice",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no \[\[worker\]\] tables"),
        ("worker = 1", "allowed is a list"),
        ("[[worker", "can't be read"),
    ],
)
def test_files_without_workers_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "workers.toml"
    path.write_text(text)
    with pytest.raises(WorkersError, match=message):
        read_skills(path)
