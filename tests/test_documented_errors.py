"""The exceptions that docstrings name are raised, and PyTorch's users catch them."""

import importlib
import re
import warnings

import pytest
import rutile as rt
from error_rows import NOT_AS_TORCH, RAISES, UNSAFE_IN_TORCH

CASES = [(error, call.strip()) for error, calls in RAISES.items() for call in calls.strip().splitlines()]


def raised(call, library):
    """What a call raises, or None."""
    importlib.import_module(f"{library.__name__}.nn.utils.prune")  # PyTorch's `nn.utils` comes without
    names = {"rt": library, "F": library.nn.functional, "nn": library.nn}
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


def test_every_exception_that_an_operation_documents_has_a_call():
    missing = []
    for op in rt._rutile.ops():
        raises = re.search(r"^Raises: (.*?)(\n\n|\Z)", op["doc"], re.MULTILINE | re.DOTALL)
        if not raises or not op["at"] or op["name"].startswith("_"):
            continue
        names = "|".join([op["name"], *(alias for _, alias in op["aliases"])])
        for error in set(re.findall(r"\w+Error\b", raises[1])):
            if not re.search(rf"\.({names})_?\(", RAISES.get(error, "")):
                missing.append((op["name"], error))
    assert missing == []
