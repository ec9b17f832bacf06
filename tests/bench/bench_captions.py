"""Caption metrics over 5,000 images with 5 references each, against pycocoevalcap with its Java tokenizer.

Captions are random sentences of 8 to 14 words, from a vocabulary about as skewed as English, some with commas,
hyphens and apostrophes. METEOR is left out on both sides; tokenising counts on both, Java's CPU seconds too.
pycocoevalcap and Java are optional: install them in an environment of their own and name its interpreter in
$CAPTION_PEER_PYTHON. Without, our side is measured alone.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGES, REFERENCES, RUNS = 5_000, 5, 3


def run(full: bool = False) -> list[dict]:
    """Measure all metrics but METEOR, from raw captions to scores."""
    from harness import Measured, fresh, row

    ours = fresh("bench_captions", "ours")
    peer, name = None, "pycocoevalcap not installed"
    python = os.environ.get("CAPTION_PEER_PYTHON", sys.executable)
    finished = subprocess.run([python, __file__], stdout=subprocess.PIPE, text=True, check=False)
    if finished.returncode == 0:
        peer, name = Measured(**json.loads(finished.stdout.splitlines()[-1])), "pycocoevalcap + Java"
    fast = ours.median_s < 5 and (peer is None or peer.median_s >= 3 * ours.median_s)
    what = "captions: BLEU, ROUGE-L, CIDEr of 5,000 × 5"
    return [row(what, ours, peer, name, "under 5 s, ≥ 3 × faster", fast)]


def captions() -> tuple[dict[int, list[str]], dict[int, str]]:
    """The same captions in every run: references and candidates."""
    rng = random.Random(0)
    ranks = range(1, 8_001)
    words = ["".join(rng.choices("abcdefghijklmnoprstuvw", k=rng.randint(2, 9))) for _ in ranks]
    weights = [1 / rank for rank in ranks]  # Zipf's law

    def caption() -> str:
        chosen = rng.choices(words, weights, k=rng.randint(8, 14))
        if rng.random() < 0.3:
            place = rng.randrange(len(chosen))
            chosen[place] += rng.choice([",", "'s", "-red", " (two)", "n't", " 3", '"'])
        return " ".join(chosen).capitalize() + rng.choice([".", ".", ""])

    references = {image: [caption() for _ in range(REFERENCES)] for image in range(IMAGES)}
    return references, {image: caption() for image in range(IMAGES)}


def ours():
    """synscenes.metrics.captions, from strings to scores."""
    from harness import repeat

    from synscenes.metrics.captions import score

    references, candidates = captions()
    metrics = ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr"]
    return repeat(lambda: score(references, candidates, metrics=metrics), runs=RUNS)


def theirs() -> dict:
    """pycocoevalcap, from strings to scores; CPU seconds of this process and of the Java programs it starts."""
    scorers = [
        getattr(importlib.import_module(f"pycocoevalcap.{name.lower()}.{name.lower()}"), name)
        for name in ("Bleu", "Rouge", "Cider")
    ]
    tokenizer = importlib.import_module("pycocoevalcap.tokenizer.ptbtokenizer").PTBTokenizer()
    references, candidates = captions()
    references = {image: [{"caption": each} for each in some] for image, some in references.items()}
    candidates = {image: [{"caption": each}] for image, each in candidates.items()}
    seconds = []
    for _ in range(RUNS):
        start = _cpu()
        with contextlib.redirect_stdout(io.StringIO()):
            truth, found = tokenizer.tokenize(references), tokenizer.tokenize(candidates)
            for scorer in scorers:
                scorer().compute_score(truth, found)
        seconds.append(_cpu() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    java = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "median_s": statistics.median(seconds),
        "low_s": min(seconds),
        "high_s": max(seconds),
        "runs": RUNS,
        "peak_mb": peak * 1024 / 1e6,
        "note": f"with Java's tokenizer, whose own peak is {java * 1024 / 1e6:.0f} MB",
    }


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    print(json.dumps(theirs()))
