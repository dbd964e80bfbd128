"""Event files, read back record by record."""

import io
import struct

import numpy as np
import pytest
import rutile as rt
from rutile.utils import tensorboard
from rutile.utils.tensorboard import SummaryWriter


def fields(message):
    """Number and value of each field of a protocol buffer."""
    position, found = 0, []

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        key = varint()
        if key & 7 == 0:
            value = varint()
        elif key & 7 == 2:
            size = varint()
            value, position = message[position : position + size], position + size
        else:
            kind, size = ("<d", 8) if key & 7 == 1 else ("<f", 4)
            value, position = struct.unpack(kind, message[position : position + size])[0], position + size
        found.append((key >> 3, value))
    return found


def events(folder):
    """The events of the files in a folder, with their sums checked."""
    found = []
    for path in sorted(folder.glob("events.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            assert content[8:12] == tensorboard._masked_crc(content[:8])
            event = content[12 : 12 + length]
            assert content[12 + length : 16 + length] == tensorboard._masked_crc(event)
            found.append(dict(fields(event)))
            content = content[16 + length :]
    return found


def values(folder):
    for event in events(folder)[1:]:
        for _, value in fields(event[5]):
            value = dict(fields(value))
            yield value[1].decode(), event.get(2, 0), value


def test_sums_are_crc32c():
    """The check value of the catalogue of CRCs, masked as TFRecord says."""
    crc = 0xE3069283
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert tensorboard._masked_crc(b"123456789") == struct.pack("<I", masked)


def test_scalars(tmp_path):
    with SummaryWriter(tmp_path, max_queue=2) as writer:
        for step in range(5):
            writer.add_scalar("loss", rt.tensor(step / 2), step, walltime=100.0 + step)
        writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 3)
    assert events(tmp_path)[0][3] == b"brain.Event:2"
    assert [(tag, step, value[2]) for tag, step, value in values(tmp_path)] == [("loss", n, n / 2) for n in range(5)]
    assert events(tmp_path)[2][1] == 101.0
    assert [value[2] for _, _, value in values(tmp_path / "both_b")] == [2.0]


def test_histograms(tmp_path):
    numbers = rt.randn(1000)
    writer = SummaryWriter(tmp_path)
    writer.add_histogram("weights", numbers, 7)
    writer.close()
    ((tag, step, value),) = values(tmp_path)
    histogram = dict(fields(value[5]))
    assert (tag, step) == ("weights", 7)
    assert histogram[1] == numbers.min().item()
    assert histogram[3] == 1000
    assert histogram[4] == pytest.approx(numbers.double().sum().item())
    limits, counts = (np.frombuffer(histogram[field]) for field in (6, 7))
    assert counts.sum() == 1000
    assert len(limits) == len(counts)
    expected = (numbers.numpy() <= limits[len(limits) // 2]).sum()
    assert abs(counts[: len(limits) // 2 + 1].sum() - expected) <= 1


def test_images(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 4), np.uint8)
    writer = SummaryWriter(tmp_path)
    writer.add_image("a", rt.tensor(pixels))
    writer.add_image("b", pixels.transpose(1, 2, 0) / 255.0, dataformats="HWC")
    writer.add_image("c", pixels[0], dataformats="HW")
    writer.add_images("d", rt.rand(4, 1, 5, 4))
    writer.flush()
    found = {tag: dict(fields(value[4])) for tag, _, value in values(tmp_path)}
    assert [found["a"][field] for field in (1, 2, 3)] == [5, 4, 3]
    opened = np.asarray(image_module.open(io.BytesIO(found["a"][4])))
    assert np.array_equal(opened, pixels.transpose(1, 2, 0))
    assert np.abs(np.asarray(image_module.open(io.BytesIO(found["b"][4]))).astype(int) - opened).max() <= 1
    assert image_module.open(io.BytesIO(found["c"][4])).mode == "L"
    with pytest.raises(ValueError, match="has not the axes"):
        writer.add_image("e", pixels, dataformats="HW")


def test_precision_and_recall(tmp_path):
    """Each threshold's counts, by hand from the definition."""
    labels, shares = np.array([1, 0, 1, 1, 0]), np.array([0.9, 0.4, 0.35, 0.8, 0.7])
    with SummaryWriter(tmp_path) as writer:
        writer.add_pr_curve("curve", rt.tensor(labels), rt.tensor(shares), 3, num_thresholds=11)
        with pytest.raises(ValueError, match="2 labels and 1 predictions"):
            writer.add_pr_curve("curve", [0, 1], [0.5])
    ((tag, step, value),) = list(values(tmp_path))
    assert (tag, step) == ("curve", 3)
    tensor = dict(fields(value[8]))
    rows = np.frombuffer(tensor[5], "<f4").reshape(6, 11)
    for number, row in enumerate(rows.T):
        chosen = np.floor(shares * 10) >= number
        true, false = (chosen & (labels == 1)).sum(), (chosen & (labels == 0)).sum()
        assert row[:4].tolist() == [true, false, 2 - false, 3 - true]
        assert row[5] == pytest.approx(true / 3)
        assert row[4] == pytest.approx(true / (true + false) if true + false else 0)
    assert dict(fields(dict(fields(value[9]))[1]))[1] == b"pr_curves"


def test_points_for_the_projector(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        pictures = rt.rand(3, 1, 2, 4)
        writer.add_embedding(rt.arange(6.0).view(3, 2), ["a", "b", "c"], pictures, global_step=7, tag="words")
        with pytest.raises(ValueError, match="1 labels for 3 points"):
            writer.add_embedding(rt.zeros(3, 2), ["a"])
    folder = tmp_path / "00007" / "words"
    assert (folder / "metadata.tsv").read_text() == "a\nb\nc\n"
    assert np.loadtxt(folder / "tensors.tsv").tolist() == [[0, 1], [2, 3], [4, 5]]
    assert 'image_path: "00007/words/sprite.png"' in (tmp_path / "projector_config.pbtxt").read_text()
    image_module = pytest.importorskip("PIL.Image")
    sheet = np.asarray(image_module.open(folder / "sprite.png"))
    assert sheet.shape[:2] == (4, 8)
    assert np.allclose(sheet[:2, 4:].reshape(2, 4), (pictures[1, 0] * 255).numpy().astype(np.uint8))


def test_text_and_models(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_text("note", "hello *you*", 1)
        writer.add_graph(rt.nn.Linear(2, 1))
        writer.add_hparams({"lr": 0.1}, {"accuracy": 0.5})
    found = {tag: value for tag, _, value in values(tmp_path)}
    assert dict(fields(found["note/text_summary"][8]))[8] == b"hello *you*"
    assert b"Linear" in dict(fields(found["graph/text_summary"][8]))[8]
    assert found["accuracy"][2] == 0.5


def test_the_library_reads_it(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 0.5, 3)
    read = accumulator.EventAccumulator(str(tmp_path)).Reload()
    assert [(event.step, event.value) for event in read.Scalars("loss")] == [(3, 0.5)]
