"""Requests that a server sends itself when it loads a model, so that the first visitor does not wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError
from zoo.export.serving.signatures import BYTES, BYTES_IN, FLOATS, FLOATS_IN
from zoo.pictures import PictureFormat

# Where TensorFlow Serving looks for them, below the version.
FILE = Path("assets.extra", "tf_serving_warmup_requests")


def write_warm_up(
    version: Path, name: str, pictures: np.ndarray, source: PictureFormat | None
) -> None:
    """Write requests for all signatures of a model, as PredictionLog records.

    Args:
        version: folder of the SavedModel, which need not be there yet.
        name: of the model.
        pictures: float32 (n, H, W, C) in [-1, 1]; one request each and signature.
        source: of picture files; None if the model takes floats alone.

    Raises:
        ZooError: if the package with TensorFlow Serving's messages is not installed.
    """
    try:
        from tensorflow_serving.apis.model_pb2 import ModelSpec
        from tensorflow_serving.apis.predict_pb2 import PredictRequest
        from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog, PredictLog
    except ModuleNotFoundError as error:
        raise ZooError(
            "the warm-up requests of a served model are messages of TensorFlow Serving; "
            "install them with: pip install 'pix2pix-zoo[serving]'"
        ) from error
    file = version / FILE
    file.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for signature, inputs in _requests(pictures, source):
            request = PredictRequest(
                model_spec=ModelSpec(name=name, signature_name=signature),
                inputs={key: tf.make_tensor_proto(value) for key, value in inputs.items()},
            )
            writer.write(PredictionLog(predict_log=PredictLog(request=request)).SerializeToString())


def _requests(
    pictures: np.ndarray, source: PictureFormat | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    for picture in pictures:
        yield FLOATS, {FLOATS_IN: picture[None].astype(np.float32)}
        if source:
            content = tf.io.encode_png(source.from_network(picture)).numpy()
            yield BYTES, {BYTES_IN: [content]}
