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
