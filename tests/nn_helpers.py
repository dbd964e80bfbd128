"""What the tests of networks share: numbers across libraries."""

import pytest
import rutile as rt


def numbers(tensor):
    """A tensor as nested lists, comparable across libraries."""
    return (
        tensor.detach().to(rt.float64).tolist() if isinstance(tensor, rt.Tensor) else tensor.detach().double().tolist()
    )


def twin(torch, tensor):
    """The same values as a PyTorch tensor."""
    return torch.tensor(tensor.detach().tolist(), dtype=getattr(torch, str(tensor.dtype).split(".")[-1])).reshape(
        tuple(tensor.shape)
    )


def assert_close(ours, theirs, tolerance=1e-5):
    assert tuple(ours.shape) == tuple(theirs.shape)
    flat = zip(numbers(ours.reshape(-1)), numbers(theirs.reshape(-1)), strict=True)
    for a, b in flat:
        assert a == pytest.approx(b, rel=tolerance, abs=tolerance, nan_ok=True)
