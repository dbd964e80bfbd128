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
