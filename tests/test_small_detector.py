"""The small one-stage detector: its data, its targets, its losses, and that it learns what can be learned."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torchvision import ops

from synscenes.detection import BACKGROUND, IGNORED, iou, small
from synscenes.detection.small import context, examples, loss, mistakes, network
from synscenes.errors import CourseError
from synscenes.metrics.detection import evaluate

SIZE = (64, 96)


def _make(root, count=12, seed=0, size=(96, 64)):
    """Red discs (id 3) and blue squares (id 7) on grey: an instances document, and its images below ``root``."""
    rng = np.random.default_rng(seed)
    images, notes = [], []
    for index in range(1, count + 1):
        picture = Image.new("RGB", size, (128, 128, 128))
        draw = ImageDraw.Draw(picture)
        for category, left in ((3, 0), (7, size[0] // 2)):
            side = int(rng.integers(18, 32))
            x, y = left + int(rng.integers(1, 12)), int(rng.integers(1, size[1] - side - 1))
            shape = draw.ellipse if category == 3 else draw.rectangle
            shape([x, y, x + side, y + side], fill=(200, 20, 20) if category == 3 else (20, 40, 200))
            note = {"id": len(notes) + 1, "image_id": index, "category_id": category, "iscrowd": 0}
            notes.append({**note, "bbox": [x, y, side, side], "area": side * side})
        picture.save(root / f"{index}.png")
        images.append({"id": index, "file_name": f"{index}.png", "width": size[0], "height": size[1]})
    categories = [{"id": 7, "name": "square"}, {"id": 3, "name": "disc"}]
    return {"images": images, "annotations": notes, "categories": categories}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("shapes")


@pytest.fixture(scope="module")
def document(root):
    return _make(root)


@pytest.fixture(scope="module")
def data(document, root):
    return small.prepare(document, root, size=SIZE, progress=False)


@pytest.fixture(scope="module")
def trained(data):
    return small.train(data, epochs=40, seed=0, batch_size=4, progress=False)


def test_it_learns_discs_and_squares(trained, data):
    result = evaluate(data.ground_truth(), small.detect(trained.detector, data))
    assert result.stats["AP50"] > 0.9


def test_both_losses_fall(trained):
    log = trained.log
    assert log.columns.tolist() == ["step", "epoch", "classes", "boxes", "rate"] and len(log) == 40 * 3
    assert log.classes[-9:].mean() < 0.2 * log.classes[:9].mean() and log.boxes[-9:].mean() < log.boxes[:9].mean()


def test_kept_features_and_the_image_itself_give_the_same(trained, data, root):
    image = Image.open(root / "1.png")
    direct = trained.detector.detect(image, 0.05)
    kept = [entry for entry in small.detect(trained.detector, data, 0.05) if entry["image_id"] == 1]
    assert [item.category_id for item in direct] == [entry["category_id"] for entry in kept]
    np.testing.assert_allclose([item.xywh for item in direct], [entry["bbox"] for entry in kept], atol=0.1)


def test_categories_are_the_files(trained):
    assert trained.detector.category_ids == [3, 7] and trained.detector.categories == ["disc", "square"]


def test_the_same_seed_gives_the_same_detector(data):
    one, same, other = (small.train(data, epochs=1, seed=seed, progress=False).log for seed in (1, 1, 2))
    assert one.equals(same) and not one.equals(other)


def test_the_backbone_does_not_change(trained, data):
    fresh = small.Backbone()
    for ours, theirs in zip(data.backbone.parameters(), fresh.parameters()):
        assert torch.equal(ours, theirs) and not ours.requires_grad
    assert not any(module.training for module in data.backbone.modules())


def test_a_larger_photograph_is_letterboxed_and_its_boxes_come_back(trained, root):
    tall = Image.new("RGB", (96, 256), (128, 128, 128))
    tall.paste(Image.open(root / "2.png"), (0, 96))
    for item in trained.detector.detect(tall.resize((192, 512)), 0.05):
        assert 0 <= item.xyxy[0] <= item.xyxy[2] <= 192 and 0 <= item.xyxy[1] <= item.xyxy[3] <= 512


def test_read_places_boxes_and_orders_categories(document, root):
    found, ids, names = examples.read(document, root, (128, 192))
    assert (ids, names) == ([3, 7], ["disc", "square"])
    x, y, width, height = document["annotations"][0]["bbox"]
    np.testing.assert_allclose(found[0].boxes[0], [2 * x, 2 * y, 2 * (x + width), 2 * (y + height)])
    assert found[0].labels.tolist() == [0, 1]


def test_read_takes_a_file_and_a_limit(document, root, tmp_path):
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(document))
    assert len(examples.read(path, root, SIZE, limit=5)[0]) == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": []}, "no images or no categories"),
        ({"annotations": [{"id": 5, "image_id": 99, "category_id": 3}]}, "Annotation 5 has image_id 99"),
        ({"annotations": [{"id": 6, "image_id": 1, "category_id": 4}]}, "category_id 4"),
    ],
)
def test_damaged_documents(document, root, change, message):
    with pytest.raises(CourseError, match=message):
        examples.read({**document, **change}, root, SIZE)


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(CourseError, match="No annotations at"):
        examples.parsed(tmp_path / "none.json")
    (tmp_path / "half.json").write_text('{"images": [')
    with pytest.raises(CourseError, match="isn't JSON"):
        examples.parsed(tmp_path / "half.json")


def test_mirrored_boxes_and_pixels_agree(document, root):
    found, *_ = examples.read(document, root, SIZE)
    (mirror,) = examples.mirrored(found[:1], SIZE[1])
    pixels = small.backbone.pixels_of(mirror, SIZE)
    for (left, top, right, bottom), label in zip(mirror.boxes.round().astype(int), mirror.labels):
        middle = pixels[:, (top + bottom) // 2, (left + right) // 2]
        assert middle.argmax() == (0 if label == 0 else 2)  # discs are red, squares are blue
    np.testing.assert_allclose(examples.mirrored([mirror], SIZE[1])[0].boxes, found[0].boxes)


def test_the_heads_rows_are_the_anchors():
    head, anchors = network.Head(5, width=16, depth=1), network.all_anchors(SIZE)
    maps = small.Backbone(None)(torch.zeros(2, 3, *SIZE))
    scores, moves = head(maps)
    assert scores.shape == (2, len(anchors), 5) and moves.shape == (2, len(anchors), 4)
    assert scores.sigmoid().max() < 0.05  # it begins by seeing nothing anywhere


def test_no_move_is_the_anchor_itself():
    anchors = torch.tensor([[0.0, 0.0, 10.0, 20.0]])
    torch.testing.assert_close(network.boxes_from(torch.zeros(1, 4), anchors), anchors)
    moved = network.boxes_from(torch.tensor([[0.5, 0.0, np.log(2), 0.0]]).float(), anchors)
    torch.testing.assert_close(moved, torch.tensor([[0.0, 0.0, 20.0, 20.0]]))


def test_focal_loss_is_torchvisions():
    logits = torch.randn(50, 7, generator=torch.Generator().manual_seed(0)) * 4
    wanted = (torch.arange(350).view(50, 7) % 3 == 0).float()
    torch.testing.assert_close(loss.focal_loss(logits, wanted), ops.sigmoid_focal_loss(logits, wanted))


def test_the_fast_sum_is_the_sum_of_the_focal_loss():
    rng = np.random.default_rng(0)
    logits = torch.from_numpy(rng.normal(size=(3, 20, 6)) * 4)
    labels = torch.from_numpy(rng.integers(-2, 6, (3, 20)))
    wanted = torch.nn.functional.one_hot(labels.clamp(min=0), 6) * (labels >= 0)[..., None]
    slow = (loss.focal_loss(logits, wanted.double()) * (labels != IGNORED)[..., None]).sum()
    torch.testing.assert_close(loss.summed_focal_loss(logits, labels), slow)


def test_perfect_answers_cost_nothing():
    anchors = torch.tensor([[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0], [40.0, 0.0, 50.0, 10.0]])
    labels = torch.tensor([[1, BACKGROUND, IGNORED]])
    logits = torch.full((1, 3, 2), -30.0)
    logits[0, 0, 1] = 30.0
    logits[0, 2] = 30.0  # ignored: whatever it says
    classes, boxes = loss.losses(logits, torch.zeros(1, 3, 4), anchors, labels, anchors[None])
    assert classes < 1e-6 and boxes.abs() < 1e-5


def test_a_batch_without_objects_has_a_loss():
    labels = torch.full((1, 3), BACKGROUND)
    anchors = torch.tensor([[0.0, 0.0, 10.0, 10.0]] * 3)
    classes, boxes = loss.losses(torch.zeros(1, 3, 2), torch.zeros(1, 3, 4), anchors, labels, torch.zeros(1, 3, 4))
    assert classes > 0 and boxes == 0


def test_targets_ignore_crowds(document, root):
    (example, *_), *_ = examples.read(document, root, SIZE, limit=1)
    anchors = network.all_anchors(SIZE)
    crowd = examples.Example(1, example.path, np.array([[0.0, 0.0, 96.0, 64.0]]), np.array([-1]), example.placement)
    found = loss.targets(crowd, anchors, 0.5, 0.4)
    inside = (anchors[:, :2] >= 0).all(axis=1) & (anchors[:, 2] <= 96) & (anchors[:, 3] <= 64)
    assert (found[inside] == IGNORED).all() and not (found >= 0).any()


def test_targets_skip_a_crowd_that_stands_before_the_objects(document, root):
    (example, *_), *_ = examples.read(document, root, SIZE, limit=1)
    boxes = np.concatenate([[[90.0, 60.0, 95.0, 63.0]], example.boxes])
    with_crowd = examples.Example(1, example.path, boxes, np.array([-1, 0, 1]), example.placement)
    anchors = network.all_anchors(SIZE)
    found, plain = (loss.targets(each, anchors, 0.5, 0.4) for each in (with_crowd, example))
    assert ((found >= 0) == (plain >= 0)).all() and (found[found >= 0] == plain[plain >= 0] + 1).all()
    assert iou(anchors[found == 1], boxes[[1]]).min() > 0


def test_an_image_without_objects_is_all_background(document, root):
    empty = {**document, "annotations": []}
    data = small.prepare(empty, root, size=SIZE, limit=2, progress=False)
    assert (data.matches == BACKGROUND).all()
    assert np.isfinite(small.train(data, epochs=1, progress=False).log.classes).all()


def test_any_number_of_steps_can_be_trained(data):
    """Ten, too: there torch's schedule with a rise of a tenth divides by zero."""
    assert len(small.train(data, epochs=10, batch_size=len(data.examples), progress=False).log) == 10


def test_no_epochs(data):
    with pytest.raises(ValueError, match="epochs must be at least 1"):
        small.train(data, epochs=0)


def test_mistakes_are_named(data):
    truth = data.ground_truth()
    notes = [note for note in truth["annotations"] if note["image_id"] in (1, 2)]

    def said(note, category=None, shift=0, score=0.9):
        x, y, width, height = note["bbox"]
        place = {"image_id": note["image_id"], "bbox": [x + shift, y, width, height], "score": score}
        return {**place, "category_id": category or note["category_id"]}

    results = [
        said(notes[0]),
        said(notes[0], score=0.8),  # double
        said(notes[1], category=3),  # wrong name
        said(notes[2], shift=notes[2]["bbox"][2] * 0.6),  # loose
        {"image_id": 2, "category_id": 7, "bbox": [0, 0, 3, 3], "score": 0.7},  # background
    ]
    found = mistakes.count(evaluate(truth, results), data)
    missed = len(truth["annotations"]) - 1
    assert found == {"wrong name": 1, "loose": 1, "double": 1, "background": 1, "missed": missed}
    shown = mistakes.gallery(evaluate(truth, results), data, each=1)
    assert [title.split(":")[0] for *_, title in shown] == list(mistakes.KINDS)


def test_the_first_examples_are_the_first_prepared(data, document, root):
    few, again = data.first(3), small.prepare(document, root, size=SIZE, limit=3, progress=False)
    assert [each.image_id for each in few.examples] == [each.image_id for each in again.examples] == [1, 2, 3]
    assert (few.matches == again.matches).all() and few.maps[0].shape == again.maps[0].shape
    assert len(data.ground_truth(3)["images"]) == 3 and len(few.ground_truth()["annotations"]) == 6


def test_worlds_are_crossed(data):
    empty = {**data.annotations, "annotations": []}
    blank = small.prepare(empty, data.examples[0].path.parent, size=SIZE, progress=False)
    options = {"epochs": 12, "batch_size": 4, "progress": False}
    table = context.cross({"shapes": (data, data), "nothing": (blank, data)}, [0, 1], **options)
    assert table.shape == (2, 2, 2)
    assert (table[0, 0] == table[0, 1]).all() and (table[0] > 0.1).all() and (table[1] < 0.05).all()
