"""The tape: what it records, what it refuses, and how deep it goes."""

import gc
import threading
import weakref

import pytest
import rutile as rt
from rutile import autograd


def leaf(*values):
    return rt.tensor(values if len(values) > 1 else values[0], dtype=rt.float64, requires_grad=True)


# ---- backward and grad ----


def test_gradients_add_up_until_they_are_cleared():
    x = leaf(2.0, 3.0)
    (x**2).sum().backward()
    assert x.grad.tolist() == [4.0, 6.0]
    (x**2).sum().backward()
    assert x.grad.tolist() == [8.0, 12.0]
    x.grad = None
    x.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_gradients_of_separate_walks_do_not_share_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward()
    x.grad.zero_()
    assert y.grad.tolist() == [1.0, 1.0]


def test_a_tensor_used_several_times_sums_its_paths():
    x = leaf(3.0)
    y = x * x
    (y + y * x + x).backward()
    assert x.grad.item() == 2 * 3 + 3 * 9 + 1


def test_broadcast_operands_get_gradients_of_their_own_shape():
    a = rt.ones(3, 1, requires_grad=True)
    b = rt.ones(4, requires_grad=True)
    c = rt.ones((), requires_grad=True)
    (a * b * c).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist(), c.grad.item()) == ([[4.0]] * 3, [3.0] * 4, 12.0)


def test_gradients_have_the_dtype_of_their_tensor():
    x = rt.ones(3, requires_grad=True)
    y = rt.ones(3, dtype=rt.float64, requires_grad=True)
    (x * y).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (rt.float32, rt.float64)


def test_backward_of_several_elements_wants_a_gradient():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        (x * 2).backward()
    (x * 2).backward(rt.tensor([1.0, 10.0], dtype=rt.float64))
    assert x.grad.tolist() == [2.0, 20.0]
    with pytest.raises(RuntimeError, match="shape"):
        (x * 2).backward(rt.ones(3, dtype=rt.float64))


def test_backward_without_history_is_an_error():
    with pytest.raises(RuntimeError, match="does not require grad"):
        rt.ones(()).backward()


def test_backward_into_chosen_inputs_only():
    x, y = leaf(2.0), leaf(3.0)
    (x * y).backward(inputs=[x])
    assert x.grad.item() == 3.0
    assert y.grad is None


def test_several_roots():
    x = leaf(2.0)
    autograd.backward([x * 3, x * x], [None, rt.tensor(10.0, dtype=rt.float64)])
    assert x.grad.item() == 3 + 10 * 4
    assert autograd.grad([x * 3, x * x], x)[0].item() == 7.0
    with pytest.raises(RuntimeError, match="1 gradients"):
        autograd.backward([x * 3, x * x], [None])


def test_grad_leaves_grad_alone_and_reaches_inner_tensors():
    x = leaf(2.0)
    y = x * x
    z = y * 3
    dy, dx = autograd.grad(z, [y, x])
    assert (dy.item(), dx.item()) == (3.0, 12.0)
    assert x.grad is None
    assert not dx.requires_grad


def test_grad_of_unused_tensors():
    x, y = leaf(1.0), leaf(1.0)
    with pytest.raises(RuntimeError, match="allow_unused"):
        autograd.grad(x * 2, [x, y])
    assert autograd.grad(x * 2, [x, y], allow_unused=True)[1] is None
    assert autograd.grad(x * 2, [x, y], materialize_grads=True)[1].item() == 0.0
    with pytest.raises(RuntimeError, match="does not require grad"):
        autograd.grad(x * 2, rt.ones(()))


def test_higher_derivatives():
    x = leaf(2.0)
    y = x**5
    expected = [5 * 2**4, 20 * 2**3, 60 * 2**2, 120 * 2, 120]
    for value in expected:
        (y,) = autograd.grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(value, rel=1e-14)


def test_create_graph_in_backward_records_the_gradient():
    x = leaf(3.0)
    (x**3).backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    x.grad = None
    first.backward()
    assert x.grad.item() == 18.0


def test_a_penalty_on_the_gradient_trains_through_second_order():
    w = leaf(1.0, -2.0)
    x = rt.tensor([3.0, 4.0], dtype=rt.float64, requires_grad=True)
    (gradient,) = autograd.grad(((w * x) ** 2).sum(), x, create_graph=True)  # 2 w² x
    (gradient**2).sum().backward()  # 4 w⁴ x²
    assert w.grad.tolist() == [16 * 1 * 9, 16 * -8 * 16]


# ---- what a walk frees ----


def test_a_second_walk_wants_the_graph_retained():
    x = leaf(2.0)
    y = (x * x).exp()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_a_walk_frees_what_was_saved():
    x = rt.ones(1000, requires_grad=True)
    big = x * 2

    class Marked(rt.Tensor):
        pass

    marked = Marked(rt.ones(1000))
    gone = weakref.ref(marked)
    y = (big * marked).sum()
    del marked
    y.backward()
    del y, big
    gc.collect()
    assert gone() is None


# ---- hooks ----


def test_hooks_see_and_replace_gradients():
    x = leaf(1.0, 2.0)
    seen = []
    first = x.register_hook(lambda g: seen.append(g.tolist()))
    second = x.register_hook(lambda g: g * 10)
    (x * 3).sum().backward()
    assert seen == [[3.0, 3.0]]
    assert x.grad.tolist() == [30.0, 30.0]
    first.remove()
    second.remove()
    x.grad = None
    (x * 3).sum().backward()
    assert len(seen) == 1
    assert x.grad.tolist() == [3.0, 3.0]


def test_hooks_on_inner_tensors_see_the_summed_gradient():
    x = leaf(2.0)
    y = x * 1
    seen = []
    y.register_hook(lambda g: seen.append(g.item()))
    (y * 3 + y * 4).backward()
    assert seen == [7.0]


def test_hooks_after_accumulation():
    x = leaf(1.0)
    seen = []
    handle = x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.item()))
    (x * 5).backward()
    (x * 5).backward()
    assert seen == [5.0, 10.0]
    handle.remove()
    (x * 5).backward()
    assert len(seen) == 2
    with pytest.raises(RuntimeError, match="non-leaf"):
        (x * 2).register_post_accumulate_grad_hook(lambda t: None)


def test_exceptions_in_hooks_come_out_of_backward_unchanged():
    x = leaf(1.0)

    class OwnError(Exception):
        pass

    def hook(g):
        raise OwnError("from the hook")

    x.register_hook(hook)
    with pytest.raises(OwnError, match="from the hook"):
        (x * 2).backward()
    with pytest.raises(TypeError, match="callable"):
        x.register_hook(1)


def test_a_hook_must_return_a_tensor_or_nothing():
    x = leaf(1.0)
    x.register_hook(lambda g: 3)
    with pytest.raises(TypeError, match="None or a Tensor"):
        (x * 2).backward()


def test_a_hook_on_a_tensor_without_gradient_is_an_error():
    with pytest.raises(RuntimeError, match="doesn't require grad"):
        rt.ones(2).register_hook(print)


def test_retain_grad():
    x = leaf(2.0)
    y = x * x
    assert not y.retains_grad
    y.retain_grad()
    assert y.retains_grad
    (y * 3).backward()
    assert y.grad.item() == 3.0
    with pytest.raises(RuntimeError, match="requires_grad=False"):
        rt.ones(2).retain_grad()


# ---- modes ----


def test_modes_nest_and_end_with_their_block():
    x = leaf(1.0)
    with rt.no_grad():
        assert not (x * 2).requires_grad
        with rt.enable_grad():
            assert (x * 2).requires_grad
            with rt.set_grad_enabled(False):
                assert not rt.is_grad_enabled()
            assert rt.is_grad_enabled()
        assert not rt.is_grad_enabled()
    assert (x * 2).requires_grad


def test_modes_end_with_an_exception_too():
    with pytest.raises(ZeroDivisionError), rt.no_grad():
        raise ZeroDivisionError
    assert rt.is_grad_enabled()


@pytest.mark.parametrize("mode", [rt.no_grad, rt.inference_mode, lambda: rt.set_grad_enabled(False)])
def test_modes_decorate_functions(mode):
    @mode()
    def function(x):
        """Doc."""
        return rt.is_grad_enabled(), (x * 2).requires_grad

    assert function(leaf(1.0)) == (False, False)
    assert function.__doc__ == "Doc."
    assert rt.is_grad_enabled()


def test_no_grad_decorates_without_parentheses():
    @rt.no_grad
    def function():
        return rt.is_grad_enabled()

    assert function() is False
    assert rt.is_grad_enabled()


def test_a_decorated_function_may_call_itself():
    @rt.no_grad()
    def down(n):
        assert not rt.is_grad_enabled()
        return n if n == 0 else down(n - 1)

    assert down(5) == 0
    assert rt.is_grad_enabled()


def test_a_decorated_generator_is_without_tape_only_while_it_runs():
    log = []

    @rt.no_grad()
    def generate():
        try:
            while True:
                log.append(rt.is_grad_enabled())
                try:
                    sent = yield rt.is_grad_enabled()
                    log.append(sent)
                except ValueError:
                    yield "caught"
        finally:
            log.append(("end", rt.is_grad_enabled()))

    generator = generate()
    assert next(generator) is False
    assert rt.is_grad_enabled()
    assert generator.send("hello") is False
    assert generator.throw(ValueError) == "caught"
    assert rt.is_grad_enabled()
    generator.close()
    assert log == [False, "hello", False, ("end", False)]
    assert rt.is_grad_enabled()


def test_set_grad_enabled_as_a_function():
    rt.set_grad_enabled(False)
    try:
        assert not rt.is_grad_enabled()
    finally:
        rt.set_grad_enabled(True)
    assert rt.is_grad_enabled()


def test_inference_mode():
    x = leaf(1.0)
    with rt.inference_mode():
        y = x * 2
    assert not y.requires_grad
    with rt.no_grad(), rt.inference_mode(False):
        assert (x * 2).requires_grad


def test_modes_belong_to_their_thread():
    seen = []
    with rt.no_grad():
        thread = threading.Thread(target=lambda: seen.append(rt.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


# ---- what requires grad ----


def test_only_floats_require_grad():
    with pytest.raises(RuntimeError, match="floating point"):
        rt.arange(3).requires_grad_()
    with pytest.raises(RuntimeError, match="floating point"):
        rt.tensor([True], requires_grad=True)
    assert rt.ones(2, dtype=rt.float16, requires_grad=True).requires_grad


def test_leaves_and_their_history():
    x = leaf(1.0)
    y = x * 2
    assert (x.is_leaf, x.grad_fn, y.is_leaf) == (True, None, False)
    assert y.grad_fn.name() == "MulBackward"
    assert y.grad_fn == y.grad_fn
    assert y.grad_fn.next_functions[0][0] is None or y.grad_fn.next_functions
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad_(False)


def test_detach_and_data_share_memory_without_history():
    x = leaf(1.0, 2.0)
    y = (x * 2).detach()
    assert not y.requires_grad
    shared = x.detach()
    with rt.no_grad():
        shared[0] = 7.0
    assert x.tolist() == [7.0, 2.0]
    x.data[1] = 8.0
    assert x.tolist() == [7.0, 8.0]
    x.data = rt.zeros(3, dtype=rt.float64)
    assert x.shape == (3,)
    assert x.requires_grad


def test_detach_in_place_cuts_the_history():
    y = leaf(1.0) * 2
    y.detach_()
    assert y.is_leaf
    assert not y.requires_grad


def test_assigned_gradients_must_fit():
    x = leaf(1.0, 2.0)
    x.grad = rt.ones(2, dtype=rt.float64)
    with pytest.raises(RuntimeError, match="grad"):
        x.grad = rt.ones(3, dtype=rt.float64)
    with pytest.raises(RuntimeError, match="grad"):
        x.grad = rt.ones(2)


# ---- writing in place ----


def test_a_saved_tensor_that_was_written_is_an_error_in_backward():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = (y * y).sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_the_version_counts_writes_through_views_too():
    x = rt.zeros(2, 2)
    version = x._version
    x[0].add_(1)
    x.t()[1, 1] = 5
    assert x._version == version + 2
    assert x.detach()._version == x._version


def test_writes_to_data_are_not_noticed():
    x = leaf(2.0)
    y = x * x
    x.data.mul_(10)
    y.backward()  # as PyTorch: the gradient is that of the new value
    assert x.grad.item() == 40.0


def test_writing_to_a_leaf_wants_no_grad():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="leaf"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="leaf"):
        x[0] = 3.0
    with pytest.raises(RuntimeError, match="leaf"):
        x[0:1].mul_(3.0)
    with rt.no_grad():
        x.add_(1)
    assert x.tolist() == [2.0, 3.0]


def test_in_place_operations_are_recorded():
    x = leaf(2.0, 3.0)
    y = x.clone()
    y.mul_(x)
    y.add_(1).pow_(2)
    y.sum().backward()  # ((x²)+1)² -> 4x(x²+1)
    assert x.grad.tolist() == [4 * 2 * 5, 4 * 3 * 10]


def test_writes_through_a_view_reach_the_base():
    x, v = leaf(1.0, 2.0, 3.0), leaf(10.0)
    y = x * 1
    y[1] = v * 2
    y[2:].mul_(5)
    (y * rt.tensor([1.0, 10.0, 100.0], dtype=rt.float64)).sum().backward()
    assert y.tolist() == [1.0, 20.0, 15.0]
    assert x.grad.tolist() == [1.0, 0.0, 500.0]
    assert v.grad.item() == 20.0


def test_a_view_taken_before_the_write_sees_its_history():
    x = leaf(1.0, 2.0)
    y = x * 1
    view = y[0]
    y.mul_(3)
    view.backward()
    assert x.grad.tolist() == [3.0, 0.0]


def test_a_constant_becomes_tracked_by_what_is_written_to_it():
    v = leaf(2.0)
    out = rt.zeros(2, 3, dtype=rt.float64)
    out[1] = v
    assert out.requires_grad
    out.sum().backward()
    assert v.grad.item() == 3.0


def test_masked_and_indexed_writes_are_differentiable():
    x, v = leaf(1.0, 2.0, 3.0), leaf(5.0)
    y = x.clone()
    y[rt.tensor([True, False, False])] = v
    y[rt.tensor([2, 2])] = 9.0
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]
    assert v.grad.item() == 1.0


# ---- depth ----


@pytest.mark.parametrize("length", [100_000])
def test_deep_graphs_need_no_recursion(length):
    """Walking back and freeing both, on a small stack as threads have it."""
    failures = []

    def work():
        try:
            x = leaf(1.0)
            y = x
            for _ in range(length):
                y = y + 1.0
            y.backward()
            assert x.grad.item() == 1.0
            z = x
            for _ in range(length):
                z = z * 1.0
            del z  # freed without a walk
        except BaseException as error:
            failures.append(error)

    threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
    assert not failures


# ---- Function ----


class Exp(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        result = x.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, g):
        (result,) = ctx.saved_tensors
        return g * result


def test_function_with_derivatives_of_its_own():
    x = leaf(0.5, -1.0)
    assert autograd.gradcheck(Exp.apply, x)
    y = Exp.apply(x)
    assert y.tolist() == x.exp().tolist()
    assert not y.is_leaf


def test_function_without_tape_records_nothing():
    with rt.no_grad():
        assert not Exp.apply(leaf(1.0)).requires_grad
    assert not Exp.apply(rt.ones(2)).requires_grad


def test_function_can_be_walked_once():
    x = leaf(1.0)
    y = Exp.apply(x)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_function_notices_that_a_saved_tensor_was_written():
    y = Exp.apply(leaf(1.0, 2.0))
    z = y.sum()
    with rt.no_grad():
        y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_function_differentiates_twice_where_backward_is_differentiable():
    class Cube(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    x = leaf(2.0)
    (first,) = autograd.grad(Cube.apply(x), x, create_graph=True)
    (second,) = autograd.grad(first, x)
    assert (first.item(), second.item()) == (12.0, 12.0)
    assert autograd.gradgradcheck(Cube.apply, x)


def test_function_whose_derivative_is_no_function_of_its_own(torch):
    for library in (rt, torch):

        class Cube(library.autograd.Function):
            @staticmethod
            def forward(ctx, x, other):
                ctx.save_for_backward(x)
                return x**3

            @staticmethod
            @library.autograd.function.once_differentiable
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 3 * g * x**2, None

        x = library.tensor(2.0, requires_grad=True)
        (gradient,) = library.autograd.grad(Cube.apply(x, 1) ** 2, x, create_graph=True)
        assert gradient.item() == 192
        with pytest.raises(RuntimeError, match="twice"):
            gradient.backward()


@pytest.mark.filterwarnings("ignore:Anomaly Detection", "ignore:Error detected")
def test_walks_that_look_for_nan(torch):
    for library in (rt, torch):
        x = library.tensor([1.0, 0.0], requires_grad=True)

        def loss(x=x):
            return (x * x.sqrt()).sum()

        loss().backward()
        with library.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="returned nan values in its 0th"):
            loss().backward()
        library.autograd.set_detect_anomaly(True)
        with pytest.raises(RuntimeError, match="returned nan values"):
            loss().backward()
        with library.autograd.set_detect_anomaly(False):
            loss().backward()
        with library.autograd.detect_anomaly(check_nan=False):
            loss().backward()
        with pytest.raises(RuntimeError, match="returned nan values"):
            loss().backward()
        library.autograd.set_detect_anomaly(False)
        loss().backward()


def test_function_with_several_outputs_and_arguments_without_gradient():
    class Both(autograd.Function):
        @staticmethod
        def forward(ctx, x, factor, y):
            assert ctx.needs_input_grad == (True, False, False)
            ctx.factor = factor
            return x * factor, x + y, "text"

        @staticmethod
        def backward(ctx, g, h, nothing):
            assert nothing is None
            return g * ctx.factor + h, None, None

    x = leaf(1.0, 2.0)
    scaled, moved, text = Both.apply(x, 3, rt.ones(2, dtype=rt.float64))
    assert text == "text"
    (scaled.sum() + 10 * moved.sum()).backward()
    assert x.grad.tolist() == [13.0, 13.0]
    x.grad = None
    _, moved, _ = Both.apply(x, 3, rt.ones(2, dtype=rt.float64))
    moved.sum().backward()  # the other output's gradient is zeros
    assert x.grad.tolist() == [1.0, 1.0]


def test_function_outputs_without_gradient():
    class Top(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            values, places = x.max(0)
            ctx.mark_non_differentiable(places)
            ctx.set_materialize_grads(False)
            ctx.save_for_backward(x, places)
            return values, places

        @staticmethod
        def backward(ctx, g, nothing):
            x, places = ctx.saved_tensors
            assert nothing is None
            return rt.zeros_like(x).scatter_(0, places.reshape(1), g.reshape(1))

    x = leaf(1.0, 5.0, 2.0)
    values, places = Top.apply(x)
    assert not places.requires_grad
    values.backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]


def test_function_errors_come_out():
    class Wrong(autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, g):
            return g

    x = leaf(1.0)
    with pytest.raises(RuntimeError, match=r"returned 1 gradients, forward took 2"):
        Wrong.apply(x, leaf(2.0)).backward()


def test_function_with_setup_context():
    class Scale(autograd.Function):
        @staticmethod
        def forward(x, factor):
            return x * factor

        @staticmethod
        def setup_context(ctx, inputs, output):
            _, ctx.factor = inputs

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor, None

    x = leaf(1.0)
    Scale.apply(x, 4.0).backward()
    assert x.grad.item() == 4.0


# ---- checks of derivatives ----


class WrongCube(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * x**2


def test_gradcheck_finds_a_wrong_derivative():
    x = leaf(1.0, 2.0)
    with pytest.raises(autograd.gradcheck.__globals__["GradcheckError"], match="analytical"):
        autograd.gradcheck(WrongCube.apply, x)
    assert not autograd.gradcheck(WrongCube.apply, x, raise_exception=False)


def test_gradcheck_wants_float64():
    with pytest.raises(ValueError, match="float64"):
        autograd.gradcheck(rt.exp, rt.ones(2, requires_grad=True))
    with pytest.raises(ValueError, match="requires grad"):
        autograd.gradcheck(rt.exp, rt.ones(2))


def test_the_tape_of_every_thread_is_its_own():
    """Several walks at once over separate graphs and into one shared leaf."""
    shared = rt.ones(1000, dtype=rt.float64, requires_grad=True)

    def work(factor):
        for _ in range(50):
            (shared * factor).sum().backward()

    threads = [threading.Thread(target=work, args=(factor,)) for factor in (1.0, 2.0, 4.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.grad.tolist() == [50 * 7.0] * 1000


@pytest.mark.parametrize(
    "window",
    [
        lambda x: x.narrow(0, 1, 2),
        lambda x: x.select(0, 1),
        lambda x: x[::2],
        lambda x: x.unfold(0, 2, 1),
        lambda x: x.expand(4, 4).diagonal(),
    ],
    ids=["narrow", "select", "slice", "unfold", "diagonal"],
)
def test_windows_on_expanded_tensors_count_each_element_once(window):
    x = rt.tensor(1.5, dtype=rt.float64, requires_grad=True)
    assert rt.autograd.gradcheck(lambda x: (window(x.expand(4)) * 2).sum(), [x])


def test_second_derivative_of_joined_tensors():
    """The gradient of a sum is expanded, and joining cuts windows out of it."""
    parts = [rt.rand(2, dtype=rt.float64, requires_grad=True) for _ in range(3)]
    for join in (rt.cat, rt.stack):
        assert rt.autograd.gradgradcheck(lambda *parts, join=join: join(parts).sum(), parts)
