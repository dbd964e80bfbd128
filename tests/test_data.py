"""Datasets, samplers and loaders."""

import collections
import doctest
import importlib
import os
import time

import pytest
import rutile as rt
from rutile.utils import data
from rutile.utils.data import DataLoader, TensorDataset

Point = collections.namedtuple("Point", ["x", "y"])


class Squares(data.Dataset):
    def __init__(self, length=10):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        return rt.tensor(index), index * index


class Stream(data.IterableDataset):
    """Counts; every worker takes its share."""

    def __init__(self, length):
        self.length = length

    def __iter__(self):
        info = data.get_worker_info()
        first, step = (info.id, info.num_workers) if info else (0, 1)
        return iter(range(first, self.length, step))


class Failing(Squares):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def __getitem__(self, index):
        if index == 5:
            raise self.error
        return index


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__(one + two)


class Dying(Squares):
    def __getitem__(self, index):
        os._exit(3)


class Slow(Squares):
    def __getitem__(self, index):
        time.sleep(30)


class Seeds(Squares):
    def __getitem__(self, index):
        return data.get_worker_info().seed, rt.rand(()), os.getpid()


def test_datasets():
    pairs = TensorDataset(rt.arange(4), rt.arange(4) * 10)
    assert len(pairs) == 4
    assert [t.item() for t in pairs[3]] == [3, 30]
    with pytest.raises(ValueError, match=r"Size mismatch between tensors: lengths \[2, 3\]"):
        TensorDataset(rt.zeros(2), rt.zeros(3))
    joined = Squares(3) + Squares(2)
    assert len(joined) == 5
    assert [joined[i][1] for i in (0, 2, 3, 4, -1)] == [0, 4, 0, 1, 1]
    with pytest.raises(IndexError, match="index 5 is out of range"):
        joined[5]
    assert list(Stream(2) + Stream(3)) == [0, 1, 0, 1, 2]
    stacked = data.StackDataset(a=Squares(3), b=pairs.tensors[0][:3])
    assert stacked[2]["a"][1] == 4
    assert len(stacked) == 3
    with pytest.raises(NotImplementedError):
        data.Dataset()[0]


def test_random_split():
    generator = rt.Generator()
    parts = data.random_split(range(11), [0.5, 0.5], generator=generator.manual_seed(3))
    assert [len(part) for part in parts] == [6, 5]
    assert sorted([*parts[0], *parts[1]]) == list(range(11))
    again = data.random_split(range(11), [6, 5], generator=generator.manual_seed(3))
    assert list(again[0]) == list(parts[0])
    with pytest.raises(ValueError, match=r"\[3, 3\] for 11 samples"):
        data.random_split(range(11), [3, 3])


def test_samplers():
    rt.manual_seed(1)
    assert list(data.SequentialSampler(range(3))) == [0, 1, 2]
    order = list(data.RandomSampler(range(50)))
    assert sorted(order) == list(range(50))
    assert order != list(range(50))
    assert len(list(data.RandomSampler(range(3), num_samples=7))) == 7
    endless = data.RandomSampler(range(5), replacement=True, num_samples=int(1e10))
    assert len(endless) == int(1e10)
    assert all(0 <= i < 5 for i, _ in zip(endless, range(3000), strict=False))
    assert sorted(data.SubsetRandomSampler([7, 9, 4])) == [4, 7, 9]
    assert set(data.WeightedRandomSampler([0.0, 1.0, 2.0], 50)) == {1, 2}
    assert list(data.BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]
    assert len(data.BatchSampler(range(5), 2, False)) == 3
    with pytest.raises(ValueError, match="batch_size should be a positive integer value, but got batch_size=0"):
        data.BatchSampler(range(5), 0, False)


@pytest.mark.parametrize("count", [0, 5, 8])
@pytest.mark.parametrize("drop", [False, True])
def test_parts_for_several_processes_like_torch(torch, count, drop):
    from torch.utils.data.distributed import DistributedSampler

    for rank in range(3):
        options = {"num_replicas": 3, "rank": rank, "shuffle": False, "drop_last": drop}
        ours = data.DistributedSampler(range(count), **options)
        theirs = DistributedSampler(range(count), **options)
        assert len(ours) == len(theirs)
        assert list(ours) == list(theirs)
    shuffled = [data.DistributedSampler(range(9), 3, rank, seed=4) for rank in range(3)]
    first = [list(part) for part in shuffled]
    assert sorted(index for part in first for index in part) == list(range(9))
    for part in shuffled:
        part.set_epoch(1)
    assert [list(part) for part in shuffled] != first
    with pytest.raises(ValueError, match="Invalid rank 3"):
        data.DistributedSampler(range(9), 3, 3)
    with pytest.raises((RuntimeError, ValueError)):
        data.DistributedSampler(range(9))


def test_shuffling_follows_the_generator():
    def orders(seed):
        loader = DataLoader(range(20), shuffle=True, batch_size=20, generator=rt.Generator().manual_seed(seed))
        return [next(iter(loader)).tolist() for _ in range(2)]

    first = orders(1)
    assert first[0] != first[1]
    assert orders(1) == first
    assert orders(2) != first
    rt.manual_seed(5)
    loader = DataLoader(range(20), shuffle=True, batch_size=20)
    one = next(iter(loader)).tolist()
    state = rt.get_rng_state()
    two = next(iter(loader)).tolist()
    rt.set_rng_state(state)
    assert next(iter(loader)).tolist() == two != one


def test_collation():
    samples = [{"p": Point(1, 2.0), "name": "a", "t": rt.ones(2), "l": [True, (3,)]} for _ in range(3)]
    batch = data.default_collate(samples)
    assert isinstance(batch["p"], Point)
    assert batch["p"].x.dtype == rt.int64
    assert batch["p"].y.dtype == rt.float64
    assert batch["name"] == ["a"] * 3
    assert list(batch["t"].shape) == [3, 2]
    assert batch["l"][0].dtype == rt.bool
    assert batch["l"][1][0].tolist() == [3, 3, 3]
    with pytest.raises(RuntimeError, match=r"should be of equal size, got \[1, 2\]"):
        data.default_collate([[1], [1, 2]])
    with pytest.raises(TypeError, match="batch must contain tensors"):
        data.default_collate([object()])


def test_collation_of_arrays():
    numpy = pytest.importorskip("numpy")
    batch = data.default_collate([numpy.ones((2, 2), numpy.float32)] * 3)
    assert list(batch.shape) == [3, 2, 2]
    assert batch.dtype == rt.float32
    assert data.default_collate([numpy.float64(1.5), numpy.float64(2.5)]).tolist() == [1.5, 2.5]
    assert data.default_convert({"a": numpy.zeros(2)})["a"].tolist() == [0, 0]


def test_loader_in_this_process():
    loader = DataLoader(Squares(5), batch_size=2)
    assert len(loader) == 3
    assert len(loader.dataset) == 5
    assert [(x.tolist(), y.tolist()) for x, y in loader] == [([0, 1], [0, 1]), ([2, 3], [4, 9]), ([4], [16])]
    assert len(DataLoader(Squares(5), batch_size=2, drop_last=True)) == 2
    assert [s[1] for s in DataLoader(Squares(3), batch_size=None)] == [0, 1, 4]
    assert [len(b) for b in DataLoader(Squares(3), 2, collate_fn=list)] == [2, 1]
    assert [x.tolist() for x, _ in DataLoader(Squares(), batch_sampler=[[3, 1], [2]])] == [[3, 1], [2]]
    assert [x.item() for x, _ in DataLoader(Squares(), sampler=[4, 2])] == [4, 2]
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]
    assert list(DataLoader(Squares(2), pin_memory=True))
    assert next(iter(loader))[0].tolist() == [0, 1]


def test_tensors_are_batched_as_if_collated():
    pairs = TensorDataset(rt.randn(7, 2), rt.arange(7))
    subset = data.Subset(data.Subset(pairs, [6, 5, 4, 3]), [0, 2, 3])
    for dataset in (pairs, subset):
        fast = list(DataLoader(dataset, batch_size=2))
        slow = list(DataLoader(dataset, batch_size=2, collate_fn=lambda batch: data.default_collate(batch)))
        assert len(fast) == len(slow)
        for a, b in zip(fast, slow, strict=True):
            assert type(a) is type(b)
            assert [t.tolist() for t in a] == [t.tolist() for t in b]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_give_the_same_batches(method):
    kwargs = {"batch_size": 3, "num_workers": 2, "multiprocessing_context": method}
    loader = DataLoader(Squares(10), **kwargs)
    assert [y.tolist() for _, y in loader] == [y.tolist() for _, y in DataLoader(Squares(10), batch_size=3)]


def test_workers_share_a_stream():
    loader = DataLoader(Stream(7), batch_size=2, num_workers=2)
    assert sorted(i for batch in loader for i in batch.tolist()) == list(range(7))
    assert sorted(batch.item() for batch in DataLoader(Stream(3), num_workers=3, in_order=False)) == [0, 1, 2]


def test_persistent_workers_and_their_seeds():
    started = []
    loader = DataLoader(Seeds(4), num_workers=2, persistent_workers=True, worker_init_fn=started.append)
    first, second = list(loader), list(loader)
    assert {pid.item() for *_, pid in first} == {pid.item() for *_, pid in second}
    seeds = sorted({seed.item() for seed, *_ in first})
    assert seeds[1] == seeds[0] + 1
    values = [value.item() for epoch in (first, second) for _, value, _ in epoch]
    assert len(set(values)) == len(values)
    assert started == []  # It ran in the workers.


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("bad sample"), ValueError),
        (KeyError("bad sample"), KeyError),
        (OddError("bad ", "sample"), RuntimeError),
    ],
)
def test_errors_arrive_with_their_traceback(error, kind):
    loader, seen = DataLoader(Failing(error), batch_size=2, num_workers=2), []
    with pytest.raises(kind) as caught:
        seen.extend(batch.tolist() for batch in loader)
    text = str(caught.value)
    assert f"Caught {type(error).__name__} in DataLoader worker process 0" in text
    assert "Original Traceback" in text
    assert "in __getitem__" in text
    assert "bad sample" in text
    assert seen == [[0, 1], [2, 3]]


def test_errors_of_worker_init_fn_arrive():
    def init(number):
        raise ValueError(f"no worker {number}")

    with pytest.raises(ValueError, match="no worker 0"):
        list(DataLoader(Squares(), num_workers=1, worker_init_fn=init))


def test_dead_and_slow_workers_are_noticed():
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(DataLoader(Dying(), num_workers=1))
    with pytest.raises(RuntimeError, match=r"timed out after 0\.2 seconds"):
        list(DataLoader(Slow(), num_workers=1, timeout=0.2))


def test_breaking_off_ends_the_workers():
    loader = DataLoader(Squares(100), num_workers=2)
    batches = iter(loader)
    next(batches)
    batches.close()
    with pytest.raises(StopIteration):
        next(batches)
    persistent = DataLoader(Squares(20), num_workers=2, persistent_workers=True)
    assert next(iter(persistent))[0].item() == 0
    assert [x.item() for x, _ in persistent] == list(range(20))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_workers": -1}, "num_workers option should be non-negative"),
        ({"timeout": -1}, "timeout option"),
        ({"prefetch_factor": 2}, "prefetch_factor option"),
        ({"persistent_workers": True}, "persistent_workers option"),
        ({"shuffle": True, "sampler": [1]}, "mutually exclusive with shuffle"),
        ({"batch_sampler": [[1]], "batch_size": 2}, "batch_sampler option is mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, "mutually exclusive with drop_last"),
        ({"batch_size": 0}, "batch_size should be a positive"),
    ],
)
def test_options_are_checked(kwargs, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(Squares(), **kwargs)


def test_iterable_datasets_have_no_order():
    with pytest.raises(ValueError, match="expected unspecified shuffle"):
        DataLoader(Stream(3), shuffle=True)


@pytest.mark.parametrize("name", ["dataset", "sampler", "collate", "dataloader"])
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(f"rutile.utils.data.{name}"), extraglobs={"rt": rt}).failed == 0
