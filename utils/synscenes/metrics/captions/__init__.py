"""Caption metrics without Java: BLEU, METEOR, ROUGE-L and CIDEr, on the words COCO's evaluation counts.

``score`` scores a corpus, ``score_each`` every image of it; ``tokenize`` gives a caption's words. ``read_references``
and ``read_candidates`` read COCO's files. The modules hold one metric each, on lists of words.
"""

from synscenes.metrics.captions.checking import read_candidates, read_references
from synscenes.metrics.captions.score import METRICS, score, score_each
from synscenes.metrics.captions.tokenizer import tokenize

__all__ = ["METRICS", "read_candidates", "read_references", "score", "score_each", "tokenize"]
