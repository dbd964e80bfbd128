"""`rutile.viz`: what is in the pictures is what was given, and every axis says what it is."""

import io

import numpy as np
import pytest
import rutile as rt
from rutile import nn, viz

pytest.importorskip("matplotlib", reason="the pictures are matplotlib's")


def png(figure):
    """That it can be drawn is part of every test."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")
    return figure


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_curves_have_a_panel_for_each_quantity():
    panels = {
        "loss (nats)": {"training": [2.0, 1.0], "validation": rt.tensor([2.5, 1.5])},
        "accuracy (%)": {"test": [50, 60]},
    }
    figure = png(viz.curves(panels, [10, 20], xlabel="step", log=["loss (nats)"], mark=(20, "best")))
    loss, accuracy = figure.axes
    assert (loss.get_xlabel(), loss.get_ylabel(), loss.get_yscale()) == ("step", "loss (nats)", "log")
    assert (accuracy.get_ylabel(), accuracy.get_yscale()) == ("accuracy (%)", "linear")
    drawn = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in loss.lines}
    assert drawn["training"] == ([10, 20], [2.0, 1.0])
    assert drawn["validation"] == ([10, 20], [2.5, 1.5])
    assert len({line.get_color() for line in loss.lines}) == 3
    assert [text.get_text() for text in accuracy.get_legend().get_texts()] == ["test", "best"]
    with pytest.raises(ValueError, match="at least one panel"):
        viz.curves({})


@pytest.mark.parametrize("scores", [False, True])
def test_the_confusion_matrix_counts(scores):
    truth, answer = rt.tensor([0, 0, 1, 2, 2, 2]), rt.tensor([0, 1, 1, 2, 2, 0])
    given = nn.functional.one_hot(answer, 3).float() if scores else answer
    (axes,) = png(viz.confusion_matrix(truth, given, ["cat", "dog", "bird"])).axes
    counts = {tuple(round(place) for place in text.get_position()): int(text.get_text()) for text in axes.texts}
    # (predicted, true): how often
    assert counts == {(0, 0): 1, (1, 0): 1, (1, 1): 1, (2, 2): 2, (0, 2): 1}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cat", "dog", "bird"]
    assert axes.get_title() == "4 of 6 right (66.67 %)"


def test_confusions_are_checked():
    with pytest.raises(ValueError, match="do not fit"):
        viz.confusion_matrix([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="3 classes, but 2 names"):
        viz.confusion_matrix([0, 2], [0, 1], ["a", "b"])


def test_mistakes_come_by_confidence():
    probabilities = rt.tensor([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.2, 0.8]])
    figure = png(viz.mistakes(rt.rand(4, 1, 5, 5), rt.tensor([1, 1, 1, 0]), probabilities, ["no", "yes"], count=2))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["no, 90.0 % sure\nis yes (#0)", "yes, 80.0 % sure\nis no (#3)"]
    assert figure.get_suptitle() == "the surest of 3 mistakes"
    assert (
        "no mistake" in png(viz.mistakes(rt.rand(1, 3, 4, 4), rt.tensor([0]), rt.tensor([[1.0, 0.0]]))).get_suptitle()
    )


def test_filters_are_drawn_in_colours_or_one_by_one():
    coloured = nn.Conv2d(3, 5, 4)
    pictures = [axes.images[0].get_array() for axes in png(viz.filters(coloured)).axes if axes.images]
    assert [picture.shape for picture in pictures] == [(4, 4, 3)] * 5
    kernel = coloured.weight[2].detach().numpy().transpose(1, 2, 0)
    np.testing.assert_allclose(pictures[2], 0.5 + kernel / (2 * np.abs(kernel).max()), rtol=1e-6)

    weight = rt.arange(2 * 4 * 9).reshape(2, 4, 3, 3).float() - 30
    figure = png(viz.filters(weight, count=6))
    pictures = [axes.images[0] for axes in figure.axes if axes.images]
    np.testing.assert_array_equal(pictures[5].get_array(), weight[1, 1].numpy())
    assert {picture.get_clim() for picture in pictures} == {(-30.0, 30.0)}
    assert "the first 6 of 8" in figure.get_suptitle()
    assert figure.axes[-1].get_ylabel() == "weight"
    with pytest.raises(ValueError, match="2-d convolution"):
        viz.filters(nn.Linear(2, 3))


def test_feature_maps_are_those_of_evaluation():
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Dropout(0.5), nn.Conv2d(3, 2, 3), nn.Flatten(), nn.LazyLinear(2))
    x = rt.randn(2, 1, 8, 8)
    net(x)
    net.train()
    figure = png(viz.feature_maps(net, x, count=3))
    assert net.training
    assert not net[0]._forward_hooks
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    first = net[0](x)
    second = net[2](first)
    for picture, expected in zip(shown, [*first[0], *second[0]], strict=True):
        np.testing.assert_allclose(picture, expected.detach().numpy(), rtol=1e-5, atol=1e-6)
    assert [axes.get_ylabel() for axes in figure.axes if axes.get_ylabel()] == ["0\n3 x 6 x 6", "2\n2 x 4 x 4"]
    with pytest.raises(ValueError, match="no layers"):
        viz.feature_maps(net, x, ["conv9"])
    with pytest.raises(ValueError, match="none of 3 gave feature maps"):
        viz.feature_maps(net, x, ["3"])


def test_the_graph_shows_every_operation_and_parameter_once():
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    net = nn.Sequential(first, second)
    x = rt.ones(2, 3)
    y = first(x).relu()
    loss = (second(first(y)) + y).sum()  # `first` twice, `y` twice
    (axes,) = png(viz.graph(loss, net)).axes
    said = [text for text in texts(axes) if text]
    names = {text.split("\n")[0]: text.split("\n")[1] for text in said if "\n" in text}
    assert names == {"0.weight": "3 x 3", "0.bias": "3", "1.weight": "3 x 3", "1.bias": "3", "result": "number"}
    operations = [text for text in said if "\n" not in text]
    assert sorted(operations) == ["Add", "Linear", "Linear", "Linear", "Relu", "Sum"]
    places = [text.get_position() for text in axes.texts if text.get_text()]
    assert len(set(places)) == len(places)
    below = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert below["Relu"] < below["Add"] < below["Sum"] < below["result\nnumber"]


def test_graphs_are_checked():
    with pytest.raises(ValueError, match="no history"):
        viz.graph(rt.ones(2))
    x = rt.ones(2, requires_grad=True)
    for _ in range(20):
        x = x + 1
    with pytest.raises(ValueError, match="more than 10 boxes"):
        viz.graph(x, limit=10)
    for _ in range(5000):
        x = x + 1
    with pytest.raises(ValueError, match="more than 4000 boxes"):
        viz.graph(x, limit=4000)
