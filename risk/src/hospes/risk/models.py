"""The learned models of this package: their files, checked against the manifest, run by ONNX Runtime.

It opens no other file, and it judges nothing: which model fits a traveller is decided in `assessing`. A file that is
not the one its manifest names is refused.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias, cast

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] - it has none
from numpy.typing import NDArray

from hospes.risk.errors import DamagedModelError, UnknownVariableError
from hospes.risk.reasons import Explainer
from hospes.risk.reference import Floats, Parameters, Singles

Probabilities: TypeAlias = NDArray[np.float64]
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Description:
    """What the manifest says of a model.

    Attributes
    ----------
    name, version : str
    outcome, population, horizon : str
        As in `hospes.risk.assessment.Assessment`.
    inputs : tuple[str, ...]
        Names of the model's inputs, in order.
    uses : tuple[str, ...]
        Those of them on which its output can depend.
    onnx_sha256, parameters_sha256 : str
        Of its files, in hexadecimal digits.
    """

    name: str
    version: str
    outcome: str
    population: str
    horizon: str
    inputs: tuple[str, ...]
    uses: tuple[str, ...]
    onnx_sha256: str
    parameters_sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model that is ready to be asked.

    Attributes
    ----------
    description : Description
    explainer : Explainer
    used : Indices
        Places of the inputs that it uses.
    """

    description: Description
    explainer: Explainer
    used: NDArray[np.int64]
    _session: Any

    def probability(self, inputs: Singles) -> float:
        """Return the probability of one case; shape (number of inputs,), NaN where missing."""
        return float(self._run(inputs[None, :])[0])

    def probabilities(self, inputs: Singles) -> Probabilities:
        """Return the probabilities of many cases; shape (n, number of inputs)."""
        return self._run(inputs).astype(np.float64)

    def contributions(self, inputs: Singles) -> Floats:
        """Return what each input adds to the log-odds of one case."""
        return self.explainer.contributions(inputs)

    def _run(self, inputs: Singles) -> Singles:
        (answer,) = self._session.run(None, {"inputs": inputs})
        return cast("Singles", answer).reshape(-1)


def _resource(name: str) -> bytes:
    try:
        return (files("hospes.risk") / "learned" / name).read_bytes()
    except OSError as error:
        raise DamagedModelError(name, "the file is missing") from error


@cache
def descriptions() -> dict[str, Description]:
    """Return what the manifest says, by the model's name.

    Raises
    ------
    DamagedModelError
    """
    try:
        rows = json.loads(_resource(MANIFEST))["models"]
        return {row["name"]: _description(row) for row in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedModelError(MANIFEST, "it cannot be read") from error


def _description(row: dict[str, Any]) -> Description:
    texts = ("name", "version", "outcome", "population", "horizon", "onnx_sha256", "parameters_sha256")
    return Description(**{text: str(row[text]) for text in texts}, inputs=tuple(row["inputs"]), uses=tuple(row["uses"]))


@cache
def model(name: str) -> Model:
    """Return a model of this package; the first call loads it.

    Raises
    ------
    UnknownVariableError
        Without a model of that name.
    DamagedModelError
        If a file is not the one that the manifest names.
    """
    try:
        description = descriptions()[name]
    except KeyError:
        raise UnknownVariableError(name, "model") from None
    graph = checked(name, _resource(f"{name}.onnx"), description.onnx_sha256)
    parameters = Parameters.decode(name, checked(name, _resource(f"{name}.npz"), description.parameters_sha256))
    used = np.array([description.inputs.index(one) for one in description.uses], np.int64)
    return Model(description, Explainer.of(parameters, len(description.inputs)), used, session(name, graph))


def checked(name: str, data: bytes, sha256: str) -> bytes:
    """Return the bytes of a file that has the digest it should have.

    Raises
    ------
    DamagedModelError
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedModelError(name, "a file is not the one that the manifest names")
    return data


def session(name: str, graph: bytes) -> Any:  # noqa: ANN401 - ONNX Runtime has no types
    """Return a session of ONNX Runtime on one thread: a single small case gains nothing from more.

    Raises
    ------
    DamagedModelError
    """
    runtime = cast("Any", onnxruntime)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common root of their own
        raise DamagedModelError(name, "ONNX Runtime does not take it") from error
