"""`python -m ground_truth.consolidation KIND FOLDER OUTPUT.csv`: a whole job's answers at once."""

import argparse
import logging
import sys
from pathlib import Path

from ground_truth.consolidation.files import KindError, consolidator, kinds
from ground_truth.consolidation.tables import TableError

REFUSED = 2


def main(arguments: list[str] | None = None) -> int:
    """Consolidate a folder of answers into one file.

    Returns 0, or 2 when the kind is unknown or a file can't be read; then nothing is written.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ground_truth.consolidation", description=__doc__
    )
    parser.add_argument("kind", help=f"what was asked: {', '.join(kinds())}")
    parser.add_argument("folder", type=Path, help="where the answers lie, as CSV files")
    parser.add_argument("output", type=Path, help="the CSV file to write")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    try:
        consolidator(options.kind)(options.folder, options.output)
    except (KindError, TableError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
