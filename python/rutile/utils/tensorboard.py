"""`SummaryWriter`: curves, histograms, images and text in the event files that TensorBoard shows.

The files are written here (records with masked CRC-32C around protocol buffers), so that nothing has to be installed to
write them; `pip install tensorboard` and `tensorboard --logdir runs` show them.
"""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import rutile as rt
from rutile._places import add_places

__all__ = ["SummaryWriter"]

_numbers = itertools.count()


class SummaryWriter:
    """Writes what happens in training to a folder.

    Args:
        log_dir: the folder, by default `runs/DATE_HOST` and `comment`.
        comment: an ending of the default folder's name.
        purge_step: TensorBoard forgets what was written at this step and later, before a crash.
        max_queue, flush_secs: write to the disk after so many entries, or seconds.
        filename_suffix: an ending of the file's name.

    Example:
        >>> from rutile.utils.tensorboard import SummaryWriter
        >>> with SummaryWriter("runs/example") as writer:
        ...     for step in range(3):
        ...         writer.add_scalar("loss", 1 / (step + 1), step)
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            log_dir = Path("runs", f"{time.strftime('%b%d_%H-%M-%S')}_{socket.gethostname()}{comment}")
        self.log_dir = os.fspath(log_dir)
        self.purge_step = purge_step
        self._queue: list[bytes] = []
        self._limit, self._seconds, self._written = max_queue, flush_secs, time.monotonic()
        Path(log_dir).mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time()):010}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        self._path = Path(log_dir, name + filename_suffix)
        self._children: dict[str, SummaryWriter] = {}
        self._put(_double(1, time.time()) + _bytes(3, b"brain.Event:2"))
        if purge_step is not None:
            self._put(_double(1, time.time()) + _integer(2, purge_step) + _bytes(7, _integer(1, 3)))
        self.flush()

    def _put(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        self._queue.append(length + _masked_crc(length) + event + _masked_crc(event))
        if len(self._queue) > self._limit or time.monotonic() - self._written > self._seconds:
            self.flush()

    def _add(self, tag: str, value: bytes, step: int | None, walltime: float | None) -> None:
        summary = _bytes(1, _bytes(1, tag.encode()) + value)
        moment = _double(1, time.time() if walltime is None else walltime)
        self._put(moment + _integer(2, int(step or 0)) + _bytes(5, summary))

    def flush(self) -> None:
        """Writes what waits to the disk."""
        with open(self._path, "ab") as file:
            file.write(b"".join(self._queue))
        self._queue.clear()
        self._written = time.monotonic()
        for child in self._children.values():
            child.flush()

    def close(self) -> None:
        """Writes what waits to the disk; more can follow."""
        self.flush()

    def get_logdir(self) -> str:
        """The folder."""
        return self.log_dir

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,
        double_precision: bool = False,
    ) -> None:
        """A point of the curve `tag`: a number or a tensor with one element, at a step."""
        self._add(tag, _float(2, float(scalar_value)), global_step, walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Points of several curves in one diagram; each curve has a folder of its own."""
        for tag, value in tag_scalar_dict.items():
            folder = f"{main_tag.replace('/', '_')}_{tag}"
            if folder not in self._children:
                self._children[folder] = SummaryWriter(Path(self.log_dir, folder))
            self._children[folder].add_scalar(main_tag, value, global_step, walltime)

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: str | int | Sequence[float] = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """How the numbers of a tensor or array are distributed.

        `bins`: "tensorflow" for ten per cent wider each, else as in `numpy.histogram`.
        """
        numbers = _array(values).astype(np.float64).reshape(-1)
        if not len(numbers):
            raise ValueError("add_histogram: wants at least one number")
        edges: Any = bins
        if isinstance(bins, str) and bins == "tensorflow":
            grown = 1e-12 * 1.1 ** np.arange(774)
            edges = np.concatenate([-grown[::-1], [0.0], grown])
        counts, limits = np.histogram(numbers[np.isfinite(numbers)], edges)
        used = np.flatnonzero(counts)
        first, last = (used[0], used[-1] + 1) if len(used) else (0, 1)
        first = max(first - 1, 0)
        histogram = _double(1, numbers.min()) + _double(2, numbers.max()) + _double(3, len(numbers))
        histogram += _double(4, numbers.sum()) + _double(5, (numbers**2).sum())
        for field, row in ((6, limits[first + 1 : last + 1]), (7, counts[first:last])):
            histogram += _bytes(field, np.asarray(row, "<f8").tobytes())
        self._add(tag, _bytes(5, histogram), global_step, walltime)

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """An image: uint8, or floats from 0 to 1, with axes in the order that `dataformats` says (CHW, HWC or HW)."""
        pixels = _array(img_tensor)
        if sorted(dataformats) not in (sorted("CHW"), sorted("HW")) or pixels.ndim != len(dataformats):
            raise ValueError(f"add_image: an image of shape {pixels.shape} has not the axes {dataformats!r}")
        pixels = pixels.transpose([dataformats.index(axis) for axis in "HWC" if axis in dataformats])
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        if pixels.dtype != np.uint8:
            pixels = np.clip(pixels * 255.0, 0, 255).astype(np.uint8)
        height, width, channels = pixels.shape
        image = _integer(1, height) + _integer(2, width) + _integer(3, channels) + _bytes(4, _png(pixels))
        self._add(tag, _bytes(4, image), global_step, walltime)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """A batch of images, side by side."""
        from rutile.vision.utils import make_grid

        pixels = _array(img_tensor)
        pixels = pixels.transpose([dataformats.index(axis) for axis in "NCHW"])
        grid = make_grid(rt.from_numpy(np.ascontiguousarray(pixels)))
        self.add_image(tag, grid, global_step, walltime)

    def add_figure(
        self, tag: str, figure: Any, global_step: int | None = None, close: bool = True, walltime: float | None = None
    ) -> None:
        """A matplotlib figure as an image."""
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())
        self.add_image(tag, pixels, global_step, walltime, "HWC")
        if close:
            import matplotlib.pyplot as plt

            plt.close(figure)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Text, shown as Markdown."""
        shape = _bytes(2, _bytes(2, _integer(1, 1)))
        tensor = _integer(1, 7) + shape + _bytes(8, text_string.encode())
        metadata = _bytes(1, _bytes(1, b"text"))
        self._add(f"{tag}/text_summary", _bytes(9, metadata) + _bytes(8, tensor), global_step, walltime)

    def add_graph(
        self, model: Any, input_to_model: Any = None, verbose: bool = False, use_strict_trace: bool = True
    ) -> None:
        """The layers of a model, as text: there is no graph to draw, because nothing is traced."""
        text = "\n".join(f"    {line}" for line in str(model).splitlines())
        self.add_text("graph", text)
        if verbose:
            print(model)

    def add_hparams(
        self,
        hparam_dict: Mapping[str, Any],
        metric_dict: Mapping[str, Any],
        hparam_domain_discrete: Any = None,
        run_name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Settings of a run as a table of text, and what came out as scalars."""
        rows = "\n".join(f"| {name} | {value} |" for name, value in hparam_dict.items())
        self.add_text("hparams", f"| setting | value |\n| --- | --- |\n{rows}", global_step)
        for tag, value in metric_dict.items():
            self.add_scalar(tag, value, global_step)

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Precision and recall at `num_thresholds` thresholds from 0 to 1.

        Args:
            labels: which samples are positive.
            predictions: how probably each is, from 0 to 1.
            weights: how much each counts (default: 1).
        """
        positive, share = _array(labels).reshape(-1).astype(bool), _array(predictions).reshape(-1).astype(np.float64)
        if positive.shape != share.shape:
            raise ValueError(f"add_pr_curve: {positive.size} labels and {share.size} predictions")
        counted = np.ones(share.shape) if weights is None else np.broadcast_to(_array(weights).reshape(-1), share.shape)
        bucket = np.floor(share * (num_thresholds - 1)).astype(np.int64)
        above = [
            np.bincount(bucket[chosen], counted[chosen], num_thresholds)[::-1].cumsum()[::-1]
            for chosen in (positive, ~positive)
        ]
        true, false = above
        rows = [true, false, false[0] - false, true[0] - true]
        tiny = 1e-7
        rows += [true / np.maximum(tiny, true + false), true / np.maximum(tiny, rows[3] + true)]
        numbers = np.stack(rows).astype("<f4")
        shape = b"".join(_bytes(2, _integer(1, size)) for size in numbers.shape)
        tensor = _integer(1, 1) + _bytes(2, shape) + _bytes(5, numbers.tobytes())
        plugin = _bytes(1, b"pr_curves") + _bytes(2, _integer(2, num_thresholds))
        self._add(tag, _bytes(9, _bytes(1, plugin)) + _bytes(8, tensor), global_step, walltime)

    def add_embedding(
        self,
        mat: Any,
        metadata: Sequence[Any] | None = None,
        label_img: Any = None,
        global_step: int | None = None,
        tag: str = "default",
        metadata_header: Sequence[str] | None = None,
    ) -> None:
        """Points for TensorBoard's projector.

        Args:
            mat: (points, features).
            metadata: a label for each point, or with `metadata_header` a row of labels.
            label_img: (points, channels, height, width): a picture for each, floats from 0 to 1.
            metadata_header: names of the columns of `metadata`.
        """
        points = _array(mat)
        if points.ndim != 2:
            raise ValueError(f"add_embedding: wants points x features, got the shape {points.shape}")
        name = f"{global_step or 0:05}/{tag}"
        folder = Path(self.log_dir, name)
        folder.mkdir(parents=True, exist_ok=True)
        np.savetxt(folder / "tensors.tsv", points, delimiter="\t", fmt="%.8g")
        lines = [f'tensor_name: "{tag}:{global_step or 0:05}"', f'tensor_path: "{name}/tensors.tsv"']
        if metadata is not None:
            if len(metadata) != len(points):
                raise ValueError(f"add_embedding: {len(metadata)} labels for {len(points)} points")
            rows = [metadata_header, *metadata] if metadata_header else [[label] for label in metadata]
            text = "\n".join("\t".join(map(str, row)) for row in rows)
            (folder / "metadata.tsv").write_text(text + "\n", encoding="utf-8")
            lines.append(f'metadata_path: "{name}/metadata.tsv"')
        if label_img is not None:
            pictures = _array(label_img)
            count, _, height, width = pictures.shape
            if count != len(points):
                raise ValueError(f"add_embedding: {count} pictures for {len(points)} points")
            side = int(np.ceil(np.sqrt(count)))
            sheet = np.zeros((side * side, *pictures.shape[1:]), pictures.dtype)
            sheet[:count] = pictures
            sheet = sheet.reshape(side, side, -1, height, width).transpose(0, 3, 1, 4, 2)
            sheet = sheet.reshape(side * height, side * width, -1)
            (folder / "sprite.png").write_bytes(_png(np.clip(sheet * 255.0, 0, 255).astype(np.uint8)))
            dimensions = f"single_image_dim: {width}\n    single_image_dim: {height}"
            lines.append(f'sprite {{\n    image_path: "{name}/sprite.png"\n    {dimensions}\n  }}')
        with open(Path(self.log_dir, "projector_config.pbtxt"), "a", encoding="utf-8") as config:
            config.write("embeddings {\n  " + "\n  ".join(lines) + "\n}\n")


def _array(values: Any) -> np.ndarray:
    return values.detach().numpy() if isinstance(values, rt.Tensor) else np.asarray(values)


# Protocol buffers: a key (number of the field, kind of the value), then the value.


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _crc_table() -> Iterator[int]:
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        yield crc


_TABLE = tuple(_crc_table())


def _masked_crc(content: bytes) -> bytes:
    """CRC-32C (Castagnoli), rotated and shifted as TFRecord files have it."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _png(pixels: np.ndarray) -> bytes:
    """A PNG file of uint8 pixels `(height, width, channels)`, with 1 to 4 channels."""
    height, width, channels = pixels.shape
    kinds = {1: 0, 2: 4, 3: 2, 4: 6}
    if channels not in kinds:
        raise ValueError(f"an image has 1 to 4 channels, got {channels}")

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = np.zeros((height, 1 + width * channels), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, kinds[channels], 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes())) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


add_places(__name__, {"writer": [__name__]})
