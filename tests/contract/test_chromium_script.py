"""What `tests/chromium.sh` does on each kind of machine, played by commands alone on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "chromium.sh"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
INSTALL = "install -q -y --no-install-recommends chromium"


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    output: str
    errors: str
    asked: list[str]  # of apt-get, in order


@dataclass(frozen=True, slots=True)
class Machine:
    """A folder of commands, the only ones there are."""

    commands: Path

    def has(self, name: str, does: str = ":") -> None:
        path = self.commands / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.has("id", f'[ "$*" = "-u" ] && echo {number}')

    def packages(self, *, update: int = 0, install: int = 0, gives: str | None = None) -> None:
        """An apt-get that keeps what it was asked, ends so, and may bring a command."""
        made = f"printf '#!/bin/sh\\n' > {self.commands}/{gives}; chmod +x {self.commands}/{gives}"
        self.has(
            "apt-get",
            f'echo "$*" >> {self.commands}/asked\n'
            f'case "$1" in\n'
            f"update) exit {update} ;;\n"
            f"install) {made if gives else ':'}; exit {install} ;;\n"
            "esac\n"
            "exit 64",
        )

    def run(self) -> Outcome:
        done = subprocess.run(
            ["/bin/sh", str(SCRIPT)],
            env={"PATH": str(self.commands)},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        kept = self.commands / "asked"
        asked = kept.read_text().splitlines() if kept.exists() else []
        return Outcome(done.returncode, done.stdout, done.stderr, asked)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An ordinary user's, without a browser."""
    found = Machine(tmp_path)
    (tmp_path / "chmod").symlink_to(shutil.which("chmod") or os.devnull)
    found.user(1000)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("user", [0, 1000])
def test_a_browser_that_is_there_is_named_and_nothing_installed(
    machine: Machine, name: str, user: int
) -> None:
    machine.user(user)
    machine.packages(gives="chromium")
    machine.has(name)
    assert machine.run() == Outcome(0, f"{machine.commands / name}\n", "", [])


def test_the_first_of_several_is_taken(machine: Machine) -> None:
    for name in reversed(NAMES):
        machine.has(name)
    assert machine.run().output == f"{machine.commands / 'chromium'}\n"


def test_root_gets_the_distributions_package_and_its_name(machine: Machine) -> None:
    machine.user(0)
    machine.packages(gives="chromium")
    outcome = machine.run()
    assert outcome == Outcome(0, f"{machine.commands / 'chromium'}\n", "", ["update -q", INSTALL])


Prepare = Callable[[Machine], None]


def nobody(machine: Machine) -> None:
    machine.packages(gives="chromium")


def no_packages(machine: Machine) -> None:
    machine.user(0)


def no_lists(machine: Machine) -> None:
    machine.user(0)
    machine.packages(update=100, gives="chromium")


def no_package(machine: Machine) -> None:
    machine.user(0)
    machine.packages(install=100)


def nothing_new(machine: Machine) -> None:
    machine.user(0)
    machine.packages()


@pytest.mark.parametrize(
    ("prepare", "asked"),
    [
        (nobody, []),
        (no_packages, []),
        (no_lists, ["update -q"]),
        (no_package, ["update -q", INSTALL]),
        (nothing_new, ["update -q", INSTALL]),
    ],
)
def test_without_a_browser_it_says_what_to_install_and_ends_so(
    machine: Machine, prepare: Prepare, asked: list[str]
) -> None:
    prepare(machine)
    outcome = machine.run()
    assert (outcome.code, outcome.output, outcome.asked) == (1, "", asked)
    assert outcome.errors.startswith("error: no Chromium here")
    assert "sudo apt-get install chromium" in outcome.errors


def test_make_asks_it_before_any_test() -> None:
    recipe = (SCRIPT.parents[1] / "Makefile").read_text().split("\ntest-browser:")[1]
    assert recipe.splitlines()[1].strip() == "@tests/chromium.sh"
    assert os.access(SCRIPT, os.X_OK)
