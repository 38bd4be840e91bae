"""A model as TensorFlow Serving serves it: its loader's graph and session, and its REST API's JSON.

The rules are those of the server's `util/json_tensor.cc` and of "RESTful API" in its documentation.
"""

from __future__ import annotations

import base64
import json

import numpy as np
import tensorflow as tf


class InvalidRequestError(Exception):
    """What the server answers with the status 400."""


class Served:
    """A SavedModel in a session, as the server loads it: by its tag, its tensors by the names of the signatures."""

    def __init__(self, version):
        self._session = tf.compat.v1.Session(graph=tf.Graph())
        with self._session.graph.as_default():
            meta = tf.compat.v1.saved_model.load(self._session, ["serve"], str(version))
        self.signatures = meta.signature_def

    def run(self, name, inputs):
        """Answer tensors by name; names that are not the signature's are refused, as they are by the server."""
        signature = self.signatures[name]
        assert set(inputs) == set(signature.inputs)
        feeds = {signature.inputs[key].name: value for key, value in inputs.items()}
        fetches = {key: info.name for key, info in signature.outputs.items()}
        try:
            return self._session.run(fetches, feeds)
        except tf.errors.InvalidArgumentError as error:
            raise InvalidRequestError(error.message) from error
        except ValueError as error:  # Python's session looks at shapes before the graph does
            raise InvalidRequestError(str(error)) from error

    def variables(self):
        """Return the values of all variables by the names of their handles."""
        graph = self._session.graph
        handles = [op for op in graph.get_operations() if op.type == "VarHandleOp"]
        with graph.as_default():
            reads = {
                op.name: tf.raw_ops.ReadVariableOp(
                    resource=op.outputs[0], dtype=op.get_attr("dtype")
                )
                for op in handles
            }
        return self._session.run(reads)

    def predict(self, body):
        """Answer the JSON of a request to `/v1/models/NAME:predict` with JSON."""
        request = json.loads(body)
        name = request.get("signature_name", "serving_default")
        if name not in self.signatures:
            raise InvalidRequestError(f'Serving signature name: "{name}" not found')
        infos = self.signatures[name].inputs
        if ("instances" in request) == ("inputs" in request):
            raise InvalidRequestError("expecting one of 'instances' and 'inputs'")
        if rows := "instances" in request:
            values = _from_rows(request["instances"], infos)
        else:
            values = _from_columns(request["inputs"], infos)
        inputs = {key: _tensor(value, infos[key].dtype) for key, value in values.items()}
        outputs = {
            key: _plain(value, key.endswith("_bytes"))
            for key, value in self.run(name, inputs).items()
        }
        assert len(outputs) == 1  # a single output goes without its name
        (value,) = outputs.values()
        return json.dumps({"predictions" if rows else "outputs": value})


def _from_rows(instances, infos):
    if not isinstance(instances, list) or not instances:
        raise InvalidRequestError("'instances' must be a list with values")
    if _is_named(instances[0]):
        for instance in instances:
            if not _is_named(instance) or set(instance) != set(infos):
                raise InvalidRequestError(f"keys must be equal to: {','.join(sorted(infos))}")
        return {key: [instance[key] for instance in instances] for key in infos}
    (name,) = infos
    return {name: instances}


def _from_columns(inputs, infos):
    if _is_named(inputs):
        if missing := set(infos) - set(inputs):
            raise InvalidRequestError(f"Missing named input: {missing.pop()} in 'inputs' object.")
        return {key: inputs[key] for key in infos}
    (name,) = infos
    return {name: inputs}


def _is_named(value):
    return isinstance(value, dict) and not _is_bytes(value)


def _is_bytes(value):
    return isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str)


def _tensor(value, dtype):
    if dtype == tf.string.as_datatype_enum:
        return _strings(value)
    try:
        return np.array(value, tf.as_dtype(dtype).as_numpy_dtype)
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"{error}") from error


def _strings(value):
    if isinstance(value, list):
        return np.array([_strings(item) for item in value], object)
    if _is_bytes(value):
        # Bytes that end in zeros must stay; NumPy's own bytes would lose them.
        return base64.b64decode(value["b64"], validate=True)
    if isinstance(value, str):
        return value.encode()
    raise InvalidRequestError(f"JSON Value: {value} is not of expected type: string")


def _plain(value, binary):
    if value.dtype != object:
        return value.tolist()
    items = [
        {"b64": base64.b64encode(item).decode()} if binary else item.decode()
        for item in value.ravel()
    ]
    return np.array(items, object).reshape(value.shape).tolist()
