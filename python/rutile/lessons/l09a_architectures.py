"""Architectures: LeNet-5 to DenseNet in tables: shapes, parameters, multiply-adds, memory of activations by layer."""

import threading
from typing import Any

import rutile as rt
from rutile import lessons, models, nn
from rutile.nn import functional as F

# name: (network, image, depth of the table's rows, published millions of parameters)
NETWORKS: dict[str, tuple[Any, tuple[int, int, int], int, float]] = {
    "LeNet-5": (lambda: models.LeNet((1, 28, 28), 10), (1, 28, 28), 2, 0.062),
    "AlexNet": (models.alexnet, (3, 224, 224), 2, 61.1),
    "VGG-16": (models.vgg16, (3, 224, 224), 2, 138.4),
    "GoogLeNet": (lambda: models.googlenet(aux_logits=False, init_weights=False), (3, 224, 224), 1, 6.6),
    "ResNet-50": (models.resnet50, (3, 224, 224), 2, 25.6),
    "DenseNet-121": (models.densenet121, (3, 224, 224), 2, 8.0),
}


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    found: dict[str, Any] = {"parameters": {}, "multiply_adds": {}}
    totals: dict[str, tuple[int, int, int]] = {}
    for name, (make, image, depth, _) in NETWORKS.items():
        lesson.heading(name)
        network = make().eval()
        rows = measure(network, rt.zeros(1, *image), depth)
        lesson.table(
            ["layer", "kind", "output", "parameters", "multiply-adds (M)", "activations (KiB)"],
            [
                (path, kind, " x ".join(map(str, shape[1:])), f"{count:,}", f"{adds / 1e6:.1f}", f"{memory / 1024:.0f}")
                for path, kind, shape, count, adds, memory in rows
            ],
        )
        parameters = sum(p.numel() for p in network.parameters())
        totals[name] = (parameters, sum(row[4] for row in rows), sum(row[5] for row in rows))
        found["parameters"][name], found["multiply_adds"][name] = totals[name][:2]

    lesson.heading("Beside one another")
    lesson.table(
        ["network", "parameters (M)", "published (M)", "multiply-adds (G)", "activations (MiB)"],
        [
            (name, f"{count / 1e6:.3f}", NETWORKS[name][3], f"{adds / 1e9:.3f}", f"{memory / 2**20:.2f}")
            for name, (count, adds, memory) in totals.items()
        ],
    )
    with lesson.picture("costs", size=(7, 4.4)) as axes:
        for name, (count, adds, memory) in totals.items():
            axes.scatter(adds / 1e9, count / 1e6, s=8 * memory / 2**20, edgecolor="black")
            beside, side = 4 + (2 * memory / 2**20) ** 0.5, -1 if name == "GoogLeNet" else 1  # right of the circle
            axes.annotate(
                f"{name}: {memory / 2**20:.3g} MiB",
                (adds / 1e9, count / 1e6),
                xytext=(side * beside, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
            )
        axes.set(xscale="log", yscale="log", xlim=(2e-4, 1000), ylim=(0.03, 500))
        axes.set(xlabel="multiply-adds of one image (G)", ylabel="parameters (M)", title="area: memory of activations")

    lesson.heading("Two 3 x 3 against one 5 x 5")
    one, two = nn.Conv2d(64, 64, 5, bias=False), nn.Sequential(*(nn.Conv2d(64, 64, 3, bias=False) for _ in range(2)))
    found["filters"] = [sum(p.numel() for p in layer.parameters()) for layer in (one, two)]
    found["fields"] = [field(layer) for layer in (one, two)]
    kinds = [("5 x 5", 1), ("3 x 3, 3 x 3", 2)]
    lesson.table(
        ["layers", "sees (pixels)", "parameters", "nonlinearities"],
        [
            (name, seen, f"{count:,}", depth)
            for (name, depth), seen, count in zip(kinds, found["fields"], found["filters"], strict=True)
        ],
    )
    plain, narrow = nn.Conv2d(256, 256, 3, bias=False), (256 * 64 + 9 * 64 * 64 + 64 * 256)
    found["bottleneck"] = [plain.weight.numel(), narrow]
    lesson.say("3 x 3 on 256 channels: {plain:,} weights; as a bottleneck 1 x 1, 3 x 3, 1 x 1 over 64: {narrow:,}",
               plain=plain.weight.numel(), narrow=narrow)  # fmt: skip

    lesson.heading("AlexNet's two towers on two workers")
    found["towers"], found["norm"] = towers()
    lesson.say(
        "two threads with half the channels each and one grouped convolution differ by {e:.0e}", e=found["towers"]
    )
    lesson.say("local response norm: formula and library differ by {e:.0e}", e=found["norm"])
    return found


def measure(network: nn.Module, image: rt.Tensor, depth: int) -> list[tuple[str, str, tuple[int, ...], int, int, int]]:
    """Runs the network once: path, kind, output, parameters, multiply-adds and bytes of what the layers hand on."""
    leaves: dict[str, tuple[tuple[int, ...], int, int]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    rows = []
    handles = []

    def watch(path: str) -> Any:
        def hook(module: Any, _: Any, output: rt.Tensor) -> None:
            adds = 0
            if isinstance(module, nn.Conv2d):  # each number of the output: one product for each weight of its filter
                adds = output.numel() * module.weight[0].numel()
            elif isinstance(module, nn.Linear):
                adds = output.numel() * module.in_features
            leaves[path] = (tuple(output.shape), adds, 4 * output.numel())

        return hook

    for path, module in network.named_modules():
        if list(module.children()):
            handles.append(
                module.register_forward_hook(lambda _, __, out, path=path: shapes.update({path: tuple(out.shape)}))
            )
        else:
            handles.append(module.register_forward_hook(watch(path)))
    with rt.no_grad():
        network(image)
    for handle in handles:
        handle.remove()
    groups: dict[str, list[str]] = {}
    for path in leaves:  # in the order of the run
        groups.setdefault(".".join(path.split(".")[:depth]), []).append(path)
    for group, inside in groups.items():
        module = network.get_submodule(group)
        parameters = sum(p.numel() for p in module.parameters())
        last = leaves[inside[-1]][0]
        costs = [sum(leaves[path][i] for path in inside) for i in (1, 2)]
        rows.append((group, type(module).__name__.strip("_"), shapes.get(group, last), parameters, costs[0], costs[1]))
    return rows


def field(layers: nn.Module) -> str:
    """How many pixels of the input one number of the output depends on, found by its gradient."""
    x = rt.ones(1, 64, 11, 11, requires_grad=True)
    out = layers(x)
    out[0, 0, out.shape[2] // 2, out.shape[3] // 2].backward()
    seen = (x.grad.abs().sum(1)[0] > 0).nonzero()
    height, width = (seen.max(0).values - seen.min(0).values + 1).tolist()
    return f"{height} x {width}"


def towers() -> tuple[float, float]:
    """The second convolution of AlexNet (2012) as two halves in two threads, and its local response norm by hand."""
    grouped = nn.Conv2d(96, 256, 5, padding=2, groups=2)
    x = rt.randn(1, 96, 27, 27)
    assert grouped.bias is not None
    weight, bias = grouped.weight, grouped.bias
    halves: list[Any] = [None, None]

    def work(worker: int) -> None:
        own = slice(128 * worker, 128 * (worker + 1))
        with rt.no_grad():  # a thread starts with recording on
            halves[worker] = F.conv2d(x[:, 48 * worker : 48 * (worker + 1)], weight[own], bias[own], padding=2)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with rt.no_grad():
        together = grouped(x)
        y = F.relu(rt.cat(halves, 1))
        # Each channel is divided by the strength of its five neighbours at the same pixel.
        squares = F.pad(y**2, (0, 0, 0, 0, 2, 2)).unfold(1, 5, 1).sum(-1)
        by_hand = y / (2 + 1e-4 / 5 * squares) ** 0.75
        norm = (by_hand - F.local_response_norm(y, 5, alpha=1e-4, beta=0.75, k=2.0)).abs().max().item()
    return (rt.cat(halves, 1) - together).abs().max().item(), norm


if __name__ == "__main__":
    lessons.script(main)
