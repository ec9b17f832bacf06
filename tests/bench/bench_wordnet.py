"""WordNet: reading the nouns, and all 499,500 pairs of ImageNet's 1,000 classes, against NLTK.

NLTK needs minutes for all pairs, so a random sample of pairs is measured and scaled up, and labelled so;
``--full`` measures every pair.
"""

from __future__ import annotations

import itertools
import random

from harness import Measured, fresh, repeat, row

PAIRS = 499_500
SAMPLE = 2_000


def run(full: bool = False) -> list[dict]:
    """Measure loading and three similarities; ``full`` lets NLTK do every pair."""
    rows = [_loading()]
    for measure in ("path", "wup", "lch"):
        ours = fresh("bench_wordnet", "ours_pairs", measure=measure)
        peer = fresh("bench_wordnet", "nltk_pairs", measure=measure, sample=PAIRS if full else SAMPLE)
        what = f"WordNet {measure} similarity, 499,500 pairs"
        rows.append(row(what, ours, peer, "NLTK", "under 1 s", ours.median_s < 1))
    return rows


def _loading() -> dict:
    ours = fresh("bench_wordnet", "ours_load")
    peer = fresh("bench_wordnet", "nltk_load")
    return row("WordNet load", ours, peer, "NLTK", "under 1 s", ours.median_s < 1)


def ours_load() -> Measured:
    """Read data.noun anew each time (asset look-up and imports apart)."""
    from synscenes import assets
    from synscenes.wordnet.database import WordNet
    from synscenes.wordnet.files import noun_folder

    folder = noun_folder(assets.path("wordnet"))
    return repeat(lambda: WordNet(folder))


def nltk_load() -> Measured:
    """Make NLTK's reader anew each time (imports apart)."""
    from synscenes import wordnet

    wordnet.nltk_wordnet  # noqa: B018
    import nltk.corpus.reader  # noqa: F401

    return repeat(wordnet.nltk_wordnet, runs=3)


def ours_pairs(measure: str) -> Measured:
    """From wnids to the (1000, 1000) array, the taxonomy built anew each time."""
    from synscenes import imagenet, wordnet

    wn = wordnet.load()
    wnids = [each.wnid for each in imagenet.classes()]
    return repeat(lambda: getattr(wn.taxonomy(wnids), f"{measure}_similarity")())


def nltk_pairs(measure: str, sample: int) -> Measured:
    """NLTK over a random sample of the pairs (one warm run first fills its caches), scaled to all pairs."""
    from synscenes import imagenet, wordnet

    reader = wordnet.nltk_wordnet()
    synsets = [reader.synset_from_pos_and_offset("n", int(each.wnid[1:])) for each in imagenet.classes()]
    pairs = list(itertools.combinations(range(1000), 2))
    chosen = random.Random(0).sample(pairs, sample)
    method = f"{measure}_similarity"

    def work() -> None:
        for a, b in chosen:
            getattr(synsets[a], method)(synsets[b])

    if sample == PAIRS:
        return repeat(work, runs=1)
    work()
    return repeat(work, runs=3, scale=PAIRS / sample, note=f"extrapolated from {sample:,} random pairs")
