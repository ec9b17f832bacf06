"""What JupyterHub starts for a learner, as that learner: first the lessons are copied, then the server runs."""

import os
import sys
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.lab import prepare

COURSE = Path(__file__).resolve().parents[2]


def main() -> None:
    """Prepare ``~/from-synsets-to-scenes``, then become the single-user server."""
    try:
        for line in prepare(COURSE, Path.home() / "from-synsets-to-scenes"):
            print(line, flush=True)
    except CourseError as error:
        # A full home must not keep a learner out: the server still opens, and shows what is there.
        print(error, file=sys.stderr, flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])


if __name__ == "__main__":
    main()
