"""PyTorch's names for what is here, and scripts in PyTorch's words that run as they are."""

import importlib
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import rutile as rt
import rutile.compat


@pytest.fixture
def script(tmp_path):
    """Runs a text with `python -m rutile.compat` and gives what it printed."""

    def run(text, *arguments, fails=False):
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(text))
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "rutile.compat", str(path), *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    return run


def test_a_classifier(script):
    out = script("""
        import argparse
        import torch
        import torch.nn as nn
        import torch.nn.functional as F
        import torch.optim as optim
        import torch.backends.cudnn as cudnn
        from torch.optim.lr_scheduler import StepLR
        from torch.utils.data import DataLoader
        from torchvision import datasets, transforms

        class Net(nn.Module):
            def __init__(self):
                super(Net, self).__init__()
                self.conv = nn.Conv2d(3, 8, 3, 1)
                self.dropout = nn.Dropout(0.25)
                self.fc = nn.Linear(8 * 3 * 3, 4)

            def forward(self, x):
                x = F.max_pool2d(F.relu(self.conv(x)), 2)
                return F.log_softmax(self.fc(self.dropout(torch.flatten(x, 1))), dim=1)

        parser = argparse.ArgumentParser()
        parser.add_argument("--epochs", type=int, default=1)
        args = parser.parse_args()
        use_cuda = torch.cuda.is_available()
        torch.manual_seed(1)
        cudnn.benchmark = True
        device = torch.device("cuda" if use_cuda else "cpu")
        transform = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor(),
                                        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
        data = datasets.FakeData(32, (3, 8, 8), 4, transform)
        loader = DataLoader(data, batch_size=8, shuffle=True, num_workers=1, pin_memory=use_cuda)
        model = nn.DataParallel(Net()).to(device)
        optimizer = optim.Adadelta(model.parameters(), lr=1.0)
        scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
        scaler = torch.cuda.amp.GradScaler(enabled=use_cuda)
        losses = []
        for epoch in range(args.epochs):
            for data, target in loader:
                data, target = data.to(device, non_blocking=True), target.to(device)
                optimizer.zero_grad()
                with torch.autocast(device_type=device.type, enabled=use_cuda):
                    loss = F.nll_loss(model(data), target)
                scaler.scale(loss).backward()
                scaler.step(optimizer)
                scaler.update()
                losses.append(loss.item())
            scheduler.step()
        torch.save(model.state_dict(), "net.pt")
        again = nn.DataParallel(Net())
        print(again.load_state_dict(torch.load("net.pt", map_location="cpu", weights_only=True)))
        print(len(losses), all(l == l for l in losses), sorted(again.state_dict())[0])
    """, "--epochs", "2")  # fmt: skip
    assert out.splitlines() == ["<All keys matched successfully>", "8 True module.conv.bias"]


def test_words_of_a_regression(script):
    out = script("""
        #!/usr/bin/env python
        from itertools import count
        import torch
        from torch.autograd import Variable
        import torch.nn.functional as F

        W = torch.randn(2, 1) * 5
        fc = torch.nn.Linear(W.size(0), 1)
        for i in count(1):
            x = Variable(torch.cat([torch.randn(32).unsqueeze(1) ** k for k in (1, 2)], 1))
            y = x.mm(W) + 0.5
            fc.zero_grad()
            out = F.smooth_l1_loss(fc(x), y)
            out.backward()
            for param in fc.parameters():
                param.data.add_(-0.1 * param.grad)
            if out.item() < 1e-3 or i > 3000:
                break
        print("close", torch.allclose(fc.weight.data.view(-1), W.view(-1), atol=0.2), isinstance(x, Variable))
        assert __name__ == "__main__" and __file__.endswith("script.py")
    """)
    assert out == "close True True\n"


def test_workers_of_a_script_find_its_classes(script):
    out = script("""
        import torch
        from torch.utils.data import Dataset, DataLoader
        import torch.multiprocessing as mp

        class Squares(Dataset):
            def __len__(self):
                return 6
            def __getitem__(self, i):
                return torch.tensor(i ** 2)

        if __name__ == "__main__":
            loader = DataLoader(Squares(), 3, num_workers=2, multiprocessing_context=mp.get_context("spawn"))
            print([batch.tolist() for batch in loader])
    """)
    assert out == "[[0, 1, 4], [9, 16, 25]]\n"


def test_missing_names_fail_where_they_are_used(script):
    error = script(
        """
        import torch
        print("before")
        x = torch.sparse_coo_tensor([[0]], [1.0])
        """,
        fails=True,
    )
    assert "line 4" in error
    assert "AttributeError: module 'rutile' has no attribute 'sparse_coo_tensor': tensors are dense here" in error
    error = script("import torch\ntorch.ones(2).softmaxx(0)\n", fails=True)
    assert "line 2" in error
    assert "did you mean 'softmax'?" in error or "Did you mean: 'softmax'" in error
    error = script("import torch.fx\n", fails=True)
    assert "No module named 'rutile.fx' (imported as 'torch.fx'): Rutile has no graph capture" in error
    assert "is not there: Rutile computes on the CPU" in script("import torch\ntorch.ones(2).cuda()\n", fails=True)
    assert "no file nowhere.py" in subprocess.run(
        [sys.executable, "-m", "rutile.compat", "nowhere.py"], capture_output=True, text=True
    ).stderr  # fmt: skip


def test_the_hook_comes_and_goes():
    def here():
        return sys.modules.get("torch")

    before = {name: sys.modules[name] for name in list(sys.modules) if name.split(".")[0] in ("torch", "torchvision")}
    for name in before:
        del sys.modules[name]
    try:
        rutile.compat.install()
        rutile.compat.install()
        assert importlib.import_module("torch") is rt
        assert importlib.import_module("torch.nn.functional") is rt.nn.functional
        assert importlib.import_module("torchvision.transforms.transforms") is rt.transforms.transforms
        assert importlib.import_module("torchvision.transforms.functional").crop is rt.transforms.functional.crop
        assert (
            importlib.import_module("torchvision.datasets.folder").default_loader is rt.datasets.folder.default_loader
        )
        assert rt.nn.functional.__spec__.name == "rutile.nn.functional"
        with pytest.raises(ModuleNotFoundError, match=r"torch\.nothing"):
            importlib.import_module("torch.nothing")
        rutile.compat.uninstall()
        assert here() is None
        sys.modules["torch"] = textwrap  # any module that is not ours
        with pytest.raises(RuntimeError, match="already imported"):
            rutile.compat.install()
        del sys.modules["torch"]
    finally:
        rutile.compat.uninstall()
        sys.modules.update(before)


PATHS = [
    "rutile.utils.data.dataloader.DataLoader",
    "rutile.utils.data.dataset.Dataset",
    "rutile.utils.data.sampler.RandomSampler",
    "rutile.optim.optimizer.Optimizer",
    "rutile.optim.lr_scheduler.StepLR",
    "rutile.optim.lr_scheduler._LRScheduler",
    "rutile.nn.parameter.Parameter",
    "rutile.nn.modules.linear.Linear",
    "rutile.nn.modules.module.Module",
    "rutile.nn.modules.batchnorm._BatchNorm",
    "rutile.nn.modules.conv.ConvTranspose2d",
    "rutile.nn.modules.Conv2d",
    "rutile.nn.parallel.DistributedDataParallel",
    "rutile.nn.parallel.data_parallel",
    "rutile.nn.utils.clip_grad_norm_",
    "rutile.autograd.Variable",
    "rutile.autograd.variable.Variable",
    "rutile.autograd.function.once_differentiable",
    "rutile.autograd.grad_mode.no_grad",
    "rutile.amp.custom_fwd",
    "rutile.cuda.amp.custom_bwd",
    "rutile.datasets.utils.download_url",
    "rutile.datasets.vision.StandardTransform",
    "rutile.distributions.bernoulli.Bernoulli",
    "rutile.distributions.transformed_distribution.TransformedDistribution",
    "rutile.jit.annotate",
    "rutile.models.mobilenetv2.MobileNetV2",
    "rutile.models.resnet.ResNet18_Weights",
    "rutile.nn._reduction.get_enum",
    "rutile.nn.attention.sdpa_kernel",
    "rutile.nn.common_types._size_2_t",
    "rutile.nn.modules.transformer._get_clones",
    "rutile.nn.modules.utils._pair",
    "rutile.nn.parallel.distributed.DistributedDataParallel",
    "rutile.nn.utils.clip_grad.clip_grad_norm_",
    "rutile.nn.utils.stateless.functional_call",
    "rutile.nn.utils.weight_norm.weight_norm",
    "rutile.optim.adamw.AdamW",
    "rutile.types.Number",
    "rutile.utils.data._utils.collate.default_collate",
    "rutile.utils.data.distributed.DistributedSampler",
    "rutile.utils.tensorboard.writer.SummaryWriter",
    "rutile.distributed.init_process_group",
    "rutile.multiprocessing.Process",
    "rutile.multiprocessing.set_start_method",
    "rutile.cuda.amp.GradScaler",
    "rutile.cuda.amp.autocast",
    "rutile.amp.grad_scaler.GradScaler",
    "rutile.backends.cuda.matmul",
    "rutile.hub.download_url_to_file",
    "rutile.onnx.export",
    "rutile.utils.model_zoo.load_url",
    "rutile.utils.checkpoint.checkpoint",
    "rutile.version.cuda",
    "rutile.vision.io.read_image",
    "rutile.vision.utils.save_image",
    "rutile.serialization.safe_globals",
]


@pytest.mark.parametrize("path", PATHS)
def test_deep_paths(path):
    module, _, name = path.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


def test_deep_imports_leave_functions_in_their_places(script):
    out = script("""
        from torch.nn.utils.weight_norm import weight_norm
        import torch
        assert tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 0), torch.__version__
        from torch.autograd.gradcheck import gradcheck
        from torchvision.models.alexnet import AlexNet
        import torch, torchvision.models, functorch
        print(torch.nn.utils.weight_norm is weight_norm, torch.autograd.gradcheck is gradcheck)
        print(torchvision.models.alexnet.__name__, functorch.vmap is torch.func.vmap)
        try:
            from torch.nn.utils.weight_norm import nothing
        except ImportError as error:
            print(error)
    """)
    assert out.startswith("True True\nalexnet True\ncannot import name 'nothing'")


def test_layers_that_people_build_on_convolutions(torch):
    for library in (rt, torch):
        conv, places = library.nn.modules.conv, library.nn.modules.utils

        class Standardised(library.nn.Conv2d):
            def forward(self, x):
                weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
                return self._conv_forward(x, weight, self.bias)

        class Own(conv._ConvNd):
            def __init__(
                self, inputs, outputs, kernel, stride=1, padding=0, pair=places._pair, functional=library.nn.functional
            ):
                self.functional = functional
                kernel, stride, padding = pair(kernel), pair(stride), pair(padding)
                super().__init__(inputs, outputs, kernel, stride, padding, pair(1), False, pair(0), 1, True, "reflect")

            def forward(self, x):
                x = self.functional.pad(x, self._reversed_padding_repeated_twice, mode=self.padding_mode)
                return self.functional.conv2d(x, self.weight, self.bias, self.stride)

        own = Own(2, 3, (3, 5), padding=(1, 2))
        assert own(library.ones(1, 2, 6, 7)).shape == (1, 3, 6, 7)
        assert isinstance(library.nn.ConvTranspose1d(2, 3, 1), conv._ConvNd)
        assert repr(own) == "Own(2, 3, kernel_size=(3, 5), stride=(1, 1), padding=(1, 2), padding_mode=reflect)"
        assert Standardised(2, 3, 3, bias=False)(library.ones(1, 2, 6, 7)).abs().max() < 1e-5


def test_other_devices_are_absent_and_say_so():
    assert not rt.cuda.is_available()
    assert not rt.backends.mps.is_available()
    assert not rt.accelerator.is_available()
    assert not rt.distributed.is_available()
    assert rt.cuda.device_count() == rt.accelerator.device_count() == rt.cuda.memory_allocated() == 0
    x = rt.ones(1)
    assert x.is_cpu
    assert not any([x.is_cuda, x.is_xpu, x.is_mps, x.is_meta, x.is_sparse, x.is_quantized])
    rt.cuda.synchronize()
    rt.cuda.manual_seed_all(1)
    for call in (rt.cuda.current_device, rt.cuda.get_device_name, lambda: rt.cuda.set_device(0), rt.ones(1).cuda):
        with pytest.raises(RuntimeError, match="Rutile computes on the CPU"):
            call()
    with pytest.raises(RuntimeError, match="one process"):
        rt.distributed.init_process_group("gloo")
    with pytest.raises(RuntimeError, match="one process"):
        rt.nn.parallel.DistributedDataParallel(rt.nn.Linear(1, 1))
    rt.set_default_device("cpu")
    with pytest.raises(RuntimeError, match="Rutile computes on the CPU"):
        rt.set_default_device("cuda")


def test_what_passes_through():
    net = rt.nn.Linear(2, 1)
    assert rt.compile(net) is net
    assert rt.jit.script(net) is net
    assert rt.jit.trace(net, rt.ones(1, 2)) is net
    assert rt.compile(mode="max-autotune")(net) is net

    @rt.autocast("cpu")
    def forward(x):
        return net(x)

    assert forward(rt.ones(1, 2)).dtype == rt.float32
    rt.set_float32_matmul_precision("high")
    with pytest.raises(ValueError, match="highest, high or medium"):
        rt.set_float32_matmul_precision("low")
    rt.set_default_tensor_type("torch.DoubleTensor")
    assert rt.zeros(1).dtype == rt.float64
    rt.set_default_tensor_type("torch.FloatTensor")
    parallel = rt.nn.DataParallel(net, device_ids=[0])
    x = rt.ones(3, 2)
    assert parallel(x).tolist() == net(x).tolist() == rt.nn.parallel.data_parallel(net, x).tolist()
    assert pickle.loads(pickle.dumps(parallel)).module.weight.tolist() == net.weight.tolist()


def test_checkpointing_gives_the_gradients_of_a_plain_call():
    from rutile.utils.checkpoint import checkpoint, checkpoint_sequential

    net = rt.nn.Sequential(rt.nn.Linear(4, 8), rt.nn.Tanh(), rt.nn.Dropout(0.5), rt.nn.Linear(8, 3))
    x = rt.randn(5, 4, requires_grad=True)
    found = []
    for run in (net, lambda x: checkpoint(net, x, use_reentrant=False), lambda x: checkpoint_sequential(net, 2, x)):
        rt.manual_seed(7)
        net.zero_grad()
        x.grad = None
        run(x).square().sum().backward()
        found.append([x.grad.numpy(), *(param.grad.numpy() for param in net.parameters())])
    for other in found[1:]:
        for ours, expected in zip(other, found[0], strict=True):
            assert np.allclose(ours, expected, atol=1e-6)
