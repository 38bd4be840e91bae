"""`zoo sweep` without its engine."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
from conftest import Zoo


@pytest.mark.one_backend
def test_the_engine_that_is_missing_is_told(
    zoo_command: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec

    def without(name: str, *more: Any) -> Any:
        return None if name == "optuna" else found(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    done = zoo_command("sweep", "earth", "training.epochs=1,2")
    assert done.returncode == 2
    assert done.stderr == (
        "zoo: zoo sweep needs the library optuna, which is not installed; install it with: "
        "pip install 'pix2pix-zoo[sweep]'\n"
    )
