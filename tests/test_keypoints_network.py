"""The small network: shapes, learning, mirrors, repeatability. Its backbone has random weights here."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import keypoint_toys as toys
from synscenes.keypoints import crops as cropping
from synscenes.keypoints.flips import flip_joints, flip_maps
from synscenes.keypoints.heatmaps import encode
from synscenes.keypoints.joints import PARTNER
from synscenes.keypoints.network import Backbone, Head, features, predict
from synscenes.keypoints.oks import person_oks
from synscenes.keypoints.people import read
from synscenes.keypoints.training import Bank, heatmaps, make_bank, to_joints, train


@pytest.fixture(scope="module")
def backbone():
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    return Backbone(mobilenet_v2(weights=None))


@pytest.fixture(scope="module")
def bank(backbone, tmp_path_factory):
    rng = np.random.default_rng(0)
    joints = toys.joints(rng, 8, missing=0)
    records = [toys.record(each, place + 1) for place, each in enumerate(joints)]
    people = read(toys.write(tmp_path_factory.mktemp("toys") / "a.json", toys.document(records)))
    crops = rng.integers(0, 255, (8, 128, 96, 3), dtype=np.uint8)
    return make_bank(backbone, crops, cropping.frames(people.boxes), people), people


def test_the_head_draws_17_maps_a_quarter_as_large(bank):
    maps = predict(Head(), bank[0].plain, batch_size=3)
    assert maps.shape == (8, 17, 32, 24) and maps.dtype == np.float32


def test_the_backbone_never_learns_nor_changes_mode(backbone):
    assert not backbone.train().training
    assert not any(values.requires_grad for values in backbone.parameters())
    before = backbone.layers[0][1].running_mean.clone()
    features(backbone, np.zeros((2, 128, 96, 3), np.uint8))
    torch.testing.assert_close(backbone.layers[0][1].running_mean, before)


@pytest.fixture(scope="module")
def easy():
    """A bank whose finest features say where the joints are, and the persons: what is left is which is which."""
    rng = np.random.default_rng(5)
    joints = np.concatenate([rng.uniform(6, 42, (48, 17, 2)), np.full((48, 17, 1), 2.0)], axis=-1)

    def shown(each):
        fine = np.concatenate([encode(each[..., :2] / 4, (12, 12)), np.zeros((48, 7, 12, 12))], axis=1)
        return [torch.tensor(fine).half(), torch.zeros(48, 32, 6, 6).half(), torch.zeros(48, 96, 3, 3).half()]

    mirrored = flip_joints(joints, 48)
    return Bank(shown(joints), shown(mirrored), joints, mirrored, np.tile([0.0, 0, 48, 48], (48, 1)), (48, 48))


@pytest.fixture(scope="module")
def learnt(easy):
    return train(easy, 15, seed=0, batch_size=16, rate=1e-2)


def similarity(maps, easy):
    found = to_joints(maps, easy.frames, easy.size, "taylor")
    return person_oks(found, easy.joints, np.full(48, 3000.0)).mean()


def test_training_learns_and_repeats_itself(easy, learnt):
    assert similarity(heatmaps(learnt, easy, flip=False), easy) > 0.9
    again = train(easy, 15, seed=0, batch_size=16, rate=1e-2)
    np.testing.assert_allclose(heatmaps(again, easy), heatmaps(learnt, easy), atol=1e-5)


def test_forgetting_the_swap_lets_both_sides_claim_a_joint(easy, learnt):
    """The height, at the other side's joint, of what a head draws for this side: near 0 where it knows them apart."""
    rows, columns = easy.joints[:, PARTNER, 1].astype(int) // 4, easy.joints[:, PARTNER, 0].astype(int) // 4
    one, joint = np.indices(rows.shape)

    def claimed(maps):
        return maps[one, joint, rows, columns][:, 1:].mean()

    careless = train(easy.forgetting_the_swap(), 15, seed=0, batch_size=16, rate=1e-2)
    assert claimed(heatmaps(careless, easy, flip=False)) > claimed(heatmaps(learnt, easy, flip=False)) + 0.2
    assert claimed(heatmaps(learnt, easy, swap=False)) > claimed(heatmaps(learnt, easy)) + 0.2


def test_averaging_over_the_mirror_is_symmetric(bank):
    bank, _ = bank
    torch.manual_seed(1)
    head = Head().eval()
    maps = heatmaps(head, bank)
    plain, mirrored = predict(head, bank.plain), predict(head, bank.mirrored)
    np.testing.assert_allclose(maps, (plain + flip_maps(mirrored)) / 2, atol=1e-6)
    np.testing.assert_allclose(heatmaps(head, bank, swap=False), (plain + mirrored[..., ::-1]) / 2, atol=1e-6)


def test_forgetting_the_swap_changes_the_mirrored_names_only(bank):
    bank, _ = bank
    wrong = bank.forgetting_the_swap()
    np.testing.assert_array_equal(wrong.mirrored_joints, bank.mirrored_joints[:, PARTNER])
    assert wrong.joints is bank.joints


def test_decoded_maps_return_to_the_photographs_pixels(bank):
    bank, people = bank
    maps = encode(bank.joints[..., :2] / 4, (24, 32))
    found = to_joints(maps, bank.frames, bank.size, "taylor")
    inside = ((bank.joints[..., :2] > 8) & (bank.joints[..., :2] < [88, 120])).all(axis=-1)
    assert inside.sum() > 20
    np.testing.assert_allclose(found[inside][:, :2], people.joints[inside][:, :2], atol=0.05)


def test_keypoint_rcnn_answers_in_our_layout():
    from PIL import Image

    from synscenes.keypoints import rcnn

    class Toy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, images):
            assert images[0].shape == (3, 20, 30)
            joints = torch.arange(3 * 17 * 3, dtype=torch.float32).reshape(3, 17, 3)
            return [{"scores": torch.tensor([0.8, 0.3, 0.9]), "keypoints": joints}]

    model = type("Model", (), {"module": Toy()})
    joints, scores = rcnn.find(model, Image.new("RGB", (30, 20)))
    assert joints.shape == (2, 17, 3) and scores.tolist() == pytest.approx([0.9, 0.8])
    assert joints[0, 0, 0] == 2 * 51


def test_real_people_are_annotated_as_coco_would():
    from synscenes.keypoints.checking import joints_of
    from synscenes.keypoints.real import FILE, document

    for image, record in zip(document()["images"], document()["annotations"]):
        joints = joints_of(record, image, FILE.name)
        left, top, width, height = record["bbox"]
        labelled = joints[joints[:, 2] > 0]
        assert ((labelled[:, :2] >= [left, top]) & (labelled[:, :2] <= [left + width, top + height])).all()


def test_a_closeup_moves_joints_and_picture_together():
    from PIL import Image

    from synscenes.keypoints.real import Person, document

    record = document()["annotations"][0]
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(0, 255, (400, 400, 3), dtype=np.uint8))
    person = Person("someone", image, record)
    close = person.closeup(10)
    for before, after in zip(person.joints, close.joints):
        assert before[2] == after[2]
        if before[2]:
            spots = [tuple(int(value) for value in joint[:2]) for joint in (before, after)]
            assert image.getpixel(spots[0]) == close.image.getpixel(spots[1])
