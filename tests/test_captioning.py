"""Captioning: words and numbers, teacher forcing, the three decoders, training, and how captions are judged."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes.captioning import baselines, diversity, hallucination, kept, models, scoring, seeing, training
from synscenes.captioning.data import Gather, Pairs, Split, batches, read
from synscenes.captioning.features import Eye
from synscenes.captioning.models import Batch
from synscenes.captioning.vocabulary import END, PAD, SPECIAL, START, UNKNOWN, Vocabulary
from synscenes.coco import Folder
from synscenes.errors import CourseError
from synscenes.metrics.captions import score, tokenize

NAMES = ("show and tell", "attention", "transformer")
CAPTIONS = (
    ("A dog in a park.", "A brown dog sits.", "There is a dog."),
    ("Two cats on a bed.", "Two cats.", "There are two cats on a bed in a room."),
    ("A person rides a red bicycle.", "A person on a bicycle.", "A person in a park."),
)


@pytest.fixture(scope="module")
def split() -> Split:
    return Split((7, 3, 9), tuple(map(Path, "abc")), CAPTIONS)


@pytest.fixture(scope="module")
def vocabulary(split) -> Vocabulary:
    return Vocabulary.build(split.sentences, least=1)


@pytest.fixture(scope="module")
def features() -> torch.Tensor:
    return torch.randn(3, 5, 6, generator=torch.Generator().manual_seed(0)).half()


def decoder(name: str, vocabulary: Vocabulary, seed: int = 0, **options) -> models.Captioner:
    sizes = {"width": 16} | ({"heads": 2} if name == "transformer" else {}) | options
    return models.build(name, vocabulary, 6, seed, **sizes).eval()


# Words and numbers.

words_of_captions = st.lists(
    st.sampled_from(["a", "dog", "Cat", "two", "sits,", "it's", "<end>", "zebra", "🐶", "Ünïcode", "1/2"]), max_size=12
)


@given(words_of_captions)
def test_known_words_come_back(words):
    caption = " ".join(words)
    vocabulary = Vocabulary.build([caption, "a dog"], least=1)
    numbers = vocabulary.encode(caption)
    assert numbers[0] == START and numbers[-1] == END and END not in numbers[1:-1] and PAD not in numbers
    expected = ["<unk>" if word in SPECIAL else word for word in tokenize(caption)]
    assert vocabulary.decode(numbers) == " ".join(expected)
    assert Vocabulary.from_list(json.loads(json.dumps(vocabulary.as_list()))) == vocabulary


def test_rare_words_are_unknown(split):
    vocabulary = Vocabulary.build(split.sentences, least=3)
    assert vocabulary.words[4] == "a"
    assert all(sum(tokenize(c).count(w) for c in split.sentences) >= 3 for w in vocabulary.words[4:])
    assert vocabulary.encode("A zebra.") == [START, vocabulary.number("a"), UNKNOWN, END]
    assert vocabulary.unknown_share(["a zebra", "a a"]) == 0.25


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Vocabulary.build([], 1), "no word occurs 1 times"),
        (lambda: Vocabulary.build("a dog", 1), "one string: give a list"),
        (lambda: Vocabulary.build(["a dog", None], 1), "a caption must be a string"),
        (lambda: Vocabulary.build(["a"], 0), "least must be a whole number of at least 1, not 0"),
        (lambda: Vocabulary(("a", "b")), "a vocabulary begins with <pad>"),
        (lambda: Vocabulary((*SPECIAL, "a", "a")), "'a' is in it twice"),
        (lambda: Vocabulary((*SPECIAL, 3)), "word 4 is 3, not a word"),
        (lambda: Vocabulary.from_list("abc"), "a vocabulary is a list of words"),
        (lambda: Vocabulary((*SPECIAL, "a")).decode([1, 4, 5]), "5 is no word of this vocabulary of 5"),
        (lambda: Vocabulary((*SPECIAL, "a")).decode([-1]), "-1 is no word"),
        (lambda: Vocabulary((*SPECIAL, "a")).unknown_share(["", "..."]), "no words"),
    ],
)
def test_bad_vocabularies_are_one_clear_line(make, message):
    with pytest.raises(CourseError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


# Images with captions.


def captions_file(root: Path, annotations: list[dict], images: list[dict] | None = None) -> Folder:
    (root / "annotations").mkdir(parents=True)
    (root / "val2017").mkdir()
    images = (
        images if images is not None else [{"id": i, "file_name": f"{i}.jpg", "width": 8, "height": 8} for i in (1, 2)]
    )
    for image in images:
        Image.new("RGB", (8, 8)).save(root / "val2017" / image["file_name"])
    content = {"images": images, "annotations": annotations}
    (root / "annotations" / "captions_val2017.json").write_text(json.dumps(content))
    return Folder(root)


def test_read_keeps_images_with_enough_captions(tmp_path):
    notes = [{"id": n, "image_id": 2, "caption": f"caption {n}."} for n in range(6)]
    notes += [{"id": 10, "image_id": 1, "caption": "alone"}]
    folder = captions_file(tmp_path, notes)
    found = read(folder, "val")
    assert found.ids == (2,) and len(found.captions[0]) == 5 and found.paths[0].name == "2.jpg"
    assert read(folder, "val", each=1).ids == (1, 2) and read(folder, "val", most=1, each=1).ids == (1,)
    assert found.references == {2: [f"caption {n}." for n in range(5)]}


def test_read_says_what_is_missing(tmp_path):
    folder = captions_file(tmp_path, [{"id": 1, "image_id": 5, "caption": "x"}])
    with pytest.raises(CourseError, match="no image has 5 captions"):
        read(folder, "val")
    with pytest.raises(CourseError, match="image 5 has captions and no entry"):
        read(folder, "val", each=1)
    with pytest.raises(CourseError, match=r"No annotations/captions_train2017\.json"):
        read(folder, "train")
    (tmp_path / "val2017" / "1.jpg").unlink()
    with pytest.raises(CourseError, match=r"No val2017/1.jpg"):
        read(captions_with(tmp_path, {"id": 1, "image_id": 1, "caption": "x"}), "val", each=1)


def captions_with(root: Path, *notes: dict) -> Folder:
    path = root / "annotations" / "captions_val2017.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"annotations": list(notes)}))
    return Folder(root)


# Teacher forcing.


def test_inputs_and_targets_are_one_sequence_shifted(split, vocabulary, features):
    pairs = Pairs(split, vocabulary)
    assert len(pairs) == 9
    inputs, targets = pairs[4]  # "Two cats."
    words = vocabulary.encode("Two cats.")
    assert inputs[0] == 1 and inputs[1:5].tolist() == [*words[:3], END] and targets[:4].tolist() == [*words[1:], PAD]
    batch = Gather(features)(torch.stack([pairs[i][0] for i in (0, 4)]))
    assert batch.features.shape == (2, 5, 6) and batch.features.dtype == torch.float32
    assert torch.equal(batch.features[1], features[1].float())
    assert batch.words.shape[1] == 7 and len(batch[:1]) == 1  # <start> a dog in a park <end>: cut to the longest here
    short = Pairs(split, vocabulary, most=3)
    assert short.words.shape[1] == 4 and short.words[0].tolist() == vocabulary.encode("A dog in a park.")[:4]


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_equals_a_loop_by_hand(name, split, vocabulary, features):
    pairs, module = Pairs(split, vocabulary), decoder(name, vocabulary)
    total = words = 0
    for row, some in enumerate(split.captions):
        for caption in some:
            numbers = vocabulary.encode(caption)
            for place in range(1, len(numbers)):
                so_far = torch.tensor([numbers[:place]])
                with torch.no_grad():
                    chances = module.logits(features[row : row + 1].float(), so_far)[0, -1].softmax(dim=0)
                total -= math.log(chances[numbers[place]])
                words += 1
    assert training.mean_loss(module, pairs, features) == pytest.approx(total / words, rel=1e-5)
    inputs, targets = batches(pairs, 100)[0]
    with torch.no_grad():
        loss, right = training.NextWord()(module, Gather(features)(inputs), targets)
    assert float(loss) == pytest.approx(total / words, rel=1e-5) and 0 <= float(right) <= len(pairs)


# The decoders.


@pytest.mark.parametrize("name", NAMES)
def test_word_by_word_equals_all_at_once(name, vocabulary, features):
    module = decoder(name, vocabulary)
    words = torch.tensor([[START, 4, 5, 6, 7], [START, 9, 4, 8, 5], [START, 6, 6, 4, 4]])
    with torch.no_grad():
        at_once = module.logits(features.float(), words)
        state, found = module.start(features.float()), []
        for column in words.T:
            logits, state, look = module.step(state, column)
            found.append(logits)
            assert all(len(values) == 3 for values in state.values())
            if name == "show and tell":
                assert look is None
            else:
                assert look.shape == (3, 5) and bool((look >= 0).all())
                assert torch.allclose(look.sum(dim=1), torch.ones(3))
    assert torch.allclose(at_once, torch.stack(found, dim=1), atol=1e-5)
    assert at_once.shape == (3, 5, len(vocabulary))
    with torch.no_grad():
        assert torch.allclose(at_once, module(Batch(features.float(), words)), atol=1e-6)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(NAMES), st.integers(1, 7), st.integers(0, 1000))
def test_a_later_word_never_changes_an_earlier_answer(name, place, seed):
    vocabulary = Vocabulary((*SPECIAL, *"abcdefgh"))
    rng = np.random.default_rng(seed)
    module = decoder(name, vocabulary, seed)
    features = torch.from_numpy(rng.normal(size=(2, 5, 6)).astype(np.float32))
    words = torch.from_numpy(rng.integers(4, 12, (2, 8)))
    changed = words.clone()
    changed[:, place] = 4 + (changed[:, place] - 3) % 8
    with torch.no_grad():
        before, after = (module.logits(features, each) for each in (words, changed))
    assert torch.allclose(before[:, :place], after[:, :place], atol=1e-6)
    assert not torch.allclose(before[:, place], after[:, place], atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_image_matters_and_rows_do_not_mix(name, vocabulary, features):
    module = decoder(name, vocabulary)
    words = torch.tensor([[START, 4, 5]] * 3)
    with torch.no_grad():
        answers = module.logits(features.float(), words)
        alone = module.logits(features[1:2].float(), words[:1])
    assert not torch.allclose(answers[0], answers[1], atol=1e-4)
    assert torch.allclose(answers[1], alone[0], atol=1e-5)


def test_our_attention_equals_torchs():
    from synscenes.captioning.transformer import MultiHeadAttention

    torch.manual_seed(0)
    ours, theirs = MultiHeadAttention(16, 4), torch.nn.MultiheadAttention(16, 4, batch_first=True)
    with torch.no_grad():
        for name in ("weight", "bias"):
            parts = [getattr(layer, name) for layer in (ours.query, ours.key, ours.value)]
            getattr(theirs, f"in_proj_{name}").copy_(torch.cat(parts))
            getattr(theirs.out_proj, name).copy_(getattr(ours.join, name))
        x = torch.randn(2, 6, 16)
        mask = torch.ones(6, 6, dtype=torch.bool).triu(1)
        found, weights = ours(x, x, mask)
        expected, mean = theirs(x, x, x, attn_mask=mask)
    assert torch.allclose(found, expected, atol=1e-6) and torch.allclose(weights.mean(dim=1), mean, atol=1e-6)


def test_soft_attention_is_a_weighted_mean():
    from synscenes.captioning.attention import SoftAttention

    torch.manual_seed(0)
    module, cells, hidden = SoftAttention(4, 6, 8), torch.randn(2, 5, 4), torch.randn(2, 6)
    with torch.no_grad():
        seen, weights = module(module.cell(cells), cells, hidden)
    for row in range(2):
        by_hand = sum(float(weights[row, k]) * cells[row, k] for k in range(5))
        assert torch.allclose(seen[row], by_hand, atol=1e-6)
    assert torch.allclose(weights.sum(dim=1), torch.ones(2))


def test_unknown_decoders_and_endless_captions_are_refused(vocabulary, features):
    with pytest.raises(CourseError, match="no decoder is called 'lstm': choose one of show and tell, attention"):
        models.build("lstm", vocabulary, 6)
    with pytest.raises(CourseError, match="65 words are more than this transformer's 64 places"):
        decoder("transformer", vocabulary).logits(features.float(), torch.full((3, 65), 4))


# Training.


@pytest.mark.parametrize("name", NAMES)
def test_a_decoder_learns_three_captions_by_heart(name, vocabulary, features):
    from synscenes.captioning import decoding

    one_each = Split((7, 3, 9), tuple(map(Path, "abc")), tuple(some[-1:] for some in CAPTIONS))
    pairs = Pairs(one_each, vocabulary)
    options = {"width": 32, "dropout": 0.0} | ({"heads": 2} if name == "transformer" else {})
    fitted = training.train(
        name, pairs, features, epochs=50, rate=2e-2, batch_size=3, smoothing=0.0, progress=False, **options
    )
    assert fitted.rows[-1]["loss"] < 0.1 < fitted.rows[0]["loss"]
    said = [vocabulary.decode(each.words) for each in decoding.greedy(fitted.module, features.float())]
    assert said == [" ".join(tokenize(some[0])) for some in one_each.captions]


def test_training_goes_on_where_it_stopped(tmp_path, split, vocabulary, features):
    pairs = Pairs(split, vocabulary)
    settings_ = {"epochs": 4, "rate": 1e-2, "batch_size": 4, "progress": False, "width": 16}
    whole = training.train("attention", pairs, features, **settings_)
    stop = _stop_after(2)
    with pytest.raises(KeyboardInterrupt):
        training.train("attention", stop(pairs), features, folder=tmp_path, **settings_)
    again = training.train("attention", pairs, features, folder=tmp_path, resume=True, **settings_)
    assert [row["loss"] for row in again.rows] == [row["loss"] for row in whole.rows]
    for name, values in whole.module.state_dict().items():
        assert torch.equal(values, again.module.state_dict()[name]), name
    with pytest.raises(CourseError, match="other settings"):
        training.train("attention", pairs, features, folder=tmp_path, resume=True, **settings_ | {"rate": 2e-2})
    with pytest.raises(CourseError, match="another network"):
        training.train("show and tell", pairs, features, folder=tmp_path, resume=True, **settings_)


def _stop_after(epochs: int):
    """Pairs that interrupt the training when the given number of epochs has been read."""

    def wrap(pairs: Pairs) -> Pairs:
        class Interrupted(Pairs):
            read = 0

            def __getitem__(self, index):
                type(self).read += 1
                if type(self).read > epochs * 8 + 3:  # 9 captions in batches of 4: one is left out of each epoch
                    raise KeyboardInterrupt
                return super().__getitem__(index)

        stopping = Interrupted.__new__(Interrupted)
        stopping.__dict__.update(pairs.__dict__)
        return stopping

    return wrap


def test_training_refuses_features_of_other_images(split, vocabulary, features):
    with pytest.raises(CourseError, match="the captions speak of image 3, and there are features of 2"):
        training.train("show and tell", Pairs(split, vocabulary), features[:2], epochs=1)


def test_a_kept_decoder_is_read_and_every_change_makes_a_new_one(tmp_path, monkeypatch, split, vocabulary, features):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    how = {"epochs": 2, "batch_size": 4, "width": 16, "progress": False}
    first = kept.decoder("attention", Pairs(split, vocabulary), features, 0, **how)
    calls = []
    monkeypatch.setattr(training.NextWord, "__call__", lambda *given, **named: calls.append(1) or 1 / 0)
    again = kept.decoder("attention", Pairs(split, vocabulary), features, 0, **how)
    assert not calls
    assert all(torch.equal(value, again.state_dict()[key]) for key, value in first.state_dict().items())
    other = features.clone()
    other[0, 0, 0] += 1
    changes = ((1, features, {}), (0, other, {}), (0, features, {"epochs": 3}), (0, features, {"width": 8}))
    for seed, some, changed in changes:
        with pytest.raises(ZeroDivisionError):
            kept.decoder("attention", Pairs(split, vocabulary), some, seed, **how | changed)
    with pytest.raises(ZeroDivisionError):
        kept.decoder("attention", Pairs(split, vocabulary), features, 0, keep=False, **how)


# Features.


class _Maps:
    """Stands in for the backbone: each image's maps follow from its mean colour."""

    def __call__(self, batch):
        mean = batch.mean(dim=(2, 3))
        wide = (
            torch.linspace(0, 1, 1280)[None, :, None, None] * mean[:, :1, None, None] * torch.arange(80.0).view(8, 10)
        )
        return {
            32: wide,
            16: torch.linspace(1, 2, 576)[None, :, None, None] * mean[:, 1:2, None, None].expand(-1, 1, 15, 20),
        }


def test_the_eye_squeezes_cells_and_keeps_order(tmp_path, monkeypatch):
    from synscenes.captioning import features as module

    monkeypatch.setattr(module, "backbone", lambda device: None)
    maps = _Maps()
    monkeypatch.setattr(module, "maps_of", lambda layers, batch: maps(batch))
    rng = np.random.default_rng(0)
    paths = []
    for place in range(5):
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        paths.append(tmp_path / f"{place}.png")
        Image.new("RGB", (64, 48), colour).save(paths[-1])
    eye = Eye(grid=(8, 10))
    with pytest.raises(CourseError, match="call fit"):
        eye.see(paths)
    with pytest.raises(CourseError, match="too few for 500 directions"):
        eye.fit(paths, kept=500)
    seen = eye.fit(paths, kept=8).see(paths)
    assert seen.shape == (5, 80, 8) and seen.dtype == torch.float16 and eye.kept_share > 0.99
    assert torch.allclose(eye.see(paths[3:4]).float(), seen[3:4].float(), atol=0.02)
    images = [Image.open(path) for path in paths[2:4]]
    assert torch.allclose(eye.see_images(images).float(), seen[2:4].float(), atol=0.02)
    eye.grid = (4, 5)
    halved = seen.float().view(5, 4, 2, 5, 2, 8).mean(dim=(2, 4)).flatten(1, 2)
    assert torch.allclose(eye.see(paths).float(), halved, atol=0.03, rtol=5e-3)  # halves of 10 bits
    assert torch.allclose(eye.directions.T @ eye.directions, torch.eye(8), atol=1e-4)
    with pytest.raises(CourseError, match="no images to look at"):
        eye.see([])
    _kept_features(tmp_path, monkeypatch, paths)


def _kept_features(root: Path, monkeypatch, paths: list[Path]) -> None:
    """They are written once, read afterwards, and computed anew where the file is damaged or an image another."""
    monkeypatch.setenv("SYNSCENES_HOME", str(root / "home"))
    first = kept.look(paths[:4], paths[4:], 4, 8)
    computed = []
    real = Eye.see
    monkeypatch.setattr(Eye, "see", lambda self, some: computed.append(len(some)) or real(self, some))
    eye, features, val_features = kept.look(paths[:4], paths[4:], 4, 8)
    assert not computed and torch.equal(features, first[1]) and torch.equal(val_features, first[2])
    assert torch.equal(eye.see(paths[:1]), features[:1]) and eye.kept_share == first[0].kept_share
    (file,) = (root / "home" / "captioning").iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    assert torch.equal(kept.look(paths[:4], paths[4:], 4, 8)[1], features)
    computed.clear()
    kept.look(paths[:3], paths[4:], 3, 8)
    kept.look(paths[:4], paths[4:], 4, 8, keep=False)
    assert computed == [3, 1, 4, 1]


# Baselines and scores.


def test_most_frequent_ignores_capitals_and_full_stops():
    captions = (("A dog.", "a dog", "A cat."), ("A cat", "Birds.", "a dog."))
    assert baselines.most_frequent(Split((1, 2), (Path("x"), Path("y")), captions)) == "a dog"


def test_nearest_neighbours_and_their_consensus(split):
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.7, 0.7]])
    assert baselines.neighbours(vectors, np.array([[2.0, 0.1], [0.1, 5.0]]), 2).tolist() == [[0, 2], [1, 2]]
    assert baselines.consensus(["a dog in a park", "a dog in the park", "birds"]) in (
        "a dog in a park",
        "a dog in the park",
    )
    assert baselines.nearest(split, vectors, np.array([[0.0, 3.0]]), 1) == ["two cats on a bed"]
    with pytest.raises(CourseError, match="between 1 and the 3 training images, not 4"):
        baselines.neighbours(vectors, vectors, 4)
    with pytest.raises(CourseError, match="no caption"):
        baselines.consensus([])


def test_leaving_one_out_is_the_mean_of_scores_with_fewer_references():
    references = {
        1: ["a dog runs in a park", "a brown dog", "the dog"],
        2: ["two cats on a bed", "cats", "two grey cats"],
    }
    said = {1: "a dog", 2: "two cats"}
    by_hand = []
    for out in range(3):
        rest = {i: [t for k, t in enumerate(texts) if k != out] for i, texts in references.items()}
        by_hand.append(score(rest, said, metrics=["CIDEr"])["CIDEr"])
    assert scoring.leave_one_out(references, said)["CIDEr"] == pytest.approx(np.mean(by_hand))
    people = scoring.leave_one_out(references, metrics=["Bleu_1"])
    first = score({1: references[1][1:], 2: references[2][1:]}, {i: t[0] for i, t in references.items()})["Bleu_1"]
    assert list(people) == ["Bleu_1"] and people["Bleu_1"] != first
    with pytest.raises(CourseError, match=r"same number of captions, at least 2; here it is \[1, 3\]"):
        scoring.leave_one_out({1: ["a"], 2: ["a", "b", "c"]})


def test_variety():
    found = diversity.variety(["A dog.", "a dog", "two cats sit", "a bird"], known=["A dog", "a bird!"])
    assert found == {"different": 0.75, "new": 0.25, "words": 6, "length": 2.25}
    assert diversity.distinct(["a dog sits", "a dog runs"], 2) == 0.75
    assert diversity.distinct(["a dog", "a dog"], 1) == 0.5
    with pytest.raises(CourseError):
        diversity.variety([])
    with pytest.raises(CourseError, match="no 2 words in a row"):
        diversity.distinct(["dog"], 2)


# Things said that are not there.

SCENE = {
    "image_id": 1,
    "objects": [
        {
            "annotation_id": 1,
            "category": "person",
            "count": 1,
            "color": None,
            "depth": 5.0,
            "attributes": {"top": "red"},
        },
        {"annotation_id": 2, "category": "dog", "count": 1, "color": "black", "depth": 4.0, "attributes": {}},
        {"annotation_id": 3, "category": "dog", "count": 1, "color": "white", "depth": 4.0, "attributes": {}},
    ],
    "relations": [],
}


def test_chair_counts_what_is_not_there():
    things = {1: {"person", "dog"}, 2: {"cat"}}
    said = {1: "A person in a red shirt with two dogs and a cat.", 2: "A cat."}
    assert hallucination.named(said[1]) == ["person", "dog", "cat"]
    assert hallucination.chair(said, things) == {"CHAIRi": 0.25, "CHAIRs": 0.5, "mentions": 2.0}
    assert hallucination.imagined(said, things) == {"cat": 1}
    assert hallucination.chair({2: "a couch and a bed"}, things) == {"CHAIRi": 1.0, "CHAIRs": 1.0, "mentions": 2.0}
    with pytest.raises(CourseError, match="image 5 has a caption, but nobody knows"):
        hallucination.chair({5: "a dog"}, things)
    with pytest.raises(CourseError, match="mention no category"):
        hallucination.chair({1: "hello"}, things)


def test_claims_are_checked_by_kind():
    said = {1: "A person in a red shirt and three black dogs, with a cat."}
    found = hallucination.true_claims(said, {1: SCENE})
    assert found == {"object": (2, 3), "count": (0, 1), "colour": (2, 2), "relation": (0, 0)}


def test_the_gain_of_the_right_image(split, vocabulary, features):
    pairs, module = Pairs(split, vocabulary), decoder("attention", vocabulary)
    gain = seeing.image_gain(module, pairs, features)
    assert gain.own.mean() == pytest.approx(training.mean_loss(module, pairs, features), rel=1e-5)
    rolled = torch.stack([features[2], features[0], features[1]])  # of three images: the one before
    assert gain.other.mean() == pytest.approx(training.mean_loss(module, pairs, rolled), rel=1e-5)
    found = gain.by_word(least=3)
    dog = vocabulary.number("dog")
    by_hand = (gain.other - gain.own)[gain.numbers == dog]
    assert found[dog] == (pytest.approx(by_hand.mean()), 3) and vocabulary.number("bed") not in found
    assert list(found.values()) == sorted(found.values(), key=lambda each: -each[0])
    with pytest.raises(CourseError, match="two images"):
        seeing.image_gain(module, pairs, features[:1])


def test_scene_graphs_and_annotated_things_are_read(tmp_path):
    folder = captions_file(tmp_path, [])
    assert hallucination.scenes(folder, "val") is None
    path = tmp_path / "annotations" / "scenes_val2017.json"
    path.write_text(json.dumps({"scenes": [SCENE]}))
    assert hallucination.scenes(folder, "val") == {1: SCENE}
    path.write_text("{")
    with pytest.raises(CourseError, match=r"scenes_val2017.json can't be used"):
        hallucination.scenes(folder, "val")
    box = {"bbox": [0, 0, 2, 2], "area": 4, "iscrowd": 0, "segmentation": [[0, 0, 2, 0, 2, 2]]}
    content = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 8, "height": 8}],
        "categories": [{"id": 18, "name": "dog", "supercategory": "animal"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 18, **box}],
    }
    (tmp_path / "annotations" / "instances_val2017.json").write_text(json.dumps(content))
    assert hallucination.things_in(folder, "val", [1, 2]) == {1: {"dog"}, 2: set()}


def test_photographs_know_their_category(monkeypatch):
    from synscenes import imagenet, wordnet
    from synscenes.captioning.photos import photos

    shots = [imagenet.Photo(Path("x"), label, "x") for label in (243, 404, 670, 438)]
    for shot in shots:
        shot.__dict__["image"] = Image.new("RGB", (4, 4))
    monkeypatch.setattr(imagenet, "photos", lambda: shots)
    wordnet.load()
    assert [(each.label, each.category) for each in photos()] == [
        ("bull mastiff", "dog"), ("airliner", "airplane"), ("motor scooter", "motorcycle"), ("beaker", None),
    ]  # fmt: skip
