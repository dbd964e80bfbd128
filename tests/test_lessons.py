"""The course: every program in its shortened form, what it claims, and its Korean text."""

import ast
import math
import os
import re
import string
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from rutile import cli, lessons

pytest.importorskip("matplotlib", reason="the lessons draw with the extra 'plots'")
ROOT = Path(__file__).parents[1]
FOLDER = Path(lessons.__file__).parent
PROGRAMS = lessons.programs()
NAMES = [program.name for program in PROGRAMS]


@pytest.fixture
def run(tmp_path, capsys):
    """Runs a program in its shortened form; what it found. Its pictures are complete PNG files."""

    def run(name, pictures):
        found = lessons.run(name, out=tmp_path, quick=True)
        assert {path.name for path in tmp_path.iterdir()} == {f"{picture}.png" for picture in pictures}
        assert all(path.read_bytes()[-8:-4] == b"IEND" for path in tmp_path.iterdir())
        assert "done in" in capsys.readouterr().out
        return found

    return run


def test_the_list(capsys):
    assert cli.main(["lesson"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == NAMES
    assert cli.main(["lesson", "--lang", "ko"]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert re.search("[가-힣]", line), f"no Korean title: {line}"


def test_programs_are_found_by_name_and_number():
    assert lessons.find("tensors") == lessons.find("1")
    with pytest.raises(lessons.LessonError, match="no lesson '99'"):
        lessons.find("99")


@pytest.mark.parametrize(("arguments", "message"), [(["99"], "no lesson '99'"), (["1", "--lang", "xx"], "no 'xx'")])
def test_errors_are_one_line(capsys, arguments, message):
    assert cli.main(["lesson", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_program_is_also_a_script(tmp_path):
    command = [sys.executable, FOLDER / "l01_tensors.py", "--quick", "--lang", "ko", "--out", tmp_path]
    environment = {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(FOLDER.parents[1])}
    found = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True, env={**os.environ, **environment}
    )
    assert "표준화" in found.stdout
    assert list(tmp_path.glob("*.png"))


def test_smooth():
    assert lessons.smooth([1.0, 2.0, 3.0, 5.0, 7.0], 3) == ([3, 4, 5], pytest.approx([2, 10 / 3, 5]))
    assert lessons.smooth([1.0, 2.0, 3.0, 5.0, 7.0], 1, 2) == ([1, 3, 5], [1, 3, 7])


def sentences(path):
    """What a program hands to the methods that translate: literal strings, or lists of them."""
    tree = ast.parse(path.read_text("utf-8"))
    yield (ast.get_docstring(tree) or "").partition("\n")[0]
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        where = {"say": 0, "text": 0, "heading": 0, "table": 0, "track": 1}.get(call.func.attr)
        if where is None or getattr(call.func.value, "id", "") not in ("lesson", "self") or len(call.args) <= where:
            continue
        argument = call.args[where]
        for part in argument.elts if isinstance(argument, ast.List) else [argument]:
            if isinstance(part, ast.Constant) and part.value:
                yield part.value


def fields(sentence):
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_everything_printed_has_korean_words(program):
    common = tomllib.loads((FOLDER / "ko" / "common.toml").read_text("utf-8"))
    own = tomllib.loads((FOLDER / "ko" / f"{program.module}.toml").read_text("utf-8"))
    wanted = list(sentences(FOLDER / f"{program.module}.py"))
    assert not [
        sentence for sentence in wanted if sentence not in {**common, **own} and re.search("[a-z]{3}", sentence)
    ]
    code = (FOLDER / f"{program.module}.py").read_text("utf-8")
    assert not [sentence for sentence in own if sentence not in wanted and f'"{sentence}"' not in code], "unused"
    for english, korean in {**common, **own}.items():
        assert fields(english) == fields(korean), english


@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
@pytest.mark.parametrize("folder", ["docs/lessons", "docs/ko/lessons"])
def test_every_program_stands_in_a_page(program, folder):
    (page,) = (ROOT / folder).glob(f"{int(re.match('[0-9]+', program.number)[0]):02}-*.md")
    assert f"`rutile lesson {program.name}`" in page.read_text("utf-8")


def test_tensors(run):
    found = run("tensors", ["digits", "speed"])
    assert found["largest_mean"] < 1e-5
    assert found["class_means_error"] < 1e-4
    assert found["speedup"] > 2


def test_linear_regression(run):
    found = run("linear-regression", ["descent"])
    costs = found["costs"]
    assert costs["right"] < 0.1 < costs["too small"] < costs["too large"]
    assert found["difference"] < 1e-3
    assert found["explained"] > 0.95


def test_logistic_regression(run):
    found = run("logistic-regression", ["boundary"])
    assert found["difference"] < 1e-6
    assert found["costs"][0] == pytest.approx(math.log(2), abs=1e-6)
    assert found["accuracy"] > 0.87
    assert found["weights"] == pytest.approx([2.2, 1.5], abs=0.6)


def test_softmax_regression(run):
    found = run("softmax-regression", ["weights", "training"])
    assert found["parameters"] == 650
    assert found["start"] == pytest.approx(math.log(10), abs=0.15)
    assert found["accuracy"] > 0.93


def test_baselines(run):
    found = run("baselines", ["validation"])
    assert found["k"] <= 8
    assert found["nearest neighbours"] > 0.97
    assert found["support vector machine"] > 0.92


def test_numerical_derivatives(run):
    found = run("numerical-derivatives", ["error"])
    orders, best = found["orders"], found["best"]
    assert orders["one-sided, float64"] == pytest.approx(1, abs=0.1)
    assert orders["central, float64"] == pytest.approx(2, abs=0.1)
    assert 1e-9 < best["one-sided, float64"] < 1e-7
    assert 1e-7 < best["central, float64"] < 1e-4
    assert found["errors"]["central, float64"] < 1e-9


def test_computational_graph(run):
    found = run("computational-graph", ["graph"])
    assert found["difference"] < 1e-6
    slope = math.exp(-1) / (1 + math.exp(-1)) ** 2  # of the sigmoid at 2 * -1 + -3 * -2 - 3 = 1
    assert found["grads"] == pytest.approx(
        {"w0": -slope, "x0": 2 * slope, "w1": -2 * slope, "x1": -3 * slope, "b": slope}
    )
    assert found["twice"] == 7


def test_gradient_checking(run):
    found = run("gradient-checking", ["check"])
    right, wrong = found["errors"]["TanhLayer"], found["errors"]["WrongLayer"]
    assert max(right.values()) < 1e-7
    assert max(wrong["x"], wrong["W"]) < 1e-7
    assert wrong["b"] > 1e-3
    assert found["passes"] == {"TanhLayer": True, "WrongLayer": False}
    assert found["losses"]["WrongLayer"][-1] < 0.5 * found["losses"]["WrongLayer"][0]


def test_xor(run):
    found = run("xor", ["boundaries"])
    assert found["losses"]["one layer"] == pytest.approx(math.log(2), abs=1e-3)
    assert [round(answer) for answer in found["answers"]] == [0, 1, 1, 0]


def test_spirals(run):
    found = run("spirals", ["boundaries"])
    assert found["parameters"] == {size: 6 * size + 3 for size in (2, 32)}
    assert found["accuracy"][2] < 0.75 < 0.97 < found["accuracy"][32]


@pytest.mark.usefixtures("data_folder")
def test_deep_network(run):
    found = run("deep-network", ["training", "mistakes"])
    assert found["parameters"] == 785 * 256 + 257 * 10
    assert found["accuracy"] > 0.92


def test_initialisation(run):
    found = run("initialisation", ["activations-tanh", "activations-relu", "training"])
    spread, losses = found["spread"], found["losses"]
    # Each relu layer of width n multiplies the mean square by n times the variance of the weights, halved.
    per_layer = (256 * 0.01**2 / 2) ** 0.5
    assert spread["relu"]["small (0.01)"][11] / spread["relu"]["small (0.01)"][5] == pytest.approx(
        per_layer**6, rel=0.5
    )
    assert 0.5 < spread["relu"]["He"][11] / spread["relu"]["He"][0] < 2
    assert spread["tanh"]["small (0.01)"][11] < 1e-8
    assert losses["He"] < 1.5
    assert min(losses["zero"], losses["small (0.01)"]) == pytest.approx(math.log(10), abs=0.05)


def test_activations(run):
    found = run("activations", ["functions", "gradients", "training"])
    assert found["vanishing"] < 1e-6
    assert 0.1 < found["kept"] < 10
    assert found["exploding"] == pytest.approx(2.0**20, rel=1)
    assert all(loss < 0.6 for name, loss in found["losses"].items() if name != "sigmoid")
    assert found["losses"]["sigmoid"] > 2


def test_batches(run):
    found = run("batches", ["batches", "averages"])
    losses = list(found["losses"].values())
    assert losses[0] < losses[2] < losses[3] < losses[4], "per pass, smaller batches learn faster"
    assert found["first"] == pytest.approx([0.02, 1.0], rel=1e-4)


def test_optimizers(run):
    found = run("optimizers", ["paths", "curves"])
    arrival, left = found["arrival"], found["left"]
    assert arrival["Nesterov"] <= arrival["momentum"] < arrival["SGD"]
    assert left["Adam"] < left["momentum"] < left["SGD"]
    assert max(found["errors"].values()) < 1


def test_rate_decay(run):
    found = run("rate-decay", ["schedules"])
    final = found["final"]
    assert all(final[name] < final["constant"] / 4 for name in final if name != "constant")
    assert found["last_rates"]["constant"] == pytest.approx(0.15)
    assert found["last_rates"]["exponential"] == pytest.approx(0.0015, rel=0.05)


def test_search(run):
    found = run("search", ["search"])
    assert found["distinct"] == {"grid": 3, "random": 9, "fine": 6}
    assert found["best"]["fine"] > 0.9
    assert 3e-3 < found["rate"] < 1


def test_bias_and_variance(run):
    found = run("bias-and-variance", ["curves", "learning-curve"])
    errors = found["errors"]
    assert errors["too small"]["train"] > 0.1
    assert errors["fitting"]["train"] < 0.02
    assert errors["fitting"]["dev"] < 0.06
    assert errors["too few data"]["dev"] - errors["too few data"]["train"] > 0.05
    assert found["dev"][0] > 2 * found["dev"][-1]


def test_regularisation(run):
    found = run("regularisation", ["methods"])
    errors, losses = found["errors"], found["losses"]
    assert len(errors) == 9
    assert min(errors["dropout"], errors["early stopping"], errors["shifted images"]) < errors["none"] - 0.02
    assert max(losses["dropout"], losses["early stopping"], losses["mixup"]) < losses["none"]


def test_ensembles(run):
    found = run("ensembles", ["ensembles", "hardest"])
    assert found["bagged"] < found["alone"]
    assert found["boosted"] < found["weak"]


def test_error_analysis(run):
    found = run("error-analysis", ["confusion", "worst"])
    confusion = found["confusion"]
    total = sum(map(sum, confusion))
    assert total == 742
    assert total - sum(confusion[i][i] for i in range(10)) == found["wrong"]
    for _, mistakes, _, ceiling in found["lines"]:
        assert ceiling == f"{(found['wrong'] - mistakes) / total:.2%}"
    assert found["accuracy"] > 0.88
