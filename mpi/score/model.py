"""The model: everything learnt from the data, and all that another night needs to score alike."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.errors import UsageError
from mpi.schema import Form, Kind

VERSION = 3
_READ = (1, 2, 3)
"""Versions that are read; the first knew no locale, the second no calibration."""


class ComparisonModel(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison's share of the model.

    m, r, u, t : by level from 0 upwards, of one person, of relatives, of strangers, of twins; each
        sums to 1; t is empty where the fields cannot tell twins
    term_frequency : value -> bits, added where both records hold this value
    rare : bits added where both hold a value that is not listed
    word_frequency : of names, word -> bits, added where it is the most telling one of the words
        that two names of levels below "one slip" share
    rare_word : bits added where that word is not listed
    """

    name: str
    kind: Kind
    form: Form
    partner: str | None
    m: list[float]
    r: list[float]
    u: list[float]
    t: list[float] = []
    term_frequency: dict[str, float]
    rare: float
    word_frequency: dict[str, float] = {}
    rare_word: float = 0.0

    def weights(self, against: Literal["u", "r", "t"] = "u") -> npt.NDArray[np.float32]:
        """float32[n_levels + 1], bits, log2 m/u, m/r or m/t; 0 first, of a missing value."""
        other = {"u": self.u, "r": self.r, "t": self.t or self.m}[against]
        bits = np.log2(np.array(self.m)) - np.log2(np.array(other))
        return np.concatenate([[0.0], bits]).astype(np.float32)

    @property
    def comparison(self) -> Comparison:
        """The comparison without what was learnt of it."""
        return Comparison(self.name, self.kind, self.form, self.partner)


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A Fellegi-Sunter model with what surrounds it.

    prior, relative, twin : share of all pairs of records that are one person, that are relatives,
        that are twins
    link_at, review_at : match probabilities
    largest : records of one cluster beyond which a person must look
    rules : keys of each blocking rule
    narrowing : further keys for crowded blocks, the most telling first
    max_block : rows of a block before it is narrowed
    placeholders, layouts, locale : how values are standardised
    kinds : column -> kind
    duplicate_free : sources of which a person has one record at most
    precision : what was asked for when the thresholds were chosen
    calibration : shift and slope, in bits, from weights to those of calibrated probabilities; none
        without labels
    doubts : why links of this model may be guesses, in plain words
    """

    version: int = VERSION
    comparisons: list[ComparisonModel]
    prior: float
    relative: float
    twin: float = 0.0
    link_at: float
    review_at: float
    largest: int
    rules: list[list[str]]
    narrowing: list[str]
    max_block: int
    placeholders: dict[str, list[str]]
    layouts: dict[str, str]
    locale: str = "general"
    kinds: dict[str, Kind]
    duplicate_free: list[str] = []
    precision: float | None = None
    calibration: tuple[float, float] | None = None
    doubts: list[str] = []

    @property
    def prior_bits(self) -> float:
        """log2 prior odds of one person against strangers."""
        return float(np.log2(self.prior) - np.log2(1.0 - self.prior - self.relative))

    @property
    def relative_bits(self) -> float:
        """log2 prior odds of one person against relatives; infinite where there are none."""
        return float(np.log2(self.prior / self.relative)) if self.relative > 0.0 else float("inf")

    @property
    def twin_bits(self) -> float:
        """log2 prior odds of one person against twins; infinite where there are none."""
        return float(np.log2(self.prior / self.twin)) if self.twin > 0.0 else float("inf")

    def chance(self, weight: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """float64[n], the match probability of weights in bits, calibrated where labels told."""
        shift, slope = self.calibration or (0.0, 1.0)
        return probability(shift + slope * np.asarray(weight, np.float64))

    def weight_at(self, share: float) -> float:
        """Weight in bits of a match probability strictly between 0 and 1: `chance` undone."""
        shift, slope = self.calibration or (0.0, 1.0)
        return (weight_of(share) - shift) / slope

    def to_json(self) -> bytes:
        """The model as JSON, the same bytes for the same model."""
        return msgspec.json.encode(self, order="sorted")

    def summary(self) -> bytes:
        """The model without its term frequencies, for people to read."""
        none: dict[str, float] = {}
        short = [
            msgspec.structs.replace(c, term_frequency=none, word_frequency=none)
            for c in self.comparisons
        ]
        return msgspec.json.encode(msgspec.structs.replace(self, comparisons=short), order="sorted")


class _Version(msgspec.Struct):
    version: int


def read_model(data: bytes) -> Model:
    """Read a model that `Model.to_json` wrote.

    Raises
    ------
    UsageError
        It is no model, one of another version, or one whose numbers are none.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version not in _READ:
            raise UsageError(
                f"the model has format version {version}, this program reads "
                f"{', '.join(map(str, _READ))}; fit a new model, or use the program that wrote it"
            )
        model = msgspec.json.decode(data, type=Model)
    except msgspec.MsgspecError as error:
        raise UsageError(f"this is not a model file: {error}") from None
    _check_numbers(model)
    return model


def _check_numbers(model: Model) -> None:
    """Refuse what would make a weight infinite or no number."""
    for c in model.comparisons:
        for name in ("m", "r", "u", *(("t",) if c.t else ())):
            shares = getattr(c, name)
            if len(shares) != c.comparison.n_levels:
                raise UsageError(
                    f"the model has {len(shares)} levels of {name} for '{c.name}', this program "
                    f"compares a {c.form.value} in {c.comparison.n_levels}; fit a new model"
                )
            if not all(0.0 < share <= 1.0 for share in shares):
                raise UsageError(
                    f"the model's {name} for '{c.name}' is {min(shares)} at a level; every share "
                    "must lie above 0 and not above 1; fit a new model"
                )
        if not np.isfinite([c.rare, *c.term_frequency.values()]).all():
            raise UsageError(f"the model's term frequencies of '{c.name}' are no finite numbers")
    within = all(0.0 < share < 1.0 for share in (model.prior, model.link_at, model.review_at))
    others = model.relative, model.twin
    if not within or not all(0.0 <= share < 1.0 - model.prior for share in others):
        raise UsageError(
            f"the model has prior {model.prior}, relatives and twins {others}, link_at "
            f"{model.link_at} and review_at {model.review_at}; shares and probabilities must lie "
            "between 0 and 1; fit a new model"
        )
    shift, slope = model.calibration or (0.0, 1.0)
    if not (np.isfinite(shift) and np.isfinite(slope) and slope > 0.0):
        raise UsageError(
            f"the model's calibration is {shift}, {slope}; wanted a finite shift and a slope above "
            "0; fit a new model"
        )


def probability(weight: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Match probability of a match weight that includes the prior, both over pairs.

    Examples
    --------
    >>> probability(np.array([0.0, 10.0, -10.0])).round(4).tolist()
    [0.5, 0.999, 0.001]
    """
    bits = np.clip(np.asarray(weight, dtype=np.float64), -1000.0, 1000.0)
    return np.asarray(1.0 / (1.0 + np.exp2(-bits)))


def weight_of(share: float) -> float:
    """Weight in bits, prior included, of a match probability strictly between 0 and 1."""
    return float(np.log2(share) - np.log2(1.0 - share))
