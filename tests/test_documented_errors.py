"""The exceptions that docstrings of the engine's operations name, and that PyTorch's users catch."""

import warnings

import pytest
import rutile as rt

# By the class in the docstring (`Raises:`): a call that raises it.
RAISES = {
    "RuntimeError": """
        F.prelu(rt.ones(2, 3), rt.ones(2))
        rt.add(rt.ones(2), rt.ones(3))
        rt.tensor([True]) - rt.tensor([True])
        -rt.tensor([True])
        rt.div(rt.tensor([1]), rt.tensor([0]), rounding_mode="floor")
        rt.floor_divide(rt.tensor([1]), rt.tensor([0]))
        rt.remainder(rt.tensor([1]), rt.tensor([0]))
        rt.fmod(rt.tensor([1]), rt.tensor([0]))
        rt.pow(rt.tensor([2]), -1)
        rt.bitwise_and(rt.ones(2), 1)
        rt.bitwise_or(rt.ones(2), 1)
        rt.bitwise_xor(rt.ones(2), 1)
        rt.bitwise_not(rt.ones(2))
        rt.where(rt.ones(2), 1, 2)
        rt.masked_fill(rt.ones(2), rt.ones(2), 1)
        rt.masked_fill(rt.ones(2), rt.ones(2) > 0, rt.ones(2))
        rt.trace(rt.ones(2))
        rt.adjoint(rt.ones(2))
        rt.block_diag(rt.ones(2, 2, 2))
        rt.cartesian_prod(rt.ones(2, 2), rt.ones(2))
        rt.combinations(rt.ones(2, 2))
        rt.combinations(rt.ones(2), -1)
        rt.vander(rt.ones(2, 2))
        rt.linalg.vander(rt.tensor(1))
        rt.linalg.vander(rt.ones(2), N=1)
        F.scaled_dot_product_attention(rt.ones(3, 4), rt.ones(3, 5), rt.ones(3, 1))
        F.scaled_dot_product_attention(rt.ones(3, 4), rt.ones(3, 4).double(), rt.ones(3, 1))
        F.scaled_dot_product_attention(rt.ones(3, 4), rt.ones(3, 4), rt.ones(3, 1), rt.ones(3, 3), is_causal=True)
        rt.zeros(-1)
        rt.ones(-1)
        rt.empty(-1)
        rt.full((-1,), 1)
        rt.linspace(0, 1, -1)
        rt.eye(-1)
        F.one_hot(rt.ones(2))
        F.one_hot(rt.tensor([-1]))
        F.one_hot(rt.tensor([3]), 2)
        rt.tril(rt.ones(3))
        rt.triu(rt.ones(3))
        F.conv1d(rt.ones(1, 1, 3), rt.ones(1, 2, 2))
        F.conv1d(rt.ones(1, 1, 3), rt.ones(1, 1, 2).double())
        F.conv1d(rt.ones(1, 1, 3), rt.ones(1, 1, 4))
        F.conv2d(rt.ones(1, 1, 3, 3), rt.ones(1, 2, 2, 2))
        F.conv2d(rt.ones(1, 1, 3, 3), rt.ones(1, 1, 2, 2).double())
        F.conv2d(rt.ones(1, 1, 3, 3), rt.ones(1, 1, 4, 4))
        F.conv2d(rt.ones(1, 1, 3, 3), rt.ones(1, 1, 2, 2), padding="same", stride=2)
        F.conv3d(rt.ones(1, 1, 3, 3, 3), rt.ones(1, 2, 2, 2, 2))
        F.conv_transpose1d(rt.ones(1, 1, 3), rt.ones(2, 2, 2))
        F.conv_transpose1d(rt.ones(1, 1, 3), rt.ones(1, 2, 2), output_padding=1)
        F.conv_transpose2d(rt.ones(1, 1, 3, 3), rt.ones(2, 2, 2, 2))
        F.conv_transpose2d(rt.ones(1, 1, 3, 3), rt.ones(1, 2, 2, 2), output_padding=1)
        F.conv_transpose3d(rt.ones(1, 1, 3, 3, 3), rt.ones(2, 2, 2, 2, 2))
        F.ctc_loss(rt.zeros(2, 1, 3).long(), rt.tensor([[1]]), rt.tensor([2]), rt.tensor([1]))
        F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[1]]), rt.tensor([3]), rt.tensor([1]))
        F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[1]]), rt.tensor([2]), rt.tensor([2]))
        rt.cdist(rt.ones(2, 2), rt.ones(2, 3))
        rt.cdist(rt.ones(2, 2), rt.ones(2, 2), -1.0)
        F.pdist(rt.ones(2))
        F.pdist(rt.ones(2, 2), -1.0)
        rt.einsum("ij", rt.ones(2))
        rt.einsum("ij,jk->ik", rt.ones(2, 3), rt.ones(2, 3))
        rt.einsum("ij->iq", rt.ones(2, 3))
        F.embedding(rt.tensor([5.0]), rt.ones(3, 2))
        F.embedding(rt.tensor([0]), rt.ones(3))
        rt.max(rt.ones(0))
        rt.min(rt.ones(0))
        F.unfold(rt.ones(2, 2), 2)
        F.unfold(rt.ones(1, 2, 2), 3)
        F.fold(rt.ones(1, 4, 3), (3, 3), 2)
        F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(1, 1, 1, 3))
        F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(1, 1, 1, 2).double())
        rt.histc(rt.ones(2), 0)
        rt.histc(rt.ones(2), 3, 2, 1)
        rt.histc(rt.tensor([rt.nan]))
        rt.bincount(rt.ones(2))
        rt.bincount(rt.tensor([-1]))
        rt.bincount(rt.tensor([[1]]))
        rt.bincount(rt.tensor([1]), rt.ones(2))
        rt.index_select(rt.ones(2), 0, rt.tensor([1.0]))
        rt.index_select(rt.ones(2), 0, rt.tensor([[1]]))
        rt.index_add(rt.ones(2), 0, rt.tensor([0]), rt.ones(2))
        rt.gather(rt.ones(2, 2), 0, rt.tensor([1]))
        rt.gather(rt.ones(2, 2), 0, rt.tensor([[1, 1, 1]]))
        rt.gather(rt.ones(2, 2), 0, rt.tensor([[1.0]]))
        rt.scatter_add(rt.ones(2), 0, rt.tensor([1, 1]), rt.ones(1))
        rt.scatter_add(rt.ones(2, 2), 0, rt.tensor([[1, 1, 1]]), rt.ones(1, 3))
        rt.scatter(rt.ones(2), 0, rt.tensor([1, 1]), rt.ones(1))
        rt.scatter(rt.ones(2, 2), 0, rt.tensor([[1, 1, 1]]), rt.ones(1, 3))
        rt.masked_select(rt.ones(2), rt.ones(2))
        rt.masked_select(rt.ones(2), rt.ones(3) > 0)
        rt.cat([])
        rt.cat([rt.ones(2, 3), rt.ones(2, 2)])
        rt.cat([rt.ones(2, 3), rt.ones(2)])
        rt.stack([])
        rt.stack([rt.ones(2), rt.ones(3)])
        rt.hstack([])
        rt.hstack([rt.ones(2, 3), rt.ones(3, 3)])
        rt.vstack([])
        rt.vstack([rt.ones(2, 3), rt.ones(3, 2)])
        rt.dstack([])
        rt.dstack([rt.ones(2), rt.ones(3)])
        rt.ones(2, 2).repeat(2)
        rt.ones(2).repeat(-2)
        rt.repeat_interleave(rt.ones(2), -1)
        rt.repeat_interleave(rt.ones(2), rt.tensor([1, 2, 3]))
        rt.broadcast_tensors(rt.ones(2), rt.ones(3))
        rt.meshgrid(rt.ones(2, 2), rt.ones(2))
        rt.flip(rt.ones(2), (0, 0))
        rt.roll(rt.ones(2), (1, 2), (0,))
        F.pad(rt.ones(2), (1,))
        F.pad(rt.ones(2), (1, 1, 1, 1))
        F.pad(rt.ones(2), (-3, 0))
        F.cross_entropy(rt.ones(2, 2), rt.tensor([1]))
        F.cross_entropy(rt.ones(2, 2).long(), rt.tensor([1, 1]))
        F.nll_loss(rt.ones(2, 2), rt.tensor([1]))
        F.nll_loss(rt.ones(2, 2), rt.ones(2))
        F.binary_cross_entropy(rt.ones(2), rt.ones(2).double())
        F.binary_cross_entropy(2 * rt.ones(2), rt.ones(2))
        rt.view_as_complex(rt.ones(3))
        rt.view_as_complex(rt.ones(2, 2).T)
        rt.view_as_complex(rt.tensor([1, 2]))
        rt.view_as_real(rt.ones(2))
        rt.imag(rt.ones(2))
        rt.complex(rt.ones(2), rt.ones(2).double())
        rt.complex(rt.tensor([1]), rt.tensor([1]))
        rt.polar(rt.ones(2), rt.ones(2).double())
        rt.stft(rt.ones(8), 16, center=False, return_complex=True)
        rt.stft(rt.ones(64), 16)
        rt.istft(rt.ones(9, 4), 16)
        rt.istft(rt.ones(9, 4) + 0j, 16, window=rt.zeros(16))
        rt.fft.fft(rt.ones(0))
        rt.fft.fft(rt.ones(2), n=0)
        rt.fft.fft(rt.ones(2), norm="x")
        rt.fft.fftn(rt.ones(2, 2), dim=(0, 0))
        rt.fft.fftn(rt.ones(2, 0))
        rt.fft.fftn(rt.ones(2, 2), s=(1, 1), dim=(0,))
        rt.linalg.eig(rt.ones(2, 3))
        rt.linalg.cholesky(rt.ones(2, 3))
        rt.linalg.lu_factor(rt.eye(2), pivot=False)
        rt.linalg.matrix_norm(rt.eye(2), ord=3)
        rt.linalg.matrix_norm(rt.eye(2), ord="x")
        rt.linalg.matrix_norm(rt.ones(2))
        rt.linalg.norm(rt.ones(2, 2, 2), ord=1)
        rt.linalg.solve(rt.eye(2), rt.ones(3))
        rt.linalg.solve_triangular(rt.eye(2), rt.ones(3, 1), upper=True)
        rt.linalg.inv(rt.zeros(2, 3))
        rt.linalg.det(rt.zeros(2, 3))
        rt.linalg.slogdet(rt.zeros(2, 3))
        rt.logdet(rt.zeros(2, 3))
        rt.matrix_power(rt.zeros(2, 3), 2)
        rt.linalg.eigh(rt.ones(2, 3))
        rt.linalg.eigh(rt.eye(2), UPLO="x")
        rt.linalg.lstsq(rt.ones(2, 2), rt.ones(3, 1))
        rt.linalg.lstsq(rt.ones(2, 2), rt.ones(2, 1).double())
        rt.linalg.lstsq(rt.ones(2, 2), rt.ones(2, 1), driver="x")
        rt.linalg.matrix_exp(rt.zeros(2, 3))
    """,
    "ValueError": """
        F.gelu(rt.ones(2), approximate="x")
        rt.div(rt.tensor([1]), 2, rounding_mode="x")
        rt.clamp(rt.ones(2))
        rt.ones(2, 3).T.contiguous(memory_format=rt.preserve_format)
        rt.arange(0, 5, -1)
        rt.arange(0, 5, 0)
        rt.arange(0, rt.inf)
        F.conv1d(rt.ones(1, 1, 3), rt.ones(1, 1, 2), padding="x")
        F.conv2d(rt.ones(1, 1, 3, 3), rt.ones(1, 1, 2, 2), padding="x")
        F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[1]]), rt.tensor([2]), rt.tensor([1]), reduction="x")
        rt.cdist(rt.ones(2, 2), rt.ones(2, 2), compute_mode="x")
        F.embedding_bag(rt.tensor([[0, 1]]), rt.ones(3, 2), mode="x")
        F.embedding_bag(rt.tensor([0, 1]), rt.ones(3, 2))
        F.embedding_bag(rt.tensor([[0, 1]]), rt.ones(3, 2), per_sample_weights=rt.ones(2), mode="sum")
        F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(1, 1, 1, 2), mode="x")
        F.grid_sample(rt.ones(1, 1, 2, 2), rt.ones(1, 1, 1, 2), padding_mode="x")
        rt.meshgrid(rt.ones(2), rt.ones(2), indexing="x")
        F.cross_entropy(rt.ones(2, 2), rt.tensor([1, 1]), reduction="x")
        F.binary_cross_entropy(rt.ones(2), rt.ones(3))
        rt.linalg.qr(rt.eye(2), mode="x")
    """,
    "IndexError": """
        F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[7]]), rt.tensor([2]), rt.tensor([1]))
        F.embedding(rt.tensor([5]), rt.ones(3, 2))
        F.embedding_bag(rt.tensor([[0, 7]]), rt.ones(3, 2))
        rt.max(rt.ones(2), 1)
        rt.max(rt.ones(2, 0), 1)
        rt.amax(rt.ones(2), 1)
        rt.amax(rt.ones(2, 0), 1)
        rt.argmax(rt.ones(2), 1)
        rt.argmax(rt.ones(2, 0), 1)
        rt.argmin(rt.ones(2, 0), 1)
        rt.index_select(rt.ones(2), 0, rt.tensor([5]))
        rt.index_select(rt.ones(2), 1, rt.tensor([0]))
        rt.index_add(rt.ones(2), 0, rt.tensor([5]), rt.ones(1))
        rt.gather(rt.ones(2, 2), 0, rt.tensor([[5]]))
        rt.gather(rt.ones(2, 2), 3, rt.tensor([[0]]))
        rt.scatter_add(rt.ones(2), 0, rt.tensor([5]), rt.ones(1))
        rt.scatter(rt.ones(2), 0, rt.tensor([5]), rt.ones(1))
        rt.cat([rt.ones(2)], 1)
        rt.stack([rt.ones(2)], 5)
        rt.repeat_interleave(rt.ones(2), 2, dim=1)
        rt.flip(rt.ones(2), (1,))
        rt.roll(rt.ones(2), 1, 1)
        F.cross_entropy(rt.ones(2, 2), rt.tensor([5, 1]))
        F.nll_loss(rt.ones(2, 2), rt.tensor([5, 1]))
        rt.fft.fft(rt.ones(2), dim=1)
        rt.linalg.vector_norm(rt.ones(2), dim=1)
    """,
    "NotImplementedError": """
        F.embedding(rt.tensor([0]), rt.ones(3, 2), sparse=True)
        F.embedding_bag(rt.tensor([[0, 1]]), rt.ones(3, 2), sparse=True)
        F.embedding_bag(rt.tensor([[0, 1]]), rt.ones(3, 2), per_sample_weights=rt.ones(1, 2))
    """,
    "LinAlgError": """
        rt.linalg.eig(rt.tensor([[rt.nan, 1.0], [-1.0, 0.0]]))
        rt.linalg.cholesky(-rt.eye(2))
        rt.linalg.cholesky_ex(-rt.eye(2), check_errors=True)
        rt.linalg.lu_factor_ex(rt.zeros(2, 2), check_errors=True)
        rt.linalg.solve(rt.zeros(2, 2), rt.ones(2))
        rt.linalg.solve_ex(rt.zeros(2, 2), rt.ones(2), check_errors=True)
        rt.linalg.inv(rt.zeros(2, 2))
        rt.linalg.inv_ex(rt.zeros(2, 2), check_errors=True)
        rt.matrix_power(rt.zeros(2, 2), -1)
        rt.linalg.eigh(rt.eye(2) * rt.nan)
        rt.linalg.svd(rt.eye(2) * rt.nan)
    """,
}
CASES = [(error, call.strip()) for error, calls in RAISES.items() for call in calls.strip().splitlines()]

# What PyTorch says differently: it takes these, or has another class.
NOT_AS_TORCH = {
    "F.embedding(rt.tensor([0]), rt.ones(3, 2), sparse=True)": "has sparse gradients",
    "F.embedding_bag(rt.tensor([[0, 1]]), rt.ones(3, 2), sparse=True)": "has sparse gradients",
    "F.embedding_bag(rt.tensor([[0, 7]]), rt.ones(3, 2))": "RuntimeError for an index",
    "F.unfold(rt.ones(2, 2), 2)": "IndexError for a shape",
    "rt.gather(rt.ones(2, 2), 0, rt.tensor([[5]]))": "RuntimeError for an index",
    "rt.index_select(rt.ones(2), 0, rt.tensor([[1]]))": "IndexError for a shape",
    "rt.linalg.eigh(rt.eye(2) * rt.nan)": "gives NaN",
    "rt.scatter(rt.ones(2), 0, rt.tensor([5]), rt.ones(1))": "RuntimeError for an index",
    "rt.scatter_add(rt.ones(2), 0, rt.tensor([5]), rt.ones(1))": "RuntimeError for an index",
}

# PyTorch reads outside the tensor.
UNSAFE_IN_TORCH = {"F.ctc_loss(rt.zeros(2, 1, 3), rt.tensor([[7]]), rt.tensor([2]), rt.tensor([1]))"}


def raised(call, library):
    """What a call raises, or None."""
    names = {"rt": library, "F": library.nn.functional}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's, about what it will refuse one day
        try:
            eval(call, names)
        except Exception as error:
            return error
    return None


def classes_of(error):
    """The names of what a user may catch, except everything."""
    return {base.__name__ for base in type(error).__mro__} - {"Exception", "BaseException", "object", "NoneType"}


@pytest.mark.parametrize(("error", "call"), CASES, ids=[call for _, call in CASES])
def test_the_documented_exception(error, call):
    found = raised(call, rt)
    assert error in classes_of(found), found
    assert len(str(found)) > 15


@pytest.mark.parametrize("call", [call for _, call in CASES if call not in UNSAFE_IN_TORCH])
def test_users_of_pytorch_catch_it(torch, call):
    ours, theirs = (classes_of(raised(call, library)) for library in (rt, torch))
    assert bool(ours & theirs) != (call in NOT_AS_TORCH), (ours, theirs)
