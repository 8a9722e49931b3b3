"""The spatial softmax on peaks whose place is known, the image conversion, the Gaussian, the critics."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sac_learner.agent_config import AgentConfig
from sac_learner.encoding import encode_in_chunks
from sac_learner.networks import Encoder, TwinCritic, images_to_float, spatial_softmax, squashed_sample

SMALL = AgentConfig(crop_width=40, crop_height=36, channels=4, strides=(2, 2, 1, 1), hidden_width=16)


@pytest.mark.parametrize(
    ('row', 'column', 'x', 'y'), [(0, 0, -1, -1), (2, 4, 1, 1), (1, 2, 0, 0), (0, 3, 0.5, -1)]
)
def test_spatial_softmax_finds_a_sharp_peak(row, column, x, y):
    features = torch.zeros(1, 1, 3, 5)
    features[0, 0, row, column] = 50.0
    torch.testing.assert_close(spatial_softmax(features), torch.tensor([[x, y]], dtype=torch.float32))


def test_spatial_softmax_worked_by_hand():
    # One row of two cells, activations 0 and log 3: weights 1/4 and 3/4 at x = -1 and 1.
    features = torch.tensor([0.0, math.log(3.0)]).reshape(1, 1, 1, 2)
    assert spatial_softmax(features)[0, 0].item() == pytest.approx(0.5)
    # Half the temperature squares the odds: 1/10 and 9/10.
    assert spatial_softmax(features, 0.5)[0, 0].item() == pytest.approx(0.8)


def test_spatial_softmax_gives_all_x_then_all_y():
    features = torch.zeros(1, 2, 3, 3)
    features[0, 0, 0, 2] = 50.0  # channel 0: right, top
    features[0, 1, 2, 0] = 50.0  # channel 1: left, bottom
    torch.testing.assert_close(spatial_softmax(features), torch.tensor([[1.0, -1.0, -1.0, 1.0]]))


def test_a_policy_that_acts_first_does_not_spoil_the_gradients_of_a_learner():
    features = torch.zeros(1, 1, 7, 11)  # a size that no other test uses: positions are made once for each
    with torch.inference_mode():
        spatial_softmax(features)
    spatial_softmax(features.requires_grad_()).sum().backward()
    assert features.grad is not None


def test_images_keep_frame_colour_and_place():
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 36, 40, 3), dtype=np.uint8))
    floats = images_to_float(images)
    assert floats.shape == (2, 3, 3, 36, 40)
    assert floats[1, 2, 0, 5, 7].item() == pytest.approx(images[1, 0, 5, 7, 2].item() / 255)


def test_encoder_equals_a_convolution_over_nine_channels():
    encoder = Encoder(SMALL)
    images = torch.randint(0, 256, (2, 3, 36, 40, 3), dtype=torch.uint8)
    stacked = images.permute(0, 4, 1, 2, 3).reshape(2, 9, 36, 40).float() / 255
    expected = torch.nn.functional.conv2d(
        stacked, encoder.frames.weight.reshape(4, 9, 3, 3), encoder.frames.bias, stride=2
    )
    torch.testing.assert_close(encoder.frames(images_to_float(images)).squeeze(2), expected)


@torch.no_grad()
def test_one_observation_is_convolved_as_many_are_and_in_their_layout():
    encoder = Encoder(SMALL)
    images = images_to_float(torch.randint(0, 256, (2, 3, 36, 40, 3), dtype=torch.uint8))
    one = encoder._of_frames(images[:1])
    torch.testing.assert_close(one, encoder.frames(images)[:1])
    # torch's own way for one image leaves its channels apart, after three times the work
    assert one.is_contiguous(memory_format=torch.channels_last_3d)


@torch.no_grad()
def test_an_encoder_that_is_compiled_gives_the_same_for_one_observation():
    encoder = Encoder(SMALL)
    image = images_to_float(torch.randint(0, 256, (1, 3, 36, 40, 3), dtype=torch.uint8))
    torch.testing.assert_close(torch.compile(encoder, backend='eager')(image), encoder(image))


@torch.no_grad()
def test_maps_of_bfloat16_are_rounded_and_coordinates_are_not():
    encoder = Encoder(SMALL)
    images = torch.randint(0, 256, (40, 3, 36, 40, 3), dtype=torch.uint8)
    (exact,), (rounded,) = (encode_in_chunks([encoder], images, t) for t in (torch.float32, torch.bfloat16))
    torch.testing.assert_close(exact, encoder(images_to_float(images)))
    maps = images.permute(0, 4, 1, 2, 3).bfloat16()
    maps = F.relu(F.conv3d(maps, (encoder.frames.weight / 255).bfloat16(), None, (1, 2, 2))).squeeze(2)
    for layer in encoder.convolutions:
        maps = F.conv2d(maps, layer.weight.bfloat16(), None, layer.stride)
        maps = maps if layer is encoder.convolutions[-1] else F.relu(maps)
    torch.testing.assert_close(rounded, spatial_softmax(maps.float(), encoder.temperature))
    assert 0 < (rounded - exact).abs().max() < 0.01


def test_log_probability_of_a_squashed_action():
    mean, log_std, noise = torch.tensor([[0.3]]), torch.tensor([[-0.5]]), torch.tensor([[0.7]])
    action, log_prob = squashed_sample(mean, log_std, noise)
    raw = 0.3 + math.exp(-0.5) * 0.7
    density = math.exp(-0.5 * 0.7**2) / (math.exp(-0.5) * math.sqrt(2 * math.pi)) / (1 - math.tanh(raw) ** 2)
    assert action.item() == pytest.approx(math.tanh(raw))
    assert log_prob.item() == pytest.approx(math.log(density), rel=1e-5)


def test_log_probability_stays_finite_at_the_edge():
    _, log_prob = squashed_sample(torch.tensor([[60.0]]), torch.tensor([[2.0]]), torch.tensor([[3.0]]))
    assert math.isfinite(log_prob.item())


def test_the_two_critics_begin_apart():
    latent, action = torch.randn(3, 23), torch.randn(3, 5)
    first, second = TwinCritic(AgentConfig(channels=4, hidden_width=16))(latent, action)
    assert (first - second).abs().min() > 0


@pytest.mark.parametrize('layer_norm', [False, True])
def test_twin_critics_are_two_perceptrons(layer_norm):
    critic = TwinCritic(AgentConfig(channels=4, hidden_width=16, critic_layer_norm=layer_norm))
    latent, action = torch.randn(3, 23), torch.randn(3, 5)
    for index, q in enumerate(critic(latent, action)):
        hidden = torch.cat([latent, action], -1)
        for layer in (0, 1):
            hidden = hidden @ critic.weights[layer][index] + critic.biases[layer][index]
            if layer_norm:
                deviation = hidden - hidden.mean(-1, keepdim=True)
                hidden = deviation / (deviation.square().mean(-1, keepdim=True) + 1e-5).sqrt()
            hidden = hidden.relu()
        expected = (hidden @ critic.weights[2][index] + critic.biases[2][index]).squeeze(-1)
        torch.testing.assert_close(q, expected, rtol=1e-4, atol=1e-5)
