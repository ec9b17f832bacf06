"""Makes caption_reference.json: what pycocoevalcap and its Java tokenizer answer, for tests/test_caption_metrics*.py.

    pip install pycocoevalcap==1.2        # in an environment of its own; its wheel carries the tokenizer
    apt-get install default-jre-headless  # or any other Java
    python tests/reference/make_caption_reference.py [folder of COCO-MINI]

The sentences and captions are our own and are in the files too, so the tests need neither. With a folder of COCO-MINI
(annotations/captions_{train,val}2017.json) the file also keeps how many captions it has and a hash of their tokens.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import io
import json
import random
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "caption_reference.json"

SUBJECTS = ["a man", "two dogs", "a young woman", "three zebras", "a black cat", "some people", "the old bus", "a boy"]
VERBS = ["sits on", "is standing near", "looks at", "runs past", "is lying on", "waits in front of", "plays with"]
PLACES = ["a red sofa", "the grass", "a wooden table", "a train", "an open window", "the beach", "a white kite"]
TAILS = ["", "", " in the rain", " at night", " with a smile", " next to a tree", " while it snows outside"]


def java_tokens(captions: list[str]) -> list[str]:
    """The tokens of each caption, joined by spaces. A neutral caption stands between, as neighbours can matter."""
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    given = {place: [{"caption": caption}, {"caption": "dog"}] for place, caption in enumerate(captions)}
    found = PTBTokenizer().tokenize(given)
    assert all(each[1] == "dog" for each in found.values()), "the lines have shifted"
    return [found[place][0] for place in range(len(captions))]


def scores(references: dict, candidates: dict) -> dict:
    """BLEU, ROUGE-L and CIDEr of pycocoevalcap, of the corpus and of each image, for tokenised captions."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    answer = {image: [caption] for image, caption in candidates.items()}
    with contextlib.redirect_stdout(io.StringIO()):
        bleu, bleus = Bleu(4).compute_score(references, answer)
        rouge, rouges = Rouge().compute_score(references, answer)
        cider, ciders = Cider().compute_score(references, answer)
    corpus = dict(zip(("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4"), bleu)) | {"ROUGE_L": rouge, "CIDEr": cider}
    columns = [*bleus, rouges, ciders]
    return {
        "corpus": {name: float(value) for name, value in corpus.items()},
        "each": {name: [float(value) for value in column] for name, column in zip(corpus, columns)},
    }


def caption(rng: random.Random) -> str:
    """A caption of our own small grammar."""
    return f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(PLACES)}{rng.choice(TAILS)}"


def case(seed: int, images: int, fewest: int, most: int) -> dict:
    """A corpus of random captions and its scores; now and then a candidate is empty, short or long."""
    rng = random.Random(seed)
    references = {str(i): [caption(rng) for _ in range(rng.randint(fewest, most))] for i in range(images)}
    candidates = {}
    for image, captions in references.items():
        candidate = rng.choice([caption(rng), rng.choice(captions)])
        changes = [candidate] * 6 + ["", "a", candidate + " and " + caption(rng), candidate + " unheard of words"]
        candidates[image] = rng.choice(changes)
    return {"references": references, "candidates": candidates, **scores(references, candidates)}


def coco_mini(folder: Path) -> dict:
    """How many captions COCO-MINI has, and a hash of their tokens, a line each."""
    captions = []
    for split in ("train", "val"):
        document = json.loads((folder / "annotations" / f"captions_{split}2017.json").read_text(encoding="utf-8"))
        captions += [each["caption"] for each in document["annotations"]]
    tokens = "\n".join(java_tokens(captions)).encode()
    return {"captions": len(captions), "sha256": hashlib.sha256(tokens).hexdigest()}


def main(arguments: list[str]) -> None:
    """Write the file."""
    sentences = (HERE / "caption_sentences.txt").read_text(encoding="utf-8").split("\n")[:-1]
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]
    content = {
        "made_with": {"pycocoevalcap": importlib.metadata.version("pycocoevalcap"), "java": java},
        "coco_mini": coco_mini(Path(arguments[0])) if arguments else None,
        "cases": [case(1, 40, 1, 5), case(2, 25, 5, 5), case(3, 2, 1, 2), case(4, 1, 3, 3)],
        "tokens": dict(zip(sentences, java_tokens(sentences))),
    }
    OUT.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
