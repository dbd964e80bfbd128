"""Transforms: tensors against PIL images and PyTorch, random ones against what they promise."""

import numpy as np
import pytest
import rutile as rt
from rutile import transforms as T
from rutile.transforms import functional as F
from rutile.vision import io, utils

Image = pytest.importorskip("PIL.Image", reason="transforms of PIL images want Pillow")


@pytest.fixture
def picture():
    """A smooth picture, 40 wide and 30 high: neighbouring pixels are alike, as in photographs."""
    noise = np.random.default_rng(0).integers(0, 256, (8, 10, 3), np.uint8)
    return Image.fromarray(noise).resize((40, 30), Image.Resampling.BICUBIC)


MODE = T.InterpolationMode
BOTH = [
    ("resize", (17,), {}, 1),
    ("resize", ([50, 61],), {}, 1),
    ("resize", (20,), {"max_size": 22}, 1),
    ("resize", ((13, 61),), {"interpolation": MODE.BICUBIC}, 3),
    ("crop", (2, 3, 20, 10), {}, 0),
    ("crop", (-2, 3, 20, 50), {}, 0),
    ("center_crop", ([50, 10],), {}, 0),
    ("center_crop", (12,), {}, 0),
    ("resized_crop", (2, 3, 20, 10, [12, 14]), {}, 1),
    *[("pad", ([1, 2, 3, 4], 7, mode), {}, 0) for mode in ("constant", "edge", "reflect", "symmetric")],
    ("pad", ([-1, 2, -3, 4], (1, 2, 3)), {}, 0),
    ("pad", ([-1, 2, -3, 4], 0, "edge"), {}, 0),
    ("hflip", (), {}, 0),
    ("vflip", (), {}, 0),
    ("rotate", (33,), {}, 0),
    ("rotate", (33,), {"center": [3, 7], "fill": [9, 8, 7]}, 0),
    ("affine", (20, (3, -2), 1.2, (5, 7)), {"fill": 9}, 0),
    ("affine", (-20, (0, 0), 0.7, 5), {"center": [0, 0]}, 0),
    ("rgb_to_grayscale", (), {}, 1),
    ("rgb_to_grayscale", (3,), {}, 1),
    ("adjust_brightness", (1.5,), {}, 0),
    ("adjust_contrast", (0.6,), {}, 1),
    ("adjust_saturation", (1.8,), {}, 1),
    ("adjust_hue", (0.2,), {}, 12),
    ("adjust_gamma", (0.7,), {}, 0),
    ("adjust_sharpness", (2.0,), {}, 0),
    ("adjust_sharpness", (0.4,), {}, 0),
    ("invert", (), {}, 0),
    ("posterize", (3,), {}, 0),
    ("solarize", (100,), {}, 0),
    ("autocontrast", (), {}, 0),
    ("equalize", (), {}, 0),
    ("gaussian_blur", ([5, 3],), {}, 0),
]


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "tolerance"), BOTH, ids=[f"{n}{i}" for i, (n, *_) in enumerate(BOTH)]
)
def test_tensors_as_pil_images(picture, name, args, kwargs, tolerance):
    """Pillow is the oracle. `tolerance` is in steps of 255: roundings (Pillow also rounds and clamps between
    rows and columns, where a cubic overshoots), and Pillow's hues of 8 bits."""
    function = getattr(F, name)
    expected = F.pil_to_tensor(function(picture, *args, **kwargs)).numpy().astype(int)
    pixels = function(F.pil_to_tensor(picture), *args, **kwargs)
    assert pixels.dtype == rt.uint8
    assert pixels.shape == expected.shape
    differences = np.abs(pixels.numpy() - expected)
    if name in ("rotate", "affine"):
        # The nearest pixel of a point between two is a matter of rounding.
        assert (differences > 0).mean() < 0.01
    else:
        assert differences.max() <= tolerance


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("size", [(9, 40), (30, 11)])
def test_resize_like_torch(torch, mode, antialias, size):
    x = np.random.default_rng(0).random((2, 3, 17, 23))
    expected = torch.nn.functional.interpolate(torch.tensor(x), size, mode=mode, antialias=antialias)
    found = F.resize(rt.tensor(x), size, MODE(mode), antialias=antialias)
    assert np.allclose(found.numpy(), expected.numpy(), atol=1e-6)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_nearest_like_torch(torch, mode):
    x = np.random.default_rng(0).random((1, 3, 17, 23))
    expected = torch.nn.functional.interpolate(torch.tensor(x), (9, 40), mode=mode)
    assert np.array_equal(F.resize(rt.tensor(x), (9, 40), MODE(mode)).numpy(), expected.numpy())


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_affine_like_torch(torch, mode):
    """A rotation about the middle is PyTorch's grid of the inverse rotation."""
    x = np.random.default_rng(0).random((1, 2, 12, 12))
    cos, sin = np.cos(0.3), np.sin(0.3)
    grid = torch.nn.functional.affine_grid(
        torch.tensor([[[cos, sin, 0.0], [-sin, cos, 0.0]]]), (1, 2, 12, 12), align_corners=False
    )
    expected = torch.nn.functional.grid_sample(torch.tensor(x), grid.double(), mode, align_corners=False)
    found = F.affine(rt.tensor(x), float(np.degrees(0.3)), [0, 0], 1.0, 0.0, MODE(mode))
    assert np.abs(found.numpy() - expected.numpy()).mean() < 1e-5


def test_conversions(picture):
    array = np.asarray(picture)
    tensor = F.to_tensor(picture)
    assert tensor.dtype == rt.float32
    assert np.allclose(tensor.numpy(), array.transpose(2, 0, 1) / 255)
    assert F.to_tensor(np.ones((4, 5), np.float64)).dtype == rt.float64
    assert np.array_equal(np.asarray(F.to_pil_image(tensor)), array)
    assert F.to_pil_image(tensor[:1]).mode == "L"
    assert np.array_equal(np.asarray(F.to_pil_image(array)), array)
    assert F.convert_image_dtype(rt.tensor([[0.0, 0.5, 1.0]]), rt.uint8).tolist() == [[0, 127, 255]]
    assert F.convert_image_dtype(rt.tensor([[0, 255]], dtype=rt.uint8), rt.float64).tolist() == [[0.0, 1.0]]
    assert F.convert_image_dtype(rt.tensor([[255]], dtype=rt.uint8), rt.int16).item() == 255 * 128
    with pytest.raises(RuntimeError, match="cannot be performed safely"):
        F.convert_image_dtype(rt.ones(1, 1), rt.int64)
    assert F.to_tensor(picture.convert("1")).unique().tolist() == [0.0, 1.0] if hasattr(rt.Tensor, "unique") else True


def test_normalize():
    image = rt.rand(3, 4, 5)
    normal = T.Normalize((0.1, 0.2, 0.3), (1.0, 2.0, 4.0))
    expected = (image.numpy() - np.array([0.1, 0.2, 0.3])[:, None, None]) / np.array([1, 2, 4])[:, None, None]
    assert np.allclose(normal(image).numpy(), expected, atol=1e-6)
    assert np.allclose(normal(image[None])[0].numpy(), expected, atol=1e-6)
    T.Normalize([0.1, 0.2, 0.3], [1.0, 2.0, 4.0], inplace=True)(image)
    assert np.allclose(image.numpy(), expected, atol=1e-6)
    with pytest.raises(ValueError, match="has a zero"):
        T.Normalize((0.5,), (0.0,))
    with pytest.raises(TypeError, match="ToTensor makes it so"):
        normal(image.to(rt.uint8))


def test_wrong_images_say_what_is_wanted():
    with pytest.raises(TypeError, match="wants a PIL image or a tensor, got ndarray"):
        T.Resize(4)(np.zeros((3, 3), np.uint8))
    with pytest.raises(ValueError, match="larger than input image size"):
        T.RandomCrop(10)(rt.rand(3, 8, 8))
    with pytest.raises(TypeError, match="uint8"):
        F.equalize(rt.rand(3, 4, 4))
    with pytest.raises(ValueError, match="fill has 2 values"):
        F.pad(rt.rand(3, 4, 4), 1, [1.0, 2.0])


RANDOM = [
    T.RandomCrop(32, padding=4),
    T.RandomCrop((50, 20), pad_if_needed=True, padding_mode="reflect"),
    T.RandomResizedCrop(24),
    T.RandomHorizontalFlip(),
    T.RandomVerticalFlip(),
    T.RandomRotation(20, expand=False, fill=3),
    T.RandomAffine(30, (0.1, 0.2), (0.8, 1.2), 10),
    T.ColorJitter(0.4, 0.4, 0.4, 0.1),
    T.RandomGrayscale(0.5),
    T.GaussianBlur(3),
    T.RandomApply([T.RandomInvert(1.0)], 0.3),
    T.RandomChoice([T.RandomEqualize(1.0), T.RandomAutocontrast(1.0), T.RandomSolarize(128, 1.0)]),
    T.RandomOrder([T.RandomPosterize(3), T.RandomAdjustSharpness(2.0)]),
    T.RandAugment(),
    T.TrivialAugmentWide(),
]


@pytest.mark.parametrize("transform", RANDOM, ids=lambda transform: type(transform).__name__)
@pytest.mark.parametrize("tensor", [True, False])
def test_random_ones_follow_the_seed(picture, transform, tensor):
    image = F.pil_to_tensor(picture) if tensor else picture
    assert repr(transform).startswith(type(transform).__name__)

    def draws(seed):
        rt.manual_seed(seed)
        return [np.asarray(transform(image)).tobytes() for _ in range(8)]

    first = draws(0)
    assert first == draws(0)
    assert first != draws(1)
    assert len(set(first)) > 1


def test_flips_happen_as_often_as_said():
    image = rt.tensor([[[0.0, 1.0]]])
    flipped = sum(T.RandomHorizontalFlip(0.3)(image)[0, 0, 0].item() for _ in range(2000))
    assert abs(flipped / 2000 - 0.3) < 4 * (0.3 * 0.7 / 2000) ** 0.5


def test_resized_crops_keep_area_and_ratio(picture):
    for _ in range(100):
        top, left, height, width = T.RandomResizedCrop.get_params(picture, (0.2, 0.5), (0.75, 1.5))
        assert 0 <= top <= 30 - height
        assert 0 <= left <= 40 - width
        assert 0.15 < height * width / 1200 < 0.6
        assert 0.65 < width / height < 1.7


def test_erasing():
    image = rt.full((3, 20, 20), 2.0)
    erased = T.RandomErasing(p=1.0, scale=(0.1, 0.2), value=[0.0, 0.5, 1.0])(image)
    assert image.min().item() == 2.0
    for channel, value in enumerate([0.0, 0.5, 1.0]):
        count = (erased[channel] == value).sum().item()
        assert 0.05 * 400 < count < 0.25 * 400
        assert count + (erased[channel] == 2.0).sum().item() == 400
    noise = T.RandomErasing(p=1.0, value="random", inplace=True)(image)
    assert noise is image
    assert noise.std().item() > 0


@pytest.mark.parametrize("transform", [T.MixUp, T.CutMix])
def test_mixing(transform):
    images = rt.eye(4).reshape(4, 4, 1, 1).expand(4, 4, 16, 16).contiguous()
    seen = set()
    for _ in range(20):
        mixed, labels = transform(alpha=0.8, num_classes=4)(images, rt.arange(4))
        # The share of each image in a mixed one is its label's share.
        assert np.allclose(mixed.mean((2, 3)).numpy(), labels.numpy(), atol=1e-5)
        assert np.allclose(labels.sum(1).numpy(), 1, atol=1e-6)
        seen.add(round(labels[0, 0].item(), 6))
    assert len(seen) > 5
    with pytest.raises(ValueError, match="num_classes"):
        transform()(images, rt.arange(4))


def test_compositions(picture):
    transform = T.Compose([T.Resize((8, 8)), T.ToTensor(), T.Lambda(lambda x: x * 2)])
    assert transform(picture).shape == (3, 8, 8)
    assert repr(transform).splitlines()[0] == "Compose("
    assert T.transforms.Compose is T.Compose
    five = T.FiveCrop(10)(picture)
    assert [part.size for part in five] == [(10, 10)] * 5
    assert len(T.TenCrop(10)(F.pil_to_tensor(picture))) == 10
    with pytest.raises(AttributeError, match="did you mean 'RandomCrop'"):
        T.RandomCrops  # noqa: B018


def test_grids_and_files(tmp_path, picture):
    grid = utils.make_grid(
        rt.arange(5).reshape(5, 1, 1, 1).expand(5, 1, 4, 6).float(), nrow=3, padding=1, pad_value=9.0
    )
    assert grid.shape == (3, 11, 22)
    assert grid[0, 1:5, 8:14].unique().tolist() == [1.0] if hasattr(rt.Tensor, "unique") else True
    assert grid[1, 6, 1].item() == 3.0
    assert grid[0, 0, 0].item() == 9.0
    scaled = utils.make_grid([rt.tensor([[[0.0, 4.0]]]), rt.tensor([[[1.0, 2.0]]])], normalize=True, scale_each=True)
    assert (scaled.min().item(), scaled.max().item()) == (0.0, 1.0)
    utils.save_image(F.to_tensor(picture), tmp_path / "a.png")
    assert np.array_equal(io.read_image(tmp_path / "a.png").numpy(), F.pil_to_tensor(picture).numpy())
    assert io.read_image(tmp_path / "a.png", io.ImageReadMode.GRAY).shape == (1, 30, 40)
    io.write_png(F.pil_to_tensor(picture), tmp_path / "b.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png")), np.asarray(picture))
