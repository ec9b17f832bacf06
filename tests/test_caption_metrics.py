"""Caption scores against pycocoevalcap (stored answers), published scores, NLTK, and the laws they obey."""

from __future__ import annotations

import json
import math
import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes.metrics import captions
from synscenes.metrics.captions.bleu import bleu, smoothed_bleu, tally
from synscenes.metrics.captions.ngrams import count_ngrams
from synscenes.metrics.captions.rouge import lcs_length, lcs_table, rouge_l

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "reference" / "caption_reference.json").read_text(encoding="utf-8"))
NLG_EVAL = HERE.parents[1] / "shared" / "refs" / "nlg_eval"
FAST = [name for name in captions.METRICS if name != "METEOR"]

WORDS = st.lists(
    st.sampled_from(["a", "the", "dog", "cat", "sits", "runs", "on", "grass", "red"]), min_size=1, max_size=12
)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: f"{len(case['candidates'])}-images")
def test_corpus_scores_equal_pycocoevalcap(case):
    found = captions.score(case["references"], case["candidates"], metrics=FAST, tokenized=True)
    assert list(found) == list(case["corpus"])
    for name, value in case["corpus"].items():
        assert found[name] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: f"{len(case['candidates'])}-images")
def test_image_scores_equal_pycocoevalcap(case):
    found = captions.score_each(case["references"], case["candidates"], metrics=FAST, tokenized=True)
    assert list(found) == list(case["references"])
    for name, values in case["each"].items():
        assert [each[name] for each in found.values()] == pytest.approx(values, abs=1e-9)


def nlg_eval():
    if not NLG_EVAL.is_dir():
        pytest.skip("nlg-eval's example is not at hand (../shared/refs/nlg_eval)")
    hypotheses, first, second = (
        (NLG_EVAL / name).read_text().splitlines() for name in ("hyp.txt", "ref1.txt", "ref2.txt")
    )
    return dict(enumerate(map(list, zip(first, second)))), dict(enumerate(hypotheses))


def test_published_scores_of_nlg_eval():
    found = captions.score(*nlg_eval(), metrics=FAST)
    published = {"Bleu_1": 0.55, "Bleu_2": 0.42817, "Bleu_3": 0.28404, "Bleu_4": 0.20114,
                 "ROUGE_L": 0.522104, "CIDEr": 1.242192}  # fmt: skip
    for name, value in published.items():
        assert found[name] == pytest.approx(value, abs=5e-6)


def test_live_pycocoevalcap_agrees():
    """More random captions than are stored, where the program is installed."""
    cider = pytest.importorskip("pycocoevalcap.cider.cider", reason="pycocoevalcap is not installed (it is optional)")
    rng = random.Random(5)
    words = ["a", "dog", "cat", "bus", "runs", "sits", "on", "the", "red"]
    text = lambda: " ".join(rng.choices(words, k=rng.randint(1, 14)))  # noqa: E731
    references = {image: [text() for _ in range(5)] for image in range(60)}
    candidates = {image: text() for image in references}
    theirs, _ = cider.Cider().compute_score(references, {image: [text] for image, text in candidates.items()})
    ours = captions.score(references, candidates, metrics=["CIDEr"], tokenized=True)["CIDEr"]
    assert ours == pytest.approx(theirs, abs=1e-9)


# ------------------------------------------------------------------------------------------------ against NLTK


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_smoothed_bleu_equals_nltk(candidate, references):
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    counts = tally(count_ngrams([candidate], [references]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sentence_bleu(references, candidate, smoothing_function=SmoothingFunction().method2)
    if len(candidate) >= 4:  # NLTK counts one n-gram in a caption too short for any.
        assert smoothed_bleu(counts)[0, 3] == pytest.approx(theirs, abs=1e-9)


def test_meteor_equals_nltk_with_its_own_stemmer():
    from nltk.translate.meteor_score import meteor_score

    from synscenes.metrics.captions.meteor import meteor
    from synscenes.wordnet.nltk_reader import nltk_wordnet

    wordnet = nltk_wordnet()
    pairs = [("a dog running on grass", ["two hounds run over the lawn", "the dog runs on the grass"]),
             ("a bicycle", ["a bike stands here"]), ("nothing in common", ["a b c"]), ("", ["a dog"])]  # fmt: skip
    for candidate, references in pairs:
        words = candidate.split(), [each.split() for each in references]
        assert meteor(*words) == pytest.approx(meteor_score(words[1], words[0], wordnet=wordnet), abs=1e-12)


# --------------------------------------------------------------------------------------------- laws they obey


@given(WORDS, WORDS)
@settings(max_examples=100, deadline=None)
def test_lcs_by_bits_equals_the_table(first, second):
    assert lcs_length(first, second) == lcs_table(first, second)[-1][-1]
    assert lcs_length(first, second) == lcs_length(second, first)


@given(st.lists(WORDS, min_size=2, max_size=5), st.data())
@settings(max_examples=60, deadline=None)
def test_a_copied_reference_scores_full(references, data):
    candidate = data.draw(st.sampled_from(references))
    assert rouge_l(candidate, references) == pytest.approx(1)
    counts = tally(count_ngrams([candidate], [references]))
    enough = min(4, len(candidate))
    assert list(bleu(counts)[0, :enough]) == pytest.approx([1] * enough, abs=1e-6)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=4), WORDS)
@settings(max_examples=60, deadline=None)
def test_one_more_reference_never_lowers_clipped_precision_or_rouge(candidate, references, extra):
    before, after = (tally(count_ngrams([candidate], [some])) for some in (references, [*references, extra]))
    assert (after.found >= before.found).all()
    assert rouge_l(candidate, [*references, extra]) >= rouge_l(candidate, references) - 1e-12


@given(st.lists(st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=3)), min_size=1, max_size=6), st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_of_images_and_references_does_not_matter(corpus, rng):
    references = {i: [" ".join(each) for each in some] for i, (_, some) in enumerate(corpus)}
    candidates = {i: " ".join(candidate) for i, (candidate, _) in enumerate(corpus)}
    before = captions.score(references, candidates, metrics=FAST)
    order = list(references)
    rng.shuffle(order)
    shuffled = {i: rng.sample(references[i], len(references[i])) for i in order}
    after = captions.score(shuffled, candidates, metrics=FAST)
    assert list(after.values()) == pytest.approx(list(before.values()), abs=1e-9)
    assert all(math.isfinite(value) and value >= 0 for value in after.values())


def test_cider_of_one_image_is_zero():
    references, candidates = {1: ["a dog on grass", "the dog on grass"]}, {1: "a dog on grass"}
    assert captions.score(references, candidates, metrics="CIDEr") == {"CIDEr": 0.0}


def test_plain_cider_neither_clips_nor_minds_length():
    """Said twice, a caption keeps its direction, so the plain cosine keeps its value; CIDEr-D falls."""
    references = {1: ["red dog red dog red dog"], 2: ["blue cat"]}
    once, twice = {1: "red dog red dog red dog", 2: "x"}, {1: "red dog red dog red dog " * 4, 2: "x"}
    plain, strict = (
        [captions.score_each(references, each, metrics=["CIDEr"], cider=kind)[1]["CIDEr"] for each in (once, twice)]
        for kind in ("CIDEr", "CIDEr-D")
    )
    assert plain[1] > 0.98 * plain[0]
    assert strict[1] < 0.1 * strict[0]


def test_corpus_bleu_is_no_mean_of_sentences():
    case = REFERENCE["cases"][0]
    each = captions.score_each(case["references"], case["candidates"], metrics=["Bleu_4"])
    whole = captions.score(case["references"], case["candidates"], metrics=["Bleu_4"])["Bleu_4"]
    assert abs(whole - np.mean([scores["Bleu_4"] for scores in each.values()])) > 0.01


def test_asked_for_metrics_only():
    found = captions.score({1: ["a dog"], 2: ["a cat"]}, {1: "a dog", 2: "a dog"}, metrics=["ROUGE_L", "Bleu_2"])
    assert list(found) == ["Bleu_2", "ROUGE_L"]
    with pytest.raises(ValueError, match="SPICE is none of"):
        captions.score({1: ["a"]}, {1: "a"}, metrics=["SPICE"])
    with pytest.raises(ValueError, match="cider must be one of"):
        captions.score({1: ["a"]}, {1: "a"}, metrics=["CIDEr"], cider="D")
