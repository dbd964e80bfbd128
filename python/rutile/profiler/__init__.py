"""Where the time goes: operations and their derivatives, measured in the engine.

Names and arguments are those of `torch.profiler`. What is off costs nothing that can be measured.

Example:
    >>> import rutile as rt
    >>> from rutile.profiler import profile, record_function
    >>> with profile(record_shapes=True) as prof:
    ...     with record_function("products"):
    ...         y = rt.ones(8, 4) @ rt.ones(4, 2)
    >>> [(row.key, row.count) for row in prof.key_averages()]
    [('products', 1), ('ones', 2), ('matmul', 1)]
    >>> prof.key_averages()[2].flops
    128
"""

from .events import EventList, FunctionEvent, FunctionEventAvg
from .profiler import (
    ProfilerAction,
    ProfilerActivity,
    profile,
    record_function,
    schedule,
    supported_activities,
    tensorboard_trace_handler,
)

__all__ = [
    "EventList",
    "FunctionEvent",
    "FunctionEventAvg",
    "ProfilerAction",
    "ProfilerActivity",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]
