"""The files that start a server: TensorFlow Serving's list of models, and one for Docker Compose."""

from __future__ import annotations

from pathlib import Path

MODELS = "models.config"
COMPOSE = "compose.yaml"
# Where the folder is mounted; the server takes no relative path, and so the folder can be moved.
MOUNT = "/models"


def write_files(folder: Path, name: str, notes: list[str]) -> None:
    """Write `models.config` and `compose.yaml` beside a model's folder.

    Args:
        folder: holds the folder of the model, which has its name.
        name: of the model: letters, digits, `_` and `-`.
        notes: lines that say what the model takes.
    """
    comment = "".join(f"# {note}\n" for note in notes)
    (folder / MODELS).write_text(
        f"""\
{comment}model_config_list {{
  config {{
    name: "{name}"
    base_path: "{MOUNT}/{name}"
    model_platform: "tensorflow"
  }}
}}
""",
        encoding="utf-8",
    )
    (folder / COMPOSE).write_text(
        f"""\
# Start the server with: docker compose up
services:
  serving:
    image: tensorflow/serving:${{TENSORFLOW_SERVING_TAG:-latest}}
    command: ["--model_config_file={MOUNT}/{MODELS}"]
    ports:
      # gRPC and REST, for this machine alone: the server asks nobody who they are.
      - "127.0.0.1:8500:8500"
      - "127.0.0.1:8501:8501"
    volumes:
      - "./{MODELS}:{MOUNT}/{MODELS}:ro"
      - "./{name}:{MOUNT}/{name}:ro"
    restart: unless-stopped
""",
        encoding="utf-8",
    )
