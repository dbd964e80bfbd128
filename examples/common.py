"""What the example scripts share: CIFAR-10 and tiny Shakespeare in memory, and a log with a picture.

Data lie in the folder that RUTILE_DATA names (or --data): `cifar10/cifar10-jpeg.tar.xz`, an archive of
`train/CLASS/*.jpg` and `test/CLASS/*.jpg`, and `text/tinyshakespeare.txt`.
"""

import csv
import io
import os
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import torch


def parse(parser):
    """The command line, with the options that every script has; seeds and threads are set."""
    parser.add_argument("--data", default=os.environ.get("RUTILE_DATA", "data"), help="folder of the data sets")
    parser.add_argument(
        "--out", default=f"runs/{Path(sys.argv[0]).stem}", help="folder for the log, curves and weights"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, help="as many as there are cores, if not given")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    return args


def cifar10(folder, part):
    """Images (n, 3, 32, 32) as bytes and labels of "train" or "test", decoded once."""
    from PIL import Image

    path = Path(folder) / "cifar10" / "cifar10-jpeg.tar.xz"
    pixels, names = [], []
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.startswith(part + "/"):
                image = Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB")
                pixels.append(np.asarray(image).transpose(2, 0, 1))
                names.append(member.name.split("/")[1])
    classes = sorted(set(names))
    labels = [classes.index(name) for name in names]
    return torch.from_numpy(np.stack(pixels)), torch.tensor(labels)


def shakespeare(folder):
    """The training (90 %) and validation text as numbers of characters, and the characters."""
    text = (Path(folder) / "text" / "tinyshakespeare.txt").read_text()
    characters = sorted(set(text))
    number = {character: i for i, character in enumerate(characters)}
    tokens = torch.tensor([number[character] for character in text])
    split = int(0.9 * len(tokens))
    return tokens[:split], tokens[split:], characters


class Log:
    """Rows of numbers: printed, written to `log.csv`, and drawn over the first column in `curves.png`.

    A resumed run keeps the rows up to its checkpoint: `Log(folder, keep=n)`.
    """

    def __init__(self, folder, keep=0):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "log.csv"
        self.rows = []
        if keep:
            with open(self.path, newline="") as file:
                self.rows = list(csv.DictReader(file))[:keep]
        self.start = time.time() - (float(self.rows[-1]["seconds"]) if self.rows else 0)

    def add(self, **row):
        self.rows.append({**row, "seconds": round(time.time() - self.start, 1)})
        print("  ".join(f"{name} {value:.4g}" for name, value in self.rows[-1].items()), flush=True)
        with open(self.path, "w", newline="") as file:
            writer = csv.DictWriter(file, [*row, "seconds"])
            writer.writeheader()
            writer.writerows(self.rows)

    def draw(self, title, *panels):
        """One panel for each {column: label of its curve}, whose key "" is the label of the vertical axis."""
        try:
            from matplotlib.figure import Figure
        except ImportError:
            return
        x = next(iter(self.rows[0]))
        figure = Figure(figsize=(5.5 * len(panels), 4), layout="constrained")
        for axes, panel in zip(np.ravel(figure.subplots(1, len(panels))), panels):
            for (name, label), colour in zip(((n, text) for n, text in panel.items() if n), ("#0072b2", "#d55e00")):
                axes.plot(
                    [float(row[x]) for row in self.rows],
                    [float(row[name]) for row in self.rows],
                    color=colour,
                    label=label,
                )
            axes.set(xlabel=x, ylabel=panel[""])
            axes.grid(alpha=0.3)
            axes.legend(frameon=False)
        figure.suptitle(title)
        figure.savefig(self.folder / "curves.png", dpi=120)
