"""`gt lint`: findings with their places, and an exit code for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ground_truth_ops import cli, lint
from tests.stacks.projects import ProjectFiles, minimal_project


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFiles:
    found = minimal_project(tmp_path)
    monkeypatch.setattr(lint, "project_root", lambda: found.root)
    return found


def test_sound_campaigns_have_nothing_to_say(
    files: ProjectFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lint"]) == 0
    assert capsys.readouterr().out == "letters: 0 errors, 0 warnings\n"


def test_every_finding_is_a_line_and_errors_fail(
    files: ProjectFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    template = files.root / "campaigns/letters/template.liquid.html"
    template.write_text(
        template.read_text().replace("labels |", "label |").replace("</crowd-form>", '<img src="">')
    )
    files.set_campaign("workers_per_object", 0)

    assert cli.main(["lint", "--campaign", "letters"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["error campaigns/letters/campaign.toml", "workers_per_object"],
        ["error campaigns/letters/template.liquid.html:7:20", "unknown-variable"],
        ["warning campaigns/letters/template.liquid.html:12:1", "missing-alt"],
        ["letters", "2 errors, 1 warnings"],
    ]


def test_warnings_alone_fail_nothing(files: ProjectFiles) -> None:
    files.write("campaigns/letters/instructions/short.html", '<img src="">')
    assert cli.main(["lint"]) == 0
