"""TensorFlow's own lines: left out while plugins load, all there with `--verbose`."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.cli.main import main
from zoo.plugins import load_host

PLUGIN = """
import os
os.write(2, b"E0000 00:00:17 cudart_stub.cc:31] no GPU\\nreal error\\n")
"""


@pytest.mark.parametrize("verbose", [False, True])
def test_the_notes_of_a_plugin_that_loads_tensorflow(
    verbose: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    plugin = tmp_path / "loud.py"
    plugin.write_text(PLUGIN)
    load_host.cache_clear()
    with pytest.raises(SystemExit) as ended:
        main(["list", "--plugin", str(plugin), *(["--verbose"] if verbose else [])])
    assert ended.value.code == 0
    noted = "E0000 00:00:17 cudart_stub.cc:31] no GPU\n" if verbose else ""
    assert capfd.readouterr().err == f"{noted}real error\n"
