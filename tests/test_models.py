"""Networks: published numbers of parameters, keys, shapes, and what their forms promise."""

import itertools
import math

import numpy as np
import pytest
import rutile as rt
from rutile import models, nn

# Numbers of parameters from the documentation of torchvision and the papers.
PARAMETERS = {
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
    "googlenet": 6_624_904 + 6_379_984,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "resnext50_32x4d": 25_028_904,
    "resnext101_32x8d": 88_791_336,
    "resnext101_64x4d": 83_455_272,
    "wide_resnet50_2": 68_883_240,
    "wide_resnet101_2": 126_886_696,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "mobilenet_v2": 3_504_872,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
}
SMALL = ["alexnet", "resnet18", "resnet50", "resnext50_32x4d", "densenet121", "googlenet", "mobilenet_v2"]
SMALL += ["squeezenet1_0", "squeezenet1_1"]


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.fixture
def quick(monkeypatch):
    """Initialisers that draw nothing: what is tested are shapes and names."""
    for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "trunc_normal_", "uniform_"):
        monkeypatch.setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)


@pytest.mark.parametrize("name", PARAMETERS)
def test_numbers_of_parameters(name, quick):
    assert name in models.list_models()
    assert count(models.get_model(name)) == PARAMETERS[name]


@pytest.mark.parametrize("name", SMALL)
def test_images_go_through_and_gradients_come_back(name):
    model = models.get_model(name, num_classes=5)
    size = 64 if name != "densenet121" else 32
    logits = model(rt.randn(2, 3, size, size))
    logits = logits if isinstance(logits, rt.Tensor) else logits.logits + logits.aux_logits1 + logits.aux_logits2
    assert logits.shape == (2, 5)
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.eval()
    assert model(rt.randn(1, 3, size, size)).shape == (1, 5)


KEYS = {
    "alexnet": ["features.10.weight", "classifier.6.bias"],
    "vgg16_bn": ["features.41.running_var", "classifier.6.weight"],
    "googlenet": ["inception4e.branch3.1.conv.weight", "aux2.fc2.bias", "conv3.bn.num_batches_tracked"],
    "resnet50": ["layer4.0.downsample.1.running_mean", "layer3.5.conv3.weight", "fc.bias"],
    "densenet121": ["features.denseblock4.denselayer16.conv2.weight", "features.transition3.norm.bias"],
    "mobilenet_v2": ["features.17.conv.3.weight", "features.18.0.weight", "classifier.1.bias"],
    "squeezenet1_1": ["features.12.expand3x3.weight", "classifier.1.weight"],
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_torchvisions(name, quick):
    keys = models.get_model(name).state_dict().keys()
    assert not set(KEYS[name]) - set(keys)


def test_published_files_of_densenets_are_renamed():
    state = {"features.denseblock1.denselayer1.norm.1.weight": 1, "features.denseblock1.denselayer1.conv.2.weight": 2}
    state["features.transition1.norm.weight"] = 3
    assert list(models.DenseNet.renamed(state)) == [
        "features.denseblock1.denselayer1.norm1.weight",
        "features.denseblock1.denselayer1.conv2.weight",
        "features.transition1.norm.weight",
    ]


def test_weights_are_asked_for_by_name(monkeypatch, quick):
    asked = []
    published = models.resnet18().state_dict()

    def fetched(url, **options):
        asked.append((url, options["check_hash"]))
        return published

    monkeypatch.setattr(rt.hub, "load_state_dict_from_url", fetched)
    kinds = models.ResNet18_Weights
    for options in ({"weights": kinds.DEFAULT}, {"weights": "IMAGENET1K_V1"}, {"pretrained": True}):
        models.resnet18(**options)
    assert asked == [("https://download.pytorch.org/models/resnet18-f37072fd.pth", True)] * 3
    with pytest.raises(ValueError, match="there are IMAGENET1K_V1"):
        models.resnet18(weights="V9")
    with pytest.raises(TypeError, match="another network"):
        models.resnet34(weights=kinds.DEFAULT)
    with pytest.raises(ValueError, match="1000 classes"):
        models.resnet18(weights=kinds.DEFAULT, num_classes=10)
    assert kinds.DEFAULT.transforms()(rt.rand(3, 300, 260)).shape == (3, 224, 224)
    with pytest.raises(AttributeError, match="did you mean 'resnet18'"):
        models.resnet19  # noqa: B018


def test_options_of_resnets():
    dilated = models.ResNet(models.resnet.Bottleneck, [1, 1, 1, 1], replace_stride_with_dilation=[False, True, True])
    assert dilated.layer4(dilated.layer3(dilated.layer2(rt.ones(1, 256, 16, 16)))).shape == (1, 2048, 8, 8)
    zero = models.resnet18(zero_init_residual=True, norm_layer=lambda channels: nn.GroupNorm(4, channels))
    assert zero.layer1[0].bn2.weight.abs().sum().item() == 0
    assert isinstance(zero.bn1, nn.GroupNorm)


def test_memory_efficient_densenets_have_the_same_gradients():
    net = models.DenseNet(4, (2, 2), 8, num_classes=3)
    thrifty = models.DenseNet(4, (2, 2), 8, num_classes=3, memory_efficient=True)
    thrifty.load_state_dict(net.state_dict())
    x = rt.randn(2, 3, 32, 32)
    for model in (net, thrifty):
        model.eval()  # running statistics would be updated twice by the second run
        model(x).square().sum().backward()
    for a, b in zip(net.parameters(), thrifty.parameters(), strict=True):
        assert np.allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bilinear", [False, *([True] if hasattr(nn, "Upsample") else [])])
def test_unet(bilinear, quick):
    net = models.UNet(3, 2, bilinear)
    assert count(net) == (17_262_977 + 65 if bilinear else 31_037_698)
    assert net(rt.zeros(1, 3, 37, 50)).shape == (1, 2, 37, 50)
    assert "up1.conv.double_conv.3.weight" in net.state_dict()


def test_gpt2_has_its_number_of_parameters(quick):
    assert count(models.GPT()) == 124_439_808


def tiny_gpt(**sizes):
    return models.GPT(vocab_size=11, block_size=8, n_layer=2, n_head=2, n_embd=16, **sizes)


def test_gpt_does_not_look_ahead():
    gpt = tiny_gpt().eval()
    tokens = rt.randint(0, 11, (2, 8))
    changed = tokens.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % 11
    a, b = gpt(tokens), gpt(changed)
    assert np.allclose(a[:, :5].detach().numpy(), b[:, :5].detach().numpy(), atol=1e-6)
    assert not np.allclose(a[:, 5:].detach().numpy(), b[:, 5:].detach().numpy(), atol=1e-3)
    assert abs(nn.functional.cross_entropy(a.flatten(0, 1), tokens.flatten()).item() - math.log(11)) < 0.5
    with pytest.raises(ValueError, match="block_size is 8"):
        gpt(rt.zeros(1, 9, dtype=rt.int64))


@pytest.mark.skipif(not hasattr(rt.Tensor, "topk"), reason="top_k wants topk")
def test_gpt_generates():
    gpt = tiny_gpt().eval()
    start = rt.tensor([[3]])
    greedy = gpt.generate(start, 12, top_k=1)
    assert greedy.shape == (1, 13)
    assert greedy.tolist() == gpt.generate(start, 12, temperature=1e-6).tolist()
    for step in range(12):
        assert gpt(greedy[:, max(0, step - 7) : step + 1])[0, -1].argmax().item() == greedy[0, step + 1].item()


def test_gpt_of_published_weights():
    gpt = tiny_gpt()
    state = {}
    for key, value in gpt.state_dict().items():
        turned = key.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        state[key.removeprefix("transformer.")] = value.t().contiguous() if turned else value
    state["h.0.attn.bias"] = rt.ones(8, 8)
    again = models.GPT.from_gpt2(state, n_head=2).eval()
    tokens = rt.randint(0, 11, (2, 8))
    assert again(tokens).tolist() == gpt.eval()(tokens).tolist()
    assert again.lm_head.weight is again.transformer["wte"].weight


def test_bert(quick):
    bert = models.BERT()
    assert count(bert) == 109_482_240
    assert "encoder.layer.11.attention.self.query.weight" in bert.state_dict()
    assert "encoder.layer.0.attention.output.LayerNorm.bias" in bert.state_dict()
    assert "pooler.dense.weight" in bert.state_dict()


def test_bert_does_not_look_at_padding():
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    bert = models.BERT(vocab_size=20, **sizes).eval()
    tokens = rt.randint(1, 20, (2, 7))
    mask = rt.tensor([[1] * 5 + [0] * 2] * 2)
    changed = tokens.clone()
    changed[:, 5:] = (changed[:, 5:] % 19) + 1
    a, b = bert(tokens, mask), bert(changed, mask)
    assert np.allclose(a[0][:, :5].detach().numpy(), b[0][:, :5].detach().numpy(), atol=1e-6)
    assert np.allclose(a[1].detach().numpy(), b[1].detach().numpy(), atol=1e-6)
    renamed = {}
    for key, value in bert.state_dict().items():
        old = key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        renamed[f"bert.{old}"] = value
    renamed["cls.predictions.bias"] = rt.zeros(20)
    other = models.BERT(vocab_size=20, **sizes).eval()
    other.load_published(renamed)
    assert np.array_equal(other(tokens, mask)[1].detach().numpy(), a[1].detach().numpy())


def test_state_dicts_of_torchvision_load(torch, quick):
    """Where torchvision is installed: the same keys and shapes, for every network."""
    theirs = pytest.importorskip("torchvision.models", exc_type=ImportError)
    for name in itertools.chain(SMALL, ["vgg11", "vgg13_bn"]):
        with torch.device("meta"):
            expected = {key: tuple(value.shape) for key, value in getattr(theirs, name)().state_dict().items()}
        found = {key: tuple(value.shape) for key, value in models.get_model(name).state_dict().items()}
        assert found == expected
