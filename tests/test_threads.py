"""Results are the same bits for any number of threads, and several Python threads may compute at once."""

import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import rutile as rt
from rutile.nn import functional as F


def gradients(make):
    """The result of `make()` (a tensor and its leaves) and the gradients, under a fixed random weight."""
    out, leaves = make()
    out.backward(rt.randn(out.shape, dtype=out.dtype))
    return [out.detach(), *(leaf.grad for leaf in leaves)]


def leaves(*shapes, dtype=rt.float32):
    return [rt.randn(*shape, dtype=dtype).requires_grad_() for shape in shapes]


def conv(groups, stride):
    def make():
        x, w, b = leaves((8, 16, 30, 29), (24, 16 // groups, 3, 3), (24,))
        return F.conv2d(x, w, b, stride=stride, padding=1, groups=groups), [x, w, b]

    return lambda: gradients(make)


def of(function, *shapes, dtype=rt.float32):
    def make():
        made = leaves(*shapes, dtype=dtype)
        return function(*made), made

    return lambda: gradients(make)


BIG = (513, 771)

# Large enough that every one of them is cut into several blocks.
WORK = {
    "matmul": of(rt.matmul, (257, 301), (301, 263)),
    "matmul, few rows": of(rt.matmul, (3, 4001), (4001, 257)),
    "matmul, long sums": of(rt.matmul, (33, 20011), (20011, 17)),
    "matmul, float64": of(rt.matmul, (130, 257), (257, 129), dtype=rt.float64),
    "matrix times vector": of(rt.mv, (1025, 1027), (1027,)),
    "batches": of(rt.bmm, (9, 65, 70), (9, 70, 67)),
    "linear": of(F.linear, (300, 257), (129, 257), (129,)),
    "conv2d": conv(1, 1),
    "conv2d, strided, in groups": conv(2, 2),
    "depthwise": of(lambda x, w: F.conv2d(x, w, padding=1, groups=32), (8, 32, 28, 28), (32, 1, 3, 3)),
    "sum": of(rt.sum, BIG),
    "sum of columns": of(lambda x: x.sum(0), BIG),
    "sum of rows": of(lambda x: x.sum(1), BIG),
    "mean, float16": lambda: [rt.randn(*BIG).half().mean(0)],
    "variance": of(lambda x: x.var(0), BIG),
    "product": lambda: [(rt.rand(*BIG) + 0.5).prod(1)],
    "extremes": lambda: [*rt.randn(*BIG).max(0), rt.randn(*BIG).argmin()],
    "norm": of(lambda x: x.norm(), BIG),
    "softmax": of(lambda x: rt.softmax(x, 1), BIG),
    "softmax of columns": of(lambda x: rt.log_softmax(x, 0), BIG),
    "cross entropy": lambda: gradients(
        lambda: (lambda x: (F.cross_entropy(x, rt.randint(0, 771, (513,))), [x]))(*leaves(BIG))
    ),
    "batch norm": of(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), (33, 16, 31, 29), (16,), (16,)),
    "layer norm": of(lambda x, w, b: F.layer_norm(x, (771,), w, b), BIG, (771,), (771,)),
    "group norm": of(lambda x, w, b: F.group_norm(x, 4, w, b), (33, 16, 31, 29), (16,), (16,)),
    "max pool": of(lambda x: F.max_pool2d(x, 3, 2, 1), (16, 16, 31, 29)),
    "average pool": of(lambda x: F.avg_pool2d(x, 2), (16, 16, 31, 29)),
    "formula": of(lambda x: F.gelu(x).exp(), BIG),
    "broadcast": of(lambda a, b: a * b, BIG, (771,)),
    "embedding": lambda: gradients(
        lambda: (lambda w: (F.embedding(rt.randint(0, 50, (4000,)), w), [w]))(*leaves((50, 65)))
    ),
    "index_add": lambda: [rt.zeros(50, 65).index_add(0, rt.randint(0, 50, (4000,)), rt.randn(4000, 65))],
    "random numbers": lambda: [
        rt.rand(100_003),
        rt.randn(100_003),
        rt.randint(0, 1000, (100_003,)),
        rt.randperm(100_003),
        rt.rand(100_003).bernoulli(),
        F.dropout(rt.ones(100_003), 0.3),
    ],
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_the_number_of_threads_does_not_show(work):
    results = {}
    for threads in (1, 2, 4):
        rt.set_num_threads(threads)
        assert rt.get_num_threads() == threads
        rt.manual_seed(7)
        results[threads] = [result.double().numpy().tobytes() for result in work()]
    assert results[1] == results[2] == results[4]


@pytest.mark.parametrize("name", ["matmul", "conv2d", "sum", "softmax", "formula"])
def test_two_runs_give_the_same_bits(name):
    """The order of work within a pool is up to chance: sums must not follow it."""
    rt.set_num_threads(4)
    runs = set()
    for _ in range(4):
        rt.manual_seed(7)
        runs.add(b"".join(result.double().numpy().tobytes() for result in WORK[name]()))
    assert len(runs) == 1


def drawn_convolution(draw):
    """A convolution of any size that a network has, transposed or not: each way of computing it gets its turns."""
    groups = draw.choice([1, 1, 1, 1, 2, 4])
    channels, outputs = (groups * draw.choice([1, 3, 4, 12, 24, 32, 60, 64, 96, 128, 200, 256, 448, 512]) for _ in "io")
    kernel, stride, dilation = draw.choice([1, 2, 3, 3, 3, 4, 5, 7]), draw.choice([1, 1, 2, 3]), draw.choice([1, 1, 2])
    size = max(draw.choice([1, 2, 4, 5, 7, 8, 14, 16, 20, 32]), (kernel - 1) * dilation + 1)
    padding, batch = draw.choice([0, kernel // 2]), draw.choice([1, 2, 4, 8, 16, 17, 30, 32, 33, 64])
    if draw.random() < 0.1:
        groups = outputs = channels
    work = batch * channels * outputs // groups * kernel**2 * size**2 // stride**2
    while work > 3e8 and batch > 1:
        batch, work = batch // 2, work // 2
    x = (batch, channels, size, size)
    if draw.random() < 0.25:
        weight = (channels, outputs // groups, kernel, kernel)
        return of(lambda x, w: F.conv_transpose2d(x, w, None, stride, padding, 0, groups, dilation), x, weight)
    weight = (outputs, channels // groups, kernel, kernel)
    return of(lambda x, w: F.conv2d(x, w, None, stride, padding, dilation, groups), x, weight)


def drawn_product(draw):
    m, k, n = (draw.choice([1, 2, 5, 8, 13, 31, 64, 65, 128, 200, 256, 513, 784]) for _ in "mkn")
    return of(rt.matmul, (m, k), (k, n))


def drawn_recurrence(draw):
    layer = draw.choice([rt.nn.LSTM, rt.nn.GRU, rt.nn.RNN])
    inputs, hidden = draw.choice([1, 8, 33, 100]), draw.choice([1, 7, 16, 33, 64, 128, 200])
    x = (draw.choice([1, 3, 10]), draw.choice([1, 2, 7, 16, 40]), inputs)
    return of(lambda x: layer(inputs, hidden)(x)[0], x)


@pytest.mark.parametrize("draws", [40, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("drawn", [drawn_convolution, drawn_product, drawn_recurrence])
def test_the_number_of_threads_does_not_show_in_drawn_shapes(drawn, draws):
    """Hunts for threads that write where another one does, which takes sizes that nobody thought of to show."""
    draw = random.Random(draws)
    for number in range(draws):
        work = drawn(draw)
        results = []
        for threads in (1, 2, 2, 2):
            rt.set_num_threads(threads)
            rt.manual_seed(number)
            results.append([result.numpy().tobytes() for result in work()])
        assert all(result == results[0] for result in results), number


def test_zero_threads_are_refused():
    with pytest.raises(RuntimeError, match="positive"):
        rt.set_num_threads(0)


# ---- several Python threads ----


def at_once(function, count=4):
    """Runs `function(i)` in `count` threads that start together, and gives their results."""
    barrier = threading.Barrier(count)

    def run(i):
        barrier.wait()
        return function(i)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # many switches: races show
    try:
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))
    finally:
        sys.setswitchinterval(interval)


def test_threads_compute_as_one_does():
    """Hunts for scratch buffers that two callers of the kernels' pool share."""

    def work(i):
        generator = rt.Generator().manual_seed(i)
        x = rt.randn(129, 257, generator=generator)
        w = rt.randn(257, 131, generator=generator)
        for _ in range(10):
            y = rt.softmax(x @ w, 1)
        images = rt.randn(4, 3, 20, 20, generator=generator)
        kernels = rt.randn(5, 3, 3, 3, generator=generator).requires_grad_()
        F.conv2d(images, kernels).sum().backward()
        return y.tolist(), kernels.grad.tolist()

    assert at_once(work) == [work(i) for i in range(4)]


def test_threads_training_their_own_networks():
    """Hunts for state of the tape that is shared by mistake."""

    def work(i):
        w = rt.full((65, 1), float(i), requires_grad=True)
        x = rt.linspace(-1, 1, 65 * 50).reshape(50, 65)
        for _ in range(30):
            loss = ((x @ w - 1) ** 2).mean()
            w.grad = None
            loss.backward()
            with rt.no_grad():
                w -= 0.1 * w.grad
        return w.tolist()

    assert at_once(work) == [work(i) for i in range(4)]


def test_threads_drawing_from_one_generator_get_different_numbers():
    """Hunts for two draws from the same counter."""
    drawn = at_once(lambda i: [rt.rand(50).tolist() for _ in range(50)])
    rows = [tuple(row) for rows in drawn for row in rows]
    assert len(set(rows)) == len(rows)


def test_threads_writing_into_parts_of_one_tensor():
    """Hunts for lost version counts and torn writes."""
    shared = rt.zeros(4, 10_000)

    def work(i):
        for _ in range(100):
            shared[i].add_(1)

    at_once(work)
    assert shared.tolist() == [[100.0] * 10_000] * 4
    assert shared._version == 400


def test_threads_are_free_while_a_kernel_runs():
    """The interpreter is released: another thread counts while a long product runs."""
    count = 0
    stop = threading.Event()

    def work():
        nonlocal count
        while not stop.is_set():
            count += 1
            time.sleep(0.0005)

    a = rt.randn(900, 900)
    thread = threading.Thread(target=work)
    interval = sys.getswitchinterval()
    thread.start()
    try:
        sys.setswitchinterval(10.0)  # nobody is asked to give way: only a release lets the counter in
        before = count
        for _ in range(100):  # a product takes a few milliseconds, in which the cores may have no time for the counter
            a @ a
            if count > before:
                break
        after = count
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()
    assert after > before


def test_changing_the_number_of_threads_while_others_compute():
    """Hunts for a pool that disappears under its workers."""
    x = rt.randn(300, 300)
    expected = (x @ x).tolist()

    def work(i):
        for step in range(20):
            if i == 0:
                rt.set_num_threads(1 + step % 4)
            assert (x @ x).tolist() == expected
        return True

    assert all(at_once(work))
