"""Write tide_reference.json: what the authors' program (tidecv 1.0.1) says about one seeded problem.

Run it where tidecv is installed: ``python tests/reference/make_tide_reference.py`` with ``utils`` on PYTHONPATH. The
file holds the problem too, so the test needs neither tidecv nor the random generator. No crowds, no category without
objects and no ties: there tidecv's average precision has rules of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path

import numpy as np

from synscenes.metrics.detection.simulated import Habits, simulate

NAMES = {
    "Cls": "ClassError",
    "Loc": "BoxError",
    "Both": "OtherError",
    "Dupe": "DuplicateError",
    "Bkg": "BackgroundError",
    "Miss": "MissedError",
}


def problem() -> tuple[dict, list]:
    """Return 40 made-up pictures with objects of five categories, and a simulated detector's results."""
    rng = np.random.default_rng(2020)
    annotations = [
        {"id": n, "image_id": 1 + n % 40, "category_id": 1 + n % 5, "area": 2_000, "iscrowd": 0,
         "bbox": [*rng.integers(0, 180, 2).tolist(), *rng.integers(30, 120, 2).tolist()]}
        for n in range(1, 161)
    ]  # fmt: skip
    truth = {
        "images": [{"id": n, "width": 320, "height": 240, "file_name": f"{n}.jpg"} for n in range(1, 41)],
        "categories": [{"id": n, "name": f"c{n}"} for n in range(1, 6)],
        "annotations": annotations,
    }
    results, _ = simulate(truth, Habits(wobble=0.13, confuse=0.2, twice=0.25), rng)
    for each, score in zip(results, rng.permutation(len(results))):
        each["score"] = round(0.5 * each["score"] + 0.5 * (score + 1) / (len(results) + 1), 6)
    return truth, results


def main() -> None:
    """Ask tidecv and write the file."""
    np.float, np.int = float, int  # tidecv is older than NumPy 1.24
    from tidecv import TIDE
    from tidecv.datasets import COCO, COCOResult

    truth, results = problem()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        for each in truth["annotations"]:  # tidecv reads masks even where it compares boxes
            each["segmentation"] = [[0, 0, 9, 0, 9, 9]]
        paths = [Path(folder) / name for name in ("truth.json", "found.json")]
        for path, content in zip(paths, (truth, results)):
            path.write_text(json.dumps(content))
        for each in truth["annotations"]:
            del each["segmentation"]
        tide = TIDE()
        run = tide.evaluate(COCO(str(paths[0])), COCOResult(str(paths[1])), mode=TIDE.BOX)
        costs = next(iter(tide.get_main_errors().values()))
    counts = {error.__name__: len(found) for error, found in run.error_dict.items()}
    answer = {
        "ap": run.ap / 100,
        "counts": {name: counts.get(theirs, 0) for name, theirs in NAMES.items()},
        "cost": {name: float(value) / 100 for name, value in costs.items()},
    }
    content = {"tidecv": answer, "truth": truth, "results": results}
    Path(__file__).with_name("tide_reference.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(answer)


if __name__ == "__main__":
    main()
