"""Reading checkpoint files: what is accepted, what is refused, and that nothing in them is run."""

import os
import re
import sys

import numpy as np
import pytest
from reference import GOLDEN
from zoo_pytorch.read import read_state_dict

from zoo.errors import ZooError

CHECKPOINT = GOLDEN / "unet_128_net_G.pth"


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def state(torch):
    return torch.load(CHECKPOINT, weights_only=True)


def refused(path, message):
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        read_state_dict(path)


def test_a_checkpoint_is_arrays_by_name(state):
    arrays = read_state_dict(CHECKPOINT)
    assert list(arrays) == list(state)
    assert all(type(value) is np.ndarray for value in arrays.values())
    name = "model.model.1.model.1.weight"
    np.testing.assert_array_equal(arrays[name], state[name].numpy())


def test_the_old_format_wrappers_and_half_precision_are_read(torch, state, tmp_path):
    path = tmp_path / "net.pth"
    expected = read_state_dict(CHECKPOINT)
    changes = {
        "the old format": (state, {"_use_new_zipfile_serialization": False}),
        "among other things": ({"epoch": 3, "state_dict": state}, {}),
        "by another name": ({"model_state_dict": dict(state), "optimizer": {"lr": 0.1}}, {}),
        "as parameters": (
            {k: torch.nn.Parameter(v) if v.is_floating_point() else v for k, v in state.items()},
            {},
        ),
        "data parallel": ({f"module.{name}": value for name, value in state.items()}, {}),
    }
    for saved, options in changes.values():
        torch.save(saved, path, **options)
        arrays = read_state_dict(path)
        arrays = {name.removeprefix("module."): value for name, value in arrays.items()}
        assert arrays.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_array_equal(arrays[name], value)
    halved = {name: value.bfloat16() for name, value in state.items() if value.is_floating_point()}
    torch.save(halved, path)
    arrays = read_state_dict(path)
    assert {value.dtype.name for value in arrays.values()} == {"float32"}
    np.testing.assert_allclose(arrays["model.model.3.bias"], expected["model.model.3.bias"], 0.01)


def test_what_could_run_code_is_refused_and_not_run(torch, state, tmp_path):
    trap = tmp_path / "trap"
    message = (
        "{} holds Python objects beside arrays, which could run code when they are loaded, and was not "
        "loaded; where it was made, save the weights alone: torch.save(network.state_dict(), path)"
    )
    for index, old in enumerate((False, True)):
        path = tmp_path / f"harmful{index}.pth"
        options = {"_use_new_zipfile_serialization": not old}
        torch.save({**state, "more": Harmful(trap)}, path, **options)
        refused(path, message.format(path))
        assert not trap.exists()
    # The trap would have worked.
    torch.load(path, weights_only=False)
    assert trap.is_dir()
    whole = tmp_path / "module.pth"
    torch.save(torch.nn.Conv2d(1, 1, 1), whole)
    refused(whole, message.format(whole))


def test_damaged_and_other_files_are_refused(torch, state, tmp_path):
    old = tmp_path / "old.pth"
    torch.save(state, old, _use_new_zipfile_serialization=False)
    contents = {
        "cut.pth": CHECKPOINT.read_bytes()[:100_000],
        "old_cut.pth": old.read_bytes()[:100_000],
        "old_cut_early.pth": old.read_bytes()[:300],
        "empty.pth": b"",
        "text.pth": b"this is no checkpoint\n",
        "picture.pth": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        beginning = f"{path} is no PyTorch checkpoint, or a damaged one"
        ending = "; expected a file such as latest_net_G.pth"
        with pytest.raises(ZooError, match=f"^{re.escape(beginning)}.*{re.escape(ending)}$"):
            read_state_dict(path)
    refused(tmp_path / "none.pth", f"the file {tmp_path / 'none.pth'} does not exist")
    refused(tmp_path, f"{tmp_path} is a folder; name a checkpoint in it, such as latest_net_G.pth")


def test_other_contents_are_refused(torch, state, tmp_path):
    path = tmp_path / "other.pth"
    wanted = "; expected the weights of one network by name, as network.state_dict() returns them"
    contents = {
        "an object of type Tensor": torch.zeros(3),
        "an object of type list": [1, 2],
        "an empty dict": {},
        "a dict with netG, netD": {"netG": dict(state), "netD": dict(state)},
        "a dict with epoch": {**state, "epoch": 3},
        "a dict with 0, 1, 2, 3, 4, 5, …": dict.fromkeys(range(9), torch.zeros(3)),
    }
    for found, content in contents.items():
        torch.save(content, path)
        refused(path, f"{path} holds {found}{wanted}")


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    refused(
        CHECKPOINT,
        f"reading {CHECKPOINT} needs PyTorch, which is not installed; "
        "install it with: pip install 'pix2pix-zoo[torch]'",
    )
