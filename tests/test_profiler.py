"""The profiler: what it counts agrees with PyTorch's, times nest, and what is off leaves nothing behind."""

import gzip
import json
import threading

import pytest
import rutile as rt
from rutile import nn, profiler
from rutile.profiler import ProfilerAction, profile, record_function, schedule


def counts(prof, attribute="count"):
    return {row.key: getattr(row, attribute) for row in prof.key_averages()}


def test_operations_operators_and_derivatives_are_counted():
    x = rt.ones(4, 3, requires_grad=True)
    with profile() as prof:
        y = (x @ x.T + 1).relu()
        for _ in range(3):
            y[0].sum().backward(retain_graph=True)
    seen = counts(prof)
    assert {name: seen[name] for name in ("matmul", "add", "relu", "getitem", "sum")} == {
        "matmul": 1,
        "add": 1,
        "relu": 1,
        "getitem": 3,
        "sum": 3,
    }
    assert seen["MatmulBackward"] == seen["ReluBackward"] == 3
    assert all(row.self_cpu_time_total >= 0 and row.cpu_time > 0 for row in prof.key_averages())


def test_flops_are_pytorchs(torch):
    def run(lib):
        x, w = lib.ones(2, 4, 9, 8), lib.ones(6, 2, 3, 3)
        with lib.profiler.profile(with_flops=True) as prof:
            lib.nn.functional.conv2d(x, w, stride=2, padding=1, groups=2)
            lib.ones(5, 7) @ lib.ones(7, 3)
        return prof

    theirs = {row.key: row.flops for row in run(torch).key_averages()}
    ours = counts(run(rt), "flops")
    assert ours["matmul"] == theirs["aten::mm"] == 2 * 5 * 7 * 3
    assert ours["conv2d"] == theirs["aten::conv2d"]


def test_derivatives_of_products_and_recurrent_layers_take_their_share():
    linear, lstm = nn.Linear(8, 4, bias=False), nn.LSTM(3, 5, bias=False)
    with profile() as prof:
        linear(rt.ones(2, 8, requires_grad=True)).sum().backward()
        lstm(rt.ones(7, 2, 3))
    flops = counts(prof, "flops")
    assert flops["linear"] == 2 * 2 * 8 * 4
    assert flops["LinearBackward"] == 2 * flops["linear"]
    assert flops["_rnn_layer"] == 2 * 7 * 2 * 4 * 5 * (3 + 5)


def test_annotations_contain_what_runs_inside_of_them():
    @record_function("inner")
    def inner():
        return rt.ones(64, 64).exp()

    with profile(profile_memory=True) as prof, record_function("outer"):
        kept = inner()
    outer, nested, ones, exp = prof.events()
    assert [event.name for event in (outer, nested, ones, exp)] == ["outer", "inner", "ones", "exp"]
    assert exp.cpu_parent is nested
    assert nested.cpu_parent is outer
    assert outer.cpu_children == [nested]
    assert outer.cpu_time_total >= nested.cpu_time_total >= ones.cpu_time_total + exp.cpu_time_total
    assert nested.self_cpu_time_total == pytest.approx(nested.cpu_time_total - ones.cpu_time_total - exp.cpu_time_total)
    assert kept.numel() * 4 == exp.cpu_memory_usage
    total = sum(event.self_cpu_time_total for event in prof.events())
    assert total == pytest.approx(outer.cpu_time_total)


def test_threads_are_kept_apart():
    def work():
        rt.ones(3).exp()

    with profile() as prof:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
        rt.ones(3).log()
    thread = {event.name: event.thread for event in prof.events()}
    assert thread["exp"] != thread["log"]


def test_shapes_group_the_rows():
    with profile(record_shapes=True) as prof:
        for size in (2, 3, 3):
            rt.ones(size, 4).matmul(rt.ones(4, 5))
    rows = [row for row in prof.key_averages(group_by_input_shape=True) if row.key == "matmul"]
    assert [(row.input_shapes, row.count) for row in rows] == [([[2, 4], [4, 5]], 1), ([[3, 4], [4, 5]], 2)]
    assert "[[3, 4], [4, 5]]" in prof.key_averages(group_by_input_shape=True).table()


def test_the_table_sorts_and_limits():
    with profile() as prof:
        for _ in range(3):
            rt.ones(2)
        rt.zeros(2)
    table = prof.key_averages().table(sort_by="count", row_limit=1)
    assert "ones" in table
    assert "zeros" not in table
    assert "Self CPU time total" in table
    assert prof.key_averages().total_average().count == 4
    with pytest.raises(ValueError, match="sort_by wants one of"):
        prof.key_averages().table(sort_by="cuda_time_total")


@pytest.mark.parametrize("name", ["trace.json", "trace.json.gz"])
def test_the_trace_is_what_chrome_reads(tmp_path, name):
    with profile(record_shapes=True) as prof, record_function("part"):
        rt.ones(2, 3).exp()
    prof.add_metadata("run", "7")
    prof.export_chrome_trace(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    trace = json.loads(gzip.decompress(content) if name.endswith("gz") else content)
    assert trace["run"] == "7"
    events = {event["name"]: event for event in trace["traceEvents"] if event["ph"] == "X"}
    assert events["exp"]["args"]["Input Dims"] == [[2, 3]]
    assert events["part"]["ts"] <= events["exp"]["ts"]
    assert events["part"]["ts"] + events["part"]["dur"] >= events["exp"]["ts"] + events["exp"]["dur"]


@pytest.mark.parametrize(
    "plan",
    [
        {"wait": 1, "warmup": 1, "active": 3, "repeat": 2},
        {"wait": 0, "warmup": 2, "active": 1},
        {"wait": 2, "warmup": 1, "active": 2, "skip_first": 3},
        {"wait": 2, "warmup": 1, "active": 2, "repeat": 1, "skip_first_wait": 1},
    ],
)
def test_schedules_are_pytorchs(torch, plan):
    ours, theirs = schedule(**plan), torch.profiler.schedule(**plan)
    assert [ours(step).name for step in range(25)] == [theirs(step).name for step in range(25)]
    with pytest.raises(ValueError, match="active"):
        schedule(wait=0, warmup=0, active=0)


def test_only_the_scheduled_steps_are_recorded(tmp_path):
    seen = []

    def ready(prof):
        seen.append((prof.step_num, counts(prof)))

    with profile(schedule=schedule(wait=1, warmup=1, active=2, repeat=2), on_trace_ready=ready) as prof:
        for _ in range(10):
            rt.ones(2)
            prof.step()
    assert [(step, row["ones"]) for step, row in seen] == [(4, 2), (8, 2)]
    assert set(seen[1][1]) == {"ones", "ProfilerStep#6", "ProfilerStep#7"}

    handler = profiler.tensorboard_trace_handler(str(tmp_path / "traces"), use_gzip=True)
    with profile(on_trace_ready=handler):
        rt.ones(2)
    assert [path.name.endswith(".pt.trace.json.gz") for path in (tmp_path / "traces").iterdir()] == [True]


def test_one_records_at_a_time_and_errors_end_it():
    with pytest.raises(ZeroDivisionError), profile():
        1 / 0  # noqa: B018
    with profile() as prof:
        with pytest.raises(RuntimeError, match="another profile"):
            profile().start()
        rt.ones(1)
    assert counts(prof) == {"ones": 1}
    with record_function("outside"):
        rt.ones(1)
    with pytest.raises(RuntimeError, match="nothing is recorded"):
        profile().events()
    assert schedule(wait=0, warmup=1, active=1)(0) is ProfilerAction.WARMUP


@pytest.mark.parametrize("option", ["with_stack", "with_modules", "use_cuda"])
def test_what_it_cannot_do_is_an_error(option):
    with pytest.raises(ValueError, match=f"{option}=True is not supported"):
        profile(**{option: True})
    with pytest.raises(ValueError, match="CPU"):
        profile(activities=[profiler.ProfilerActivity.CUDA])


def test_the_older_place_takes_the_older_arguments():
    with rt.autograd.profiler.profile(enabled=True, use_kineto=True) as prof:
        rt.ones(2).exp()
    assert "exp" in prof.table(sort_by="self_cpu_time_total")
    with rt.autograd.profiler.profile(enabled=False) as prof:
        rt.ones(2)
    with pytest.raises(RuntimeError, match="nothing is recorded"):
        prof.key_averages()
