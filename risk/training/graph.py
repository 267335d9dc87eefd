"""Graph: the ONNX form of an additive model, written node by node.

Only operators of ONNX 17 and of its machine-learning domain 3 stand in it, so that any runtime can run it; nothing is
converted by a tool whose version could change the result.

Source: ONNX operator specifications, `TreeEnsembleRegressor` of ai.onnx.ml 3.
"""

# Packages of the training environment (requirements/training.txt), which the project's own does not have.
# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,no-any-unimported"
# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
# ruff: noqa: INP001

from typing import Final

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, checker, helper, numpy_helper

from hospes.risk.reference import Indices, Parameters

OPSET: Final = 17
LEARNING_OPSET: Final = 3
FORMAT: Final = 8
"""Version of the file format that goes with these operators."""

LEARNING: Final = "ai.onnx.ml"


def graph_of(parameters: Parameters, inputs: int, *, probability: bool = True) -> bytes:
    """Return a model's ONNX file: ``inputs`` (n, inputs) to ``probability``, or to log-odds, (n, 1)."""
    nodes: list[NodeProto] = []
    sums = ["base"]
    constants: dict[str, NDArray[np.generic]] = {"base": parameters.base}
    if len(parameters.column):
        constants |= _linear_constants(parameters)
        nodes += _linear_nodes()
        sums += ["effects", "absences"]
    if len(parameters.root):
        nodes.append(_trees(parameters))
        sums.append("trees")
    nodes.append(helper.make_node("Sum", sums, ["log_odds"]))
    if probability:
        nodes.append(helper.make_node("Sigmoid", ["log_odds"], ["probability"]))
    output = "probability" if probability else "log_odds"
    graph = helper.make_graph(
        nodes,
        "risk",
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["cases", inputs])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["cases", 1])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(LEARNING, LEARNING_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=FORMAT, producer_name="hospes")
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _linear_constants(parameters: Parameters) -> dict[str, NDArray[np.generic]]:
    return {
        "column": parameters.column.astype(np.int64),
        "fill": parameters.fill,
        "low": parameters.low,
        "high": parameters.high,
        "absent": parameters.absent[:, None],
        "term_effect": parameters.term_effect.astype(np.int64),
        "knot": parameters.knot,
        "weight": parameters.weight[:, None],
    }


def _linear_nodes() -> list[NodeProto]:
    make = helper.make_node
    return [
        make("Gather", ["inputs", "column"], ["given"], axis=1),
        make("IsNaN", ["given"], ["missing"]),
        make("Where", ["missing", "fill", "given"], ["filled"]),
        make("Max", ["filled", "low"], ["raised"]),
        make("Min", ["raised", "high"], ["bounded"]),
        make("Gather", ["bounded", "term_effect"], ["spread"], axis=1),
        make("Sub", ["spread", "knot"], ["above"]),
        make("Relu", ["above"], ["terms"]),
        make("MatMul", ["terms", "weight"], ["effects"]),
        make("Cast", ["missing"], ["flags"], to=TensorProto.FLOAT),
        make("MatMul", ["flags", "absent"], ["absences"]),
    ]


def _trees(parameters: Parameters) -> NodeProto:
    tree, node = _places(parameters)
    leaf = parameters.feature < 0
    leaves = np.flatnonzero(leaf)
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["inputs"],
        ["trees"],
        domain=LEARNING,
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_treeids=tree.tolist(),
        nodes_nodeids=node.tolist(),
        nodes_featureids=np.where(leaf, 0, parameters.feature).tolist(),
        nodes_values=parameters.threshold.tolist(),
        nodes_modes=["LEAF" if one else "BRANCH_LEQ" for one in leaf],
        nodes_truenodeids=np.where(leaf, 0, node[parameters.yes]).tolist(),
        nodes_falsenodeids=np.where(leaf, 0, node[parameters.no]).tolist(),
        nodes_missing_value_tracks_true=parameters.absent_yes.tolist(),
        target_treeids=tree[leaves].tolist(),
        target_nodeids=node[leaves].tolist(),
        target_ids=[0] * len(leaves),
        target_weights=parameters.value[leaves].tolist(),
    )


def _places(parameters: Parameters) -> tuple[Indices, Indices]:
    """Return each node's tree and its place in it: a tree's nodes stand together, its root first."""
    tree = np.searchsorted(parameters.root, np.arange(len(parameters.feature)), side="right") - 1
    node = np.arange(len(parameters.feature)) - parameters.root[tree]
    return tree.astype(np.int32), node.astype(np.int32)
