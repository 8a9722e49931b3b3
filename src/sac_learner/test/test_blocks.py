"""Convolutions over blocks of pixels against 3-D ones over frames, and their gradients."""

import pytest
import torch
import torch.nn.functional as F

from sac_learner import cuda_kernels
from sac_learner.blocks import images_to_blocks, kernel_of_blocks
from sac_learner.encoding import RectifiedConvolution


@pytest.mark.parametrize('stride', [1, 2, 3, 4])
@pytest.mark.parametrize(('height', 'width'), [(24, 31), (25, 30), (27, 33), (26, 29)])
def test_blocks_of_pixels_give_what_a_convolution_with_a_stride_gives(stride, height, width):
    noise = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (2, 3, height, width, 3), dtype=torch.uint8, generator=noise)
    kernel = torch.randn(5, 3, 3, 3, 3, dtype=torch.float64, generator=noise)
    blocks = images_to_blocks(images, stride, torch.float64)
    found = F.conv2d(blocks, kernel_of_blocks(kernel, stride, blocks.shape[1]))
    wanted = F.conv3d(images.permute(0, 4, 1, 2, 3).double(), kernel, stride=(1, stride, stride)).squeeze(2)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize(('dtype', 'step'), [(torch.float32, 4), (torch.bfloat16, 8)])
@pytest.mark.parametrize('stride', [1, 2, 3])
def test_channels_of_blocks_are_aligned_and_in_channels_last(dtype, step, stride):
    images = torch.full((2, 3, 20, 24, 3), 255, dtype=torch.uint8)
    blocks = images_to_blocks(images, stride, dtype)
    used = 9 * stride**2
    assert blocks.dtype == dtype
    assert blocks.is_contiguous(memory_format=torch.channels_last)
    assert blocks.shape[1] == -(-used // step) * step
    assert (blocks[:, :used] == 255).all()
    assert not blocks[:, used:].any()


CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA on this machine')


@CUDA
@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
@pytest.mark.parametrize('stride', [1, 2, 3])
@pytest.mark.parametrize(('height', 'width'), [(24, 31), (25, 30), (27, 133)])
@pytest.mark.parametrize('kernels', [True, False])
def test_blocks_on_cuda_are_the_same_bits(monkeypatch, kernels, height, width, stride, dtype):
    images = torch.randint(0, 256, (5, 3, height, width, 3), dtype=torch.uint8)
    assert cuda_kernels.usable(), 'the kernels can be built here'
    monkeypatch.setattr(cuda_kernels, 'usable', lambda: kernels)
    found = images_to_blocks(images.cuda(), stride, dtype)
    wanted = images_to_blocks(images, stride, dtype)
    assert torch.equal(found.cpu(), wanted)
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_a_rectified_convolution_has_the_gradients_of_both():
    noise = torch.Generator().manual_seed(0)
    shapes = (2, 3, 7, 8), (4, 3, 3, 3), (4,)
    values = [torch.randn(s, dtype=torch.float64, generator=noise, requires_grad=True) for s in shapes]
    torch.testing.assert_close(RectifiedConvolution.apply(*values, 2), F.relu(F.conv2d(*values, 2)))
    assert torch.autograd.gradcheck(lambda *v: RectifiedConvolution.apply(*v, 2), values)


@CUDA
@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float32, 1e-5), (torch.bfloat16, 0.01)])
@pytest.mark.parametrize('shape', [(1, 1, 1, 1), (3, 5, 7, 9), (17, 32, 43, 77), (2, 48, 33, 64)])
def test_the_gradient_of_relu_and_its_sum_are_those_of_torch(shape, dtype, tolerance):
    gradient, rectified = torch.randn(2, *shape, dtype=dtype, device='cuda')
    rectified = rectified.relu()
    found, summed = cuda_kernels.rectified_gradient(gradient, rectified)
    wanted = torch.ops.aten.threshold_backward(gradient, rectified, 0)
    assert torch.equal(found, wanted)
    expected = wanted.double().sum((0, 2, 3))
    scale = wanted.double().abs().sum((0, 2, 3))
    assert (summed.double() - expected).abs().le(tolerance * scale).all()
    assert torch.equal(summed, cuda_kernels.rectified_gradient(gradient, rectified)[1]), 'in a fixed order'
