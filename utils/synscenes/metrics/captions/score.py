"""All caption metrics of COCO's server (but SPICE) with one call: checked input, words, scores."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from synscenes.metrics.captions.bleu import Tally, bleu, tally
from synscenes.metrics.captions.checking import check_words, checked
from synscenes.metrics.captions.cider import cider as cider_scores
from synscenes.metrics.captions.ngrams import Counted, count_ngrams
from synscenes.metrics.captions.rouge import rouge_l
from synscenes.metrics.captions.tokenizer import tokenize

BLEUS = ("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4")
METRICS = (*BLEUS, "METEOR", "ROUGE_L", "CIDEr")

References = Mapping[Hashable, Sequence[str]]
Candidates = Mapping[Hashable, str]


def score(
    references: References,
    candidates: Candidates,
    *,
    metrics: Iterable[str] = METRICS,
    tokenized: bool = False,
    cider: str = "CIDEr-D",
) -> dict[str, float]:
    """Score a corpus of captions: ``{image id: [caption, ...]}`` against ``{image id: caption}``.

    Returns the metrics asked for, by the names of COCO's server. BLEU is computed from the counts of the whole
    corpus; METEOR, ROUGE_L and CIDEr are means over the images. Given the same words, BLEU, ROUGE_L and CIDEr equal
    pycocoevalcap; METEOR is NLTK's. ``tokenized``: captions are words with single spaces between them already.
    ``cider``: "CIDEr-D", which is what pycocoevalcap computes, or "CIDEr". All but CIDEr (0 to 10) lie between 0 and 1.

    Raises CourseError, in one line, for ids that do not match, missing captions and captions that are no strings.
    """
    corpus = _Corpus.of(references, candidates, tokenized)
    wanted = _wanted(metrics)
    scores = {}
    if any(name in BLEUS for name in wanted):
        scores.update(zip(BLEUS, bleu(corpus.tally.corpus())))
    for name, compute in _per_image(corpus, cider).items():
        if name in wanted:
            values = compute()
            scores[name] = sum(values) / len(values)
    return {name: float(scores[name]) for name in METRICS if name in wanted}


def score_each(
    references: References,
    candidates: Candidates,
    *,
    metrics: Iterable[str] = METRICS,
    tokenized: bool = False,
    cider: str = "CIDEr-D",
) -> dict[Hashable, dict[str, float]]:
    """Score every image by itself: ``{image id: {metric: score}}``, with the options of :func:`score`.

    CIDEr's weights still come from the references of all images. BLEU of one caption is a noisy number: it is nearly
    0 when no four words in a row are found.
    """
    corpus = _Corpus.of(references, candidates, tokenized)
    wanted = _wanted(metrics)
    columns: dict[str, Sequence[float]] = {}
    if any(name in BLEUS for name in wanted):
        columns.update(zip(BLEUS, bleu(corpus.tally).T))
    for name, compute in _per_image(corpus, cider).items():
        if name in wanted:
            columns[name] = compute()
    return {
        image: {name: float(columns[name][row]) for name in METRICS if name in wanted}
        for row, image in enumerate(corpus.images)
    }


@dataclass
class _Corpus:
    """Tokenised captions, one row an image; n-grams are counted once for BLEU and CIDEr."""

    images: list[Hashable]
    candidates: list[str]
    references: list[list[str]]

    @classmethod
    def of(cls, references: References, candidates: Candidates, tokenized: bool) -> _Corpus:
        images, theirs, ours = checked(references, candidates)
        if not tokenized:
            ours = [" ".join(tokenize(caption)) for caption in ours]
            theirs = [[" ".join(tokenize(caption)) for caption in captions] for captions in theirs]
        check_words(images, theirs)
        return cls(images, ours, theirs)

    @cached_property
    def counted(self) -> Counted:
        return count_ngrams(
            [each.split() for each in self.candidates], [[each.split() for each in some] for some in self.references]
        )

    @cached_property
    def tally(self) -> Tally:
        return tally(self.counted)


def _per_image(corpus: _Corpus, cider: str) -> dict[str, Callable[[], Sequence[float]]]:
    """The metrics that are means over images: each a function that returns one number an image."""

    def meteors() -> list[float]:
        from synscenes.metrics.captions.meteor import meteor

        pairs = zip(corpus.candidates, corpus.references)
        return [meteor(ours.split(), [each.split() for each in theirs]) for ours, theirs in pairs]

    def rouges() -> list[float]:
        pairs = zip(corpus.candidates, corpus.references)
        return [rouge_l(_spaced(ours), [_spaced(each) for each in theirs]) for ours, theirs in pairs]

    def ciders() -> Sequence[float]:
        return cider_scores(corpus.counted, cider)

    return {"METEOR": meteors, "ROUGE_L": rouges, "CIDEr": ciders}


def _spaced(caption: str) -> list[str]:
    # "1 1/2" is one token with a no-break space: pycocoevalcap's ROUGE keeps it whole, its BLEU and CIDEr do not.
    return caption.split(" ") if caption else []


def _wanted(metrics: Iterable[str]) -> set[str]:
    wanted = {metrics} if isinstance(metrics, str) else set(metrics)
    if unknown := sorted(map(str, wanted - set(METRICS))):
        raise ValueError(f"metrics: {', '.join(unknown)} is none of {', '.join(METRICS)}")
    return wanted
