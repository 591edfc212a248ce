#!/usr/bin/env python3
"""Compares what TensorBoard reads in a run directory with the run's metrics; prints the number of steps."""
import json
import math
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}).Reload()
lines = [json.loads(line) for line in open(sys.argv[1] + "/metrics.jsonl")]


def same(tag, key, tolerance):
    expected = [(line["step"], line[key]) for line in lines if key in line]
    found = [(event.step, event.value) for event in events.Scalars(tag)]
    assert [step for step, _ in found] == [step for step, _ in expected], tag
    for (step, a), (_, b) in zip(found, expected):
        assert math.isclose(a, b, rel_tol=1e-6, abs_tol=tolerance), (tag, step, a, b)


same("bitsPerByte/train", "trainBitsPerByte", 5.1e-5)
same("bitsPerByte/validation", "validationBitsPerByte", 5.1e-5)
same("bitsPerByte/validationInteger", "validationIntegerBitsPerByte", 1e-6)
same("speed/memberTokensPerSecond", "memberTokensPerSecond", 0)
same("update/changedFraction", "changedFraction", 5.1e-7)
same("update/tieRate", "tieRate", 5.1e-7)
times = [event.wall_time for event in events.Scalars("update/threshold")]
assert times == sorted(times) and times[0] > 1.7e9, times
assert all(event.value > 0 for event in events.Scalars("speed/gigaMultiplyAccumulatesPerSecond"))
assert "saturated/head" in events.Tags()["scalars"], events.Tags()
print(len(times))
