"""docs/faults.md's table, made from the list of faults and the tests there are.

    .venv/bin/python -m tests.fault_table

writes it anew; a test refuses a stale one.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fault_list import FAULTS
from tests.fault_report import DEPLOYMENT, level_of

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs/faults.md"
BEGIN, END = "<!-- made by tests/fault_table.py: begin -->\n", "<!-- end -->\n"
ROOMS = ("unit", "stacks", "infra", "e2e")


def main() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_table(text), encoding="utf-8")


def with_table(text: str) -> str:
    """The document with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    found = known_tests()
    lines = ["| # | fault | expected | handler, template | deployed as |", "|" + "---|" * 5]
    for number, fault in FAULTS.items():
        tests = found.get(number, [])
        below = _files(test for test in tests if test.level != DEPLOYMENT) or fault.untested
        deployed = ", ".join(dict.fromkeys(f"`{t.campaign}`" for t in tests if t.campaign))
        lines.append(f"| {number} | {fault.title} | {fault.expected} | {below} | {deployed} |")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Known:
    """A test of a fault; `campaign` is the one a deployment shows it with."""

    path: str
    campaign: str = ""

    @property
    def level(self) -> str:
        return level_of(Path(self.path))


def known_tests() -> dict[int, list[Known]]:
    """The tests of every fault, from the sources: nothing is imported or run."""
    found: dict[int, list[Known]] = defaultdict(list)
    for room in ROOMS:
        for path in sorted((ROOT / "tests" / room).rglob("test_*.py")):
            place = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    for number, campaign in _marks(node):
                        found[number].append(Known(place, campaign))
    return found


def _marks(test: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    if test.name.startswith("test_fault_"):
        yield int(test.name.split("_")[2]), ""
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault":
            named = [ast.unparse(k.value).strip("'").lower() for k in decorator.keywords]
            yield int(ast.unparse(decorator.args[0])), "".join(named)


def _files(tests: Iterable[Known]) -> str:
    paths = dict.fromkeys(test.path for test in tests)
    return ", ".join(f"[{Path(path).name}](../{path})" for path in paths)


if __name__ == "__main__":
    main()
