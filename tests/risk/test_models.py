"""The learned models: ONNX Runtime against the reference, files against manifest and cards, absence against fear."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false, reportPrivateUsage=false

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from hospes.risk import models, reference
from hospes.risk.errors import DamagedModelError, UnknownVariableError
from hospes.risk.features import FEATURES
from hospes.risk.models import checked, descriptions, model, session
from hospes.risk.reference import Parameters

PART = Path(__file__).parents[2] / "risk"
LEARNED = PART / "src" / "hospes" / "risk" / "learned"
NAMES = tuple(descriptions())

Singles = NDArray[np.float32]


def _cases(count: int, scale: float) -> st.SearchStrategy[Singles]:
    """Inputs of any size, many of them missing."""
    number = st.floats(-scale, scale, width=32) | st.just(float("nan"))
    return st.lists(number, min_size=count, max_size=count).map(lambda row: np.array(row, np.float32))


def _inputs_of(name: str) -> st.SearchStrategy[Singles]:
    """Inputs of a model, from small to large."""
    count = len(model(name).description.inputs)
    return st.sampled_from((2.0, 128.0, 4096.0)).flatmap(lambda scale: _cases(count, scale))


@pytest.mark.parametrize("name", NAMES)
def test_the_runtime_agrees_with_the_reference(name: str) -> None:
    """ONNX Runtime, the reference and the reasons say the same of every case, to 1e-5."""
    asked = model(name)
    parameters = asked.explainer.parameters

    @settings(max_examples=15)
    @given(_inputs_of(name))
    def agree(inputs: Singles) -> None:
        log_odds = reference.log_odds(parameters, inputs)
        assert asked.probability(inputs) == pytest.approx(reference.probability(log_odds), abs=1e-5)
        slow, fast = reference.contributions(parameters, inputs), asked.contributions(inputs)
        assert fast == pytest.approx(slow, abs=1e-4)
        assert reference.expected(parameters) + slow.sum() == pytest.approx(log_odds, abs=1e-3)

    agree()


@pytest.mark.parametrize("name", NAMES)
def test_of_nothing_a_model_says_about_what_is_usual(name: str) -> None:
    """With every input missing, runtime and reference agree, and the answer is a probability."""
    asked = model(name)
    nothing = np.full(len(asked.description.inputs), np.nan, np.float32)
    expected = reference.probability(reference.log_odds(asked.explainer.parameters, nothing))
    assert 0 < expected < 1
    assert asked.probability(nothing) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_many_cases_are_judged_as_each_alone(name: str) -> None:
    """A batch changes nothing."""
    asked = model(name)
    random = np.random.default_rng(0)
    cases = random.normal(50, 40, (7, len(asked.description.inputs))).astype(np.float32)
    cases[random.random(cases.shape) < 0.3] = np.nan
    assert asked.probabilities(cases) == pytest.approx([asked.probability(case) for case in cases], abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_depends_on_what_it_says_it_uses(name: str) -> None:
    """Inputs that are not named as used change nothing."""
    asked = model(name)
    random = np.random.default_rng(1)
    case = random.normal(50, 40, len(asked.description.inputs)).astype(np.float32)
    unused = np.setdiff1d(np.arange(len(case)), asked.used)
    other = case.copy()
    other[unused] = np.nan
    assert asked.probability(case) == asked.probability(other)


@pytest.mark.parametrize("name", NAMES)
def test_files_are_those_of_manifest_and_card(name: str) -> None:
    """Each file's digest stands in the manifest and in the model's card, which names licence and limits."""
    described = descriptions()[name]
    card = (PART / "cards" / f"{name}.md").read_text("utf-8")
    for suffix, digest in ((".onnx", described.onnx_sha256), (".npz", described.parameters_sha256)):
        data = (LEARNED / f"{name}{suffix}").read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert digest in card
        assert len(data) < 200_000
    for word in (
        "ODC-BY",
        "Attribution",
        "## Limits",
        "## Intended use",
        "Not validated in patients",
        described.outcome,
    ):
        assert word in card, word


def test_the_figures_hold_what_was_asked_of_them() -> None:
    """Cross-validated figures in the manifest are at or above the bars that were set."""
    rows = {row["name"]: row["figures"] for row in json.loads((LEARNED / "manifest.json").read_text("utf-8"))["models"]}
    bars = (
        ("deterioration", "all", 0.865),
        ("deterioration_bedside", "all", 0.83),
        ("fibrillation", "all windows", 0.95),
        ("fibrillation_recording", "A against N", 0.95),
        ("fibrillation_recording", "A against N and O", 0.85),
    )
    for name, what, bar in bars:
        (line,) = (line for line in rows[name] if line["what"] == what)
        assert line["auroc"] >= bar, (name, what)


def test_models_name_outcome_population_and_horizon() -> None:
    """No probability is without its three words."""
    for described in descriptions().values():
        assert described.outcome
        assert described.population
        assert described.horizon
        assert re.fullmatch(r"\d+", described.version)
        assert set(described.uses) <= set(described.inputs)


def test_models_of_deterioration_look_at_features() -> None:
    """Their inputs are the 150 features, in this order."""
    for name in ("deterioration", "deterioration_bedside", "deterioration_wearable"):
        assert model(name).description.inputs == tuple(feature.name for feature in FEATURES)


def test_what_a_device_did_not_measure_does_not_frighten() -> None:
    """With nothing known, the models for wearable and bedside stay below the share that died, 13.9 %."""
    for name in ("deterioration_bedside", "deterioration_wearable"):
        asked = model(name)
        nothing = np.full(len(asked.description.inputs), np.nan, np.float32)
        assert asked.probability(nothing) < 0.139


def test_a_model_that_is_not_there_is_an_error() -> None:
    """A mistyped model has a name in its error."""
    with pytest.raises(UnknownVariableError, match="model 'sepsis'"):
        model("sepsis")


def test_damaged_files_are_refused() -> None:
    """A changed byte, a graph that is none, parameters that are none: each is refused by name."""
    data = (LEARNED / "fibrillation.onnx").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert checked("fibrillation", data, digest) == data
    with pytest.raises(DamagedModelError, match="fibrillation"):
        checked("fibrillation", data[:-1] + b"\x00", digest)
    with pytest.raises(DamagedModelError, match="ONNX Runtime"):
        session("fibrillation", b"not a graph")
    with pytest.raises(DamagedModelError, match="parameters"):
        Parameters.decode("fibrillation", b"PK\x03\x04 not an archive")
    with pytest.raises(DamagedModelError, match="missing"):
        models._resource("nothing.onnx")


def test_parameters_survive_their_encoding() -> None:
    """The same parameters give the same bytes, and come back the same."""
    parameters = model("deterioration").explainer.parameters
    data = parameters.encode()
    again = Parameters.decode("deterioration", data)
    assert data == (LEARNED / "deterioration.npz").read_bytes() or again.encode() == data
    for name in Parameters.__dataclass_fields__:
        assert np.array_equal(getattr(parameters, name), getattr(again, name))
