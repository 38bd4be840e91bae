"""Processes that train together share out every batch."""

import os
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest

from zoo.backend import shard
from zoo.data.loader import Loader

PROGRAM = """
import sys
import numpy as np

address, process = sys.argv[1:]
if {backend!r} == "jax":
    import jax
    jax.distributed.initialize(address, 2, int(process))
else:
    import torch
    torch.distributed.init_process_group("gloo", f"tcp://{{address}}", rank=int(process), world_size=2)

from zoo.backend import shard
from zoo.data.loader import Loader


class Numbers:
    def __len__(self):
        return 12

    def example(self, index, random):
        return {{"source": np.array([index, random.random()])}}


loader = Loader(Numbers(), 4, seed=3, shuffle=True, augment=True, workers=1, shard=shard())
print(shard(), [loader[index]["source"].tolist() for index in range(len(loader))])
"""


class Numbers:
    def __init__(self, count=12):
        self.count = count

    def __len__(self):
        return self.count

    def example(self, index, random):
        return {"source": np.array([index, random.random()])}


def batches(shard, count=12, start=0):
    loader = Loader(Numbers(count), 4, seed=3, shuffle=True, augment=True, workers=0, shard=shard)
    loader = loader.rest(start)
    return [loader[index]["source"] for index in range(len(loader))]


def test_one_process_is_the_only_one():
    assert shard() == (0, 1)


@pytest.mark.parametrize("processes", [2, 4])
@pytest.mark.parametrize("start", [0, 2])
def test_the_parts_of_a_batch_make_up_the_batch(processes, start):
    whole = batches((0, 1), start=start)
    parts = [batches((process, processes), start=start) for process in range(processes)]
    for index, batch in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([part[index] for part in parts]), batch)


def test_a_batch_that_not_all_could_share_is_left_out():
    assert [len(batch) for batch in batches((0, 1), count=14)] == [4, 4, 4, 2]
    assert [len(batch) for batch in batches((1, 2), count=14)] == [2, 2, 2]


@pytest.mark.parametrize("which", [(0, 3), (2, 2), (-1, 2)])
def test_a_batch_that_cannot_be_shared_out_is_refused(which):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - compared below
        Loader(Numbers(), 4, shard=which)
    assert str(error.value) == (
        f"batches of 4 cannot be shared out over {which[1]} processes; expected a multiple of their number"
    )


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="one process drives all devices on TensorFlow"
)
def test_two_processes_know_which_they_are():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    program = PROGRAM.format(backend=keras.backend.backend())
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, address, str(process)],
            env={**os.environ, "JAX_PLATFORMS": "cpu"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for process in range(2)
    ]
    said = [process.communicate(timeout=50) for process in running]
    for process, (out, err) in enumerate(said):
        part = [batch.tolist() for batch in batches((process, 2))]
        assert out.strip() == f"({process}, 2) {part}", err
