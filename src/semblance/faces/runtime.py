"""The seam to whatever runs a network: a session takes and returns float32 arrays, on one thread, in float32.

Precision is pinned: a search must give the same numbers on another machine, years later. OpenVINO would otherwise
compute in bfloat16 on processors that have it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from semblance.errors import DependencyMissing, ModelError

Tensor = NDArray[np.float32]


class Session(Protocol):
    """A loaded network; thread-safe."""

    input_names: tuple[str, ...]
    output_names: tuple[str, ...]

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """Return the network's outputs in the graph's own order."""
        ...


class OnnxSession:
    """Runs an ONNX file through onnxruntime's CPU provider."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The arena never gives memory back; with dynamic sizes it would keep the largest photo's share for ever.
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(
                "models.no-onnx",
                "{path} cannot be loaded as an ONNX model ({name}). Check it with `semblance models verify`, and "
                "pull the pack again if it is damaged.",
                path=path,
                name=type(error).__name__,
            ) from error
        self.input_names = tuple(value.name for value in self._session.get_inputs())
        self.output_names = tuple(value.name for value in self._session.get_outputs())

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        outputs: list[Tensor] = self._session.run(None, dict(inputs))
        return outputs


class OpenVinoSession:
    """Runs a publisher's IR (an .xml file with its .bin beside it) through OpenVINO, on the CPU, in float32."""

    def __init__(self, path: Path) -> None:
        try:
            import openvino
        except ImportError as error:
            raise DependencyMissing(
                "models.no-openvino",
                "{name} is in OpenVINO's format. Install the extra `semblance-faces[openvino]`, or give the pack the "
                "ONNX conversion of the file.",
                name=path.name,
            ) from error
        import threading

        try:
            compiled = openvino.Core().compile_model(
                str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
            )
        except Exception as error:
            raise ModelError(
                "models.openvino-model",
                "{path} cannot be loaded as an OpenVINO model ({name}). Check it with `semblance models verify`, "
                "and pull the pack again if it is damaged.",
                path=path,
                name=type(error).__name__,
            ) from error
        self._compiled: Any = compiled
        self.input_names = tuple(port.any_name for port in compiled.inputs)
        self.output_names = tuple(port.any_name for port in compiled.outputs)
        self._requests = threading.local()

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        # An inference request is not thread-safe, a compiled model is: one request a thread.
        request = getattr(self._requests, "value", None)
        if request is None:
            request = self._requests.value = self._compiled.create_infer_request()
        results = request.infer(dict(inputs))
        return [np.array(results[port], dtype=np.float32) for port in self._compiled.outputs]


def open_session(path: Path) -> Session:
    """Load a network; the file's ending chooses the runtime (.onnx or .xml).

    Raises ModelError where the file cannot be loaded, DependencyMissing where its runtime is not installed.
    """
    return OpenVinoSession(path) if path.suffix == ".xml" else OnnxSession(path)
