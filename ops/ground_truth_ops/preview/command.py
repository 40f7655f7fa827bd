"""`gt preview`: a campaign's task in the browser, again after every change of its files."""

from __future__ import annotations

import urllib.error
import urllib.request
import webbrowser
from typing import TYPE_CHECKING

from ground_truth_liquid.elements import SCRIPT
from ground_truth_ops.preview.run import preview
from ground_truth_ops.processes import ended_by_signals
from ground_truth_ops.project import project_root

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

_PATIENCE_SECONDS = 2.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--campaign", required=True, help="a folder of campaigns/")
    parser.add_argument("--port", type=int, default=0, help="of the page (default: a free one)")
    parser.add_argument(
        "--elements",
        choices=["auto", "cdn", "local"],
        default="auto",
        help="AWS's own crowd elements, from its CDN, or the project's (default: AWS's if reached)",
    )
    parser.add_argument("--open", action="store_true", help="open the browser")


def command(options: argparse.Namespace, console: Console) -> int:
    """Serve until interrupted."""
    own = uses_own(options.elements)
    with (
        ended_by_signals(),
        preview(project_root(), options.campaign, port=options.port, own_elements=own) as running,
    ):
        elements = "the project's crowd elements" if own else "AWS's crowd elements"
        console.print(f"{options.campaign} is at {running.url} with {elements}; Ctrl-C ends it")
        if options.open:
            webbrowser.open(running.url)
        running.ended.wait()
    return 0


def uses_own(elements: str, *, script: str = SCRIPT) -> bool:
    """Whether tasks get the project's elements: when asked for, or when AWS's can't be had."""
    return elements == "local" or (elements == "auto" and not answers(script))


def answers(script: str) -> bool:
    """Whether the script at this address can be had from here."""
    request = urllib.request.Request(script, method="HEAD")  # noqa: S310 - AWS's, or a test's own
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False
