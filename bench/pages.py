"""`make bench-pages`: what a task's page loads, without the object, and how soon it is seen.

Every element has a template among those the lint is tested with; each is opened in a Chromium on
this machine from the portal's own pages, in a fresh tab without a cache. Time counts from the
click on the task to the first text or image that the task's frame paints.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.local.liquid.corpus import names, sample
from tests.local.portal.chromium import browser
from tests.local.portal.desk import Desk, seated

if TYPE_CHECKING:
    from tests.local.portal.chromium import Page

MOST_BYTES = 300_000
MOST_MILLISECONDS = 300
_PAINT = (
    "(() => { const [paint] = performance.getEntriesByName('first-contentful-paint');"
    " return paint ? performance.timeOrigin + paint.startTime : null; })()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One look at a task."""

    size: int
    milliseconds: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="looks at each task (default: 5)")
    options = parser.parse_args()
    with browser() as running, seated(running) as desk:
        _look(desk, names()[0])  # the browser and the server are warm, the page isn't
        found = {name: [_look(desk, name) for _ in range(options.rounds)] for name in names()}
    worst_size = max(each.size for looks in found.values() for each in looks)
    times = {name: median(each.milliseconds for each in looks) for name, looks in found.items()}
    slowest = max(times, key=times.__getitem__)
    lines = [
        f"{'template':28} {'bytes':>8} {'first paint':>12}",
        *(f"{name:28} {found[name][0].size:8} {times[name]:9.0f} ms" for name in found),
        f"largest {worst_size} bytes (goal: under {MOST_BYTES})",
        f"slowest {slowest}: {times[slowest]:.0f} ms (goal: under {MOST_MILLISECONDS})",
        f"median of all {median(times.values()):.0f} ms",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    met = worst_size < MOST_BYTES and times[slowest] < MOST_MILLISECONDS
    return 0 if met else 1


def _look(desk: Desk, name: str) -> Opened:
    desk.site.queue.clear()
    inputs = {"taskObject": "s3://raw/a.png", **sample(name).inputs}
    page, frame = desk.task(sample(name).text, inputs=inputs, fresh=True)
    frame.until(f"{_PAINT} !== null")
    begun = page.value("performance.timeOrigin")
    looked = Opened(
        size=_size(page) + _size(frame),
        milliseconds=frame.value(_PAINT) - begun,
    )
    desk.browser.close_pages()
    return looked


def _size(page: Page) -> int:
    """Bytes of a document and of what it loads from its own host; nothing is compressed."""
    page.call("Page.enable")
    tree: dict[str, Any] = page.call("Page.getResourceTree")["frameTree"]
    own = urlsplit(tree["frame"]["url"]).netloc
    loaded = [each for each in tree["resources"] if urlsplit(each["url"]).netloc == own]
    text: str = page.value("document.documentElement.outerHTML")
    return len(text.encode()) + sum(int(each["contentSize"]) for each in loaded)


if __name__ == "__main__":
    raise SystemExit(main())
