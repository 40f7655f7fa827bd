"""`python -m ground_truth_local`: local AWS in the foreground, until it is interrupted."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ground_truth_local.platform import environment

# Set on the second start, which has the bare environment; taken away at once.
_BARE = "GROUND_TRUTH_LOCAL_BARE"


def main() -> int:
    """Start over with a bare environment, then run; returns only when that could not begin."""
    options = _options()
    if os.environ.pop(_BARE, None) is None:
        bare = environment.bare(os.environ) | {_BARE: "1"}
        if options.verbose:
            bare["LOG_LEVEL"] = "INFO"
        # -I: neither the user's PYTHONPATH nor the working directory may shadow a library
        command = [sys.executable, "-I", "-m", "ground_truth_local", *sys.argv[1:]]
        os.execve(sys.executable, command, bare)  # noqa: S606 - this very interpreter, no shell
    # only in the second start: it costs half a second
    from ground_truth_local.launcher import LauncherError, Options, run  # noqa: PLC0415

    try:
        run(
            Options(
                state_dir=options.state_dir.resolve(),
                port=options.port,
                portal_port=options.portal_port,
                media_port=options.media_port,
                region=options.region,
                seed=options.seed,
                faults=options.faults,
                keep=options.keep,
            )
        )
    except LauncherError as problem:
        sys.stderr.write(f"local AWS did not start: {problem}\n")
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ground_truth_local",
        description="AWS on this machine, with SageMaker Ground Truth and its worker portal.",
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=Path(".local"),
        help="folder for env and state.json, by which others find it (default: .local)",
    )
    free = "(default: that of the run before with --keep, else a free one)"
    parser.add_argument("--port", type=_port, default=0, help=f"of the AWS endpoint {free}")
    parser.add_argument("--portal-port", type=_port, default=0, help=f"of the worker portal {free}")
    parser.add_argument("--media-port", type=_port, default=0, help=f"for browsers' images {free}")
    parser.add_argument("--region", default="us-east-1", help="(default: us-east-1)")
    parser.add_argument("--seed", type=int, default=0, help="of the order of tasks (default: 0)")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep everything in the state folder, so that the next start goes on with it",
    )
    parser.add_argument(
        "--faults",
        action="store_true",
        help="let whoever has the token of state.json make local AWS misbehave (for tests)",
    )
    parser.add_argument("--verbose", action="store_true", help="log every call to standard error")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"got {text!r}, allowed is 0 (a free one) to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
