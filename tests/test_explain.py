"""Heat maps, on networks whose reasons are known because they were planted."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from synscenes.explain import grad_cam, last_grid_layer, occlusion_map


class Spot(nn.Module):
    """Class 1 scores the sum of one channel inside a window; class 0 always scores 0."""

    def __init__(self, top, left, size=8):
        super().__init__()
        self.window = slice(top, top + size), slice(left, left + size)

    def forward(self, pixels):
        inside = pixels[:, 0, self.window[0], self.window[1]].mean(dim=(1, 2))
        return torch.stack([torch.zeros_like(inside), 4 * inside], dim=1)


places = st.tuples(st.integers(0, 24), st.integers(0, 24))


@settings(max_examples=15, deadline=None)
@given(places)
def test_occlusion_is_highest_on_the_window_that_matters(place):
    heat = occlusion_map(Spot(*place).eval(), torch.ones(3, 32, 32), target=1, patch=8, stride=1, batch_size=700)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert place[0] <= row < place[0] + 8 and place[1] <= column < place[1] + 8


def test_occlusion_is_negative_for_the_rival():
    heat = occlusion_map(Spot(8, 8).eval(), torch.ones(3, 32, 32), target=0, patch=8, stride=8)
    assert heat[12, 12] < 0 and heat[28, 28] == pytest.approx(0, abs=1e-6)


def test_occlusion_is_zero_where_nothing_matters():
    heat = occlusion_map(Spot(0, 0).eval(), torch.ones(3, 32, 32), target=1, patch=8, stride=8)
    assert np.abs(heat[16:, 16:]).max() < 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(9, 40), st.integers(9, 40), st.integers(1, 9), st.data())
def test_every_pixel_is_covered(height, width, patch, data):
    stride = data.draw(st.integers(1, patch))
    heat = occlusion_map(Spot(0, 0).eval(), torch.ones(3, height, width), 1, patch, stride, batch_size=500)
    assert heat.shape == (height, width) and np.isfinite(heat).all()


def test_occlusion_does_not_depend_on_the_batch_size():
    arguments = Spot(5, 9).eval(), torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(1)), 1, 8, 4
    np.testing.assert_allclose(occlusion_map(*arguments, batch_size=3), occlusion_map(*arguments), atol=1e-6)


def test_occlusion_leaves_the_image_as_it_was():
    pixels = torch.ones(3, 32, 32)
    occlusion_map(Spot(0, 0).eval(), pixels, 1, 8, 8)
    assert (pixels == 1).all()


class Detectors(nn.Module):
    """Two feature channels, red and green; class 0 adds up red, class 1 green."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 2, 1, bias=False)
        self.features.weight.data = torch.tensor([[1.0, 0, 0], [0, 1.0, 0]])[:, :, None, None]
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, pixels):
        return self.pool(self.relu(self.features(pixels))).flatten(1)


def red_left_green_right():
    pixels = torch.zeros(3, 16, 16)
    pixels[0, :, :4], pixels[1, :, 12:] = 1, 1
    return pixels


@pytest.mark.parametrize(("target", "columns"), [(0, slice(0, 4)), (1, slice(12, 16))])
def test_grad_cam_tells_the_classes_apart(target, columns):
    heat = grad_cam(Detectors().eval(), red_left_green_right(), target)
    assert heat[:, columns].min() == pytest.approx(1.0)
    assert heat.sum() == pytest.approx(16 * 4)


def test_grad_cam_with_a_layer_before_an_inplace_one():
    network = Detectors().eval()
    heat = grad_cam(network, red_left_green_right(), 0, layer=network.features)
    assert heat[:, :4].min() == pytest.approx(1.0)


def test_grad_cam_is_zero_when_nothing_speaks_for_the_class():
    assert grad_cam(Detectors().eval(), torch.zeros(3, 16, 16), 0).max() == 0


def test_grad_cam_has_the_size_of_the_input():
    network = nn.Sequential(nn.Conv2d(3, 4, 3, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert grad_cam(network.eval(), torch.rand(3, 33, 21), 2).shape == (33, 21)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_grad_cam_works_where_gradients_are_off(mode):
    network = Detectors().eval()
    with mode():
        assert grad_cam(network, red_left_green_right(), 0).max() == pytest.approx(1.0)


def test_last_grid_layer_skips_the_pooled_ones():
    network = Detectors().eval()
    assert last_grid_layer(network, torch.rand(3, 8, 8)) is network.relu


def test_last_grid_layer_leaves_no_hooks():
    network = Detectors().eval()
    last_grid_layer(network, torch.rand(3, 8, 8))
    assert not any(layer._forward_hooks for layer in network.modules())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch": 0, "stride": 1}, "patch must"),
        ({"patch": 33, "stride": 1}, "patch must"),
        ({"patch": 8, "stride": 9}, "stride must"),
        ({"patch": 8, "stride": 0}, "stride must"),
    ],
)
def test_occlusion_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        occlusion_map(Spot(0, 0).eval(), torch.ones(3, 32, 32), 1, **options)


@pytest.mark.parametrize("function", [occlusion_map, grad_cam])
@pytest.mark.parametrize("target", [-1, 2])
def test_target_must_be_a_class(function, target):
    network = Detectors().eval()
    with pytest.raises(ValueError, match="target"):
        function(network, torch.ones(3, 64, 64), target)


@pytest.mark.parametrize("function", [occlusion_map, grad_cam])
def test_training_mode_is_refused(function):
    with pytest.raises(ValueError, match="training mode"):
        function(Detectors().train(), torch.ones(3, 64, 64), 0)


@pytest.mark.parametrize("image", [torch.ones(32, 32), torch.ones(1, 3, 32, 32)])
def test_image_must_have_three_axes(image):
    with pytest.raises(ValueError, match="shape"):
        grad_cam(Detectors().eval(), image, 0)


def test_grad_cam_without_a_grid():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 2)).eval()
    with pytest.raises(ValueError, match="grid"):
        grad_cam(network, torch.ones(3, 4, 4), 0)
