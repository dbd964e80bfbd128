"""The course from convolution on: every program in its shortened form, and what it claims."""

import pytest
import test_lessons

run = test_lessons.run  # the fixture


def test_filters(run):
    found = run("filters", ["edges", "pooling"])
    assert found["by_hand"] < 1e-4
    assert found["one_by_one"] < 1e-4
    assert found["learned"] < 0.05
    assert all(found["sizes"])
    assert all(found["counts"])
    assert found["parameters"]["3 x 3", 128, 64] == 73_728


def test_mnist_cnn(run, data_folder):
    found = run("mnist-cnn", ["training", "filters", "where"])
    assert found["two layers"] > 0.9
    assert found["deeper"] > 0.8
    assert found["map_error"] < 1e-3


@pytest.mark.slow
def test_mnist_cnn_in_full(data_folder, tmp_path):
    found = test_lessons.lessons.run("mnist-cnn", out=tmp_path)
    assert found["two layers"] > 0.98
    assert found["deeper"] > 0.99


def test_recurrent(run):
    found = run("recurrent", ["sine", "memory"])
    assert found["by_hand"] < 1e-5
    assert all(0.01 < found[cell] < 0.1 for cell in ("RNN", "LSTM", "GRU"))  # above the noise, below 0.5 for nothing
    assert found["reach"]["LSTM"] > 1e6 * found["reach"]["RNN"]
    assert found["truncated"][50] < 0.2
    assert min(found["truncated"][1], found["truncated"][5]) > 0.4


def test_names(run, data_folder):
    found = run("names", ["pairs", "learning"])
    assert 2.3 < found["pairs"] < 2.6
    assert max(found["RNN"], found["LSTM"], found["GRU"]) < found["pairs"] - 0.1


def test_dates(run):
    found = run("dates", ["attention", "learning"])
    assert found["letters"] > 0.97
    assert found["dates"] > 0.8
    assert found["attention_sum"] == pytest.approx(1, abs=1e-5)


def test_transformer(run):
    found = run("transformer", ["positions", "attention", "learning"])
    assert max(found[part] for part in ("attention", "heads", "block", "permutation")) < 1e-5
    assert found["with positions"] > 0.9
    assert found["without"] < 0.5


def test_bert(run, data_folder):
    found = run("bert", ["learning", "beliefs"])
    assert found["commonest"] < 0.25 < found["neighbours"] < 0.6
    assert found["bert"] > 0.2  # more than the commonest letter


def test_gpt(run, data_folder):
    found = run("gpt", ["temperature", "learning"])
    assert found["before"] == pytest.approx(found["blind"], abs=0.1)
    assert found["after"] < 2.7
    assert found["leak"] == 0
    assert found["entropy"][0.3] < found["entropy"][0.8] < found["entropy"][1.3]


def test_autoregressive(run):
    found = run("autoregressive", ["samples", "learning"])
    assert found["NADE total"] == pytest.approx(1, abs=1e-4)
    assert found["PixelCNN total"] == pytest.approx(1, abs=1e-4)
    assert found["pixels"] + 1 < found["NADE"] < 0
    assert found["pixels"] + 3 < found["PixelCNN"] < 0


def test_vae(run, data_folder):
    found = run("vae", ["plane", "reconstructions", "learning"])
    assert found["pixels"] + 10 < found["bound"]
    assert found["closer"][1] < found["closer"][10] < found["closer"][100]
    assert found["closer"][1] == pytest.approx(found["bound"], abs=3)  # one draw is the bound, up to chance
    assert found["divergence"] > 1
    assert found["neighbours"] > 0.2


def test_adversarial_autoencoder(run):
    found = run("adversarial-autoencoder", ["codes", "samples", "learning"])
    for prior in ("normal", "ring"):
        assert found[prior]["gap"] < 0.3 * found["none"]["gap"]
        assert found[prior]["error"] < 0.25


def test_gan(run, data_folder):
    found = run("gan", ["gan-over-time", "dcgan-over-time", "game"])
    # In so few steps no digits come out, but strokes on white paper instead of grey noise.
    assert found["noise"]["ink"] == pytest.approx(0.5, abs=0.01)
    assert abs(found["DCGAN"]["ink"] - found["real"]["ink"]) < 0.15
    assert abs(found["GAN"]["ink"] - found["real"]["ink"]) < 0.2
    assert found["real"]["evenness"] > 0.95


def test_architectures(run):
    found = run("architectures", ["costs"])
    millions = {name: count / 1e6 for name, count in found["parameters"].items()}
    assert found["parameters"]["AlexNet"] == 61_100_840
    published = {"VGG-16": 138.4, "GoogLeNet": 6.6, "ResNet-50": 25.6, "DenseNet-121": 8.0}
    assert {name: round(millions[name], 1) for name in published} == published
    # Multiply-adds as papers and torchvision state them, in thousands of millions.
    billions = {"AlexNet": 0.71, "VGG-16": 15.47, "GoogLeNet": 1.5, "ResNet-50": 4.09, "DenseNet-121": 2.83}
    assert {name: found["multiply_adds"][name] / 1e9 for name in billions} == pytest.approx(billions, rel=0.01)
    assert found["filters"] == [102_400, 73_728]
    assert found["fields"] == ["5 x 5", "5 x 5"]
    assert max(found["towers"], found["norm"]) < 1e-4


def test_residual(run):
    found = run("residual", ["depth"])
    assert found["plain, 30 layers"]["loss"] > 2.28  # log 10 = 2.303 is guessing
    assert found["plain, 30 layers"]["ratio"] < 1e-6
    assert found["residual, 30 layers"]["loss"] < 2.25
    assert found["residual, 30, batch norm"]["loss"] < 0.8


def test_cifar(run, data_folder):
    pytest.importorskip("PIL", reason="the pictures of CIFAR-10 are JPEG files here, read by Pillow")
    found = run("cifar", ["training"])
    assert len(found) == 6
    for name, one in found.items():
        assert 50_000 < one["parameters"] < 110_000, name
        assert one["losses"][-1] < one["losses"][0], name


def test_dqn(run):
    found = run("dqn", ["learning", "policy"])
    assert 15 < found["chance"] < 35
    assert found["scores"][0] > 3 * found["chance"]
    assert found["falls_right_and_left"] == [1, 0]


def test_four_styles(run):
    found = run("four-styles", ["losses"])
    assert found["accuracy"] > 0.85
    assert found["difference"] < 1e-4
    assert found["torch"] is None or found["torch"] < 1e-4


def test_serving(run):
    found = run("serving", ["batches"])
    assert found["accuracy"] > 0.9
    assert found["reloaded"] == 0
    assert found["served"] is True
    assert "64 pixels, got shape [1, 2]" in found["error"]
    assert found["throughput"][256] > found["throughput"][1]


def test_segmentation(run):
    found = run("segmentation", ["masks"])
    assert found["noise, U-Net"]["pixels"] > found["nothing"] + 0.03
    assert found["noise, U-Net"]["overlap"] > 0.2
    for name in ("noise, U-Net", "noise, no bridges"):
        assert [sum(row) for row in found[name]["confusion"]] == pytest.approx([1.0] * 4)
        assert found[name]["confusion"][0][0] > 0.9  # the background


@pytest.mark.slow
def test_segmentation_in_full(tmp_path):
    found = test_lessons.lessons.run("segmentation", out=tmp_path)
    bridged, plain = (found[f"noise, {name}"] for name in ("U-Net", "no bridges"))
    assert bridged["overlap"] > 0.85 > plain["overlap"] + 0.05
    for kind in (1, 2, 3):  # disc, square, ring
        assert bridged["confusion"][kind][kind] > 0.9
        assert bridged["confusion"][kind][kind] > plain["confusion"][kind][kind]


def test_detection(run):
    found = run("detection", ["boxes", "precision"])
    assert found["overlap_self"] == 1
    assert found["overlap_half"] == pytest.approx(1 / 3)
    assert found["average"] > 0.3


def test_inversion(run):
    found = run("inversion", ["inversion"])
    assert found["accuracy"] > 0.8
    assert found["errors"][0] < found["errors"][1] < found["errors"][2] < found["errors"][3]
    assert found["errors"][0] < 0.05
