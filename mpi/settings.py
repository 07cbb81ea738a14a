"""Settings of a job: a TOML file, the command line, or nothing at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from mpi.errors import UsageError
from mpi.schema import Kind

Survivorship = Literal["trusted", "valid", "frequent", "recent", "complete"]
"""How one of a person's values is chosen: of the most trusted source, valid ones first, most
frequent, most recent, most complete."""


class Golden(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How golden values are chosen.

    rules : for every field, the first one decides first; by default trusted where sources are
        named, valid for identifiers, then frequent, then recent
    fields : field name -> its own rules
    trusted : sources, the most trusted first
    """

    rules: list[Survivorship] | None = None
    fields: dict[str, list[Survivorship]] = {}
    trusted: list[str] = []


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a night may go before a person has to look; each a share, 0.001 or "0.1 %".

    max_changed_persons : of the living persons, those that are merged, split, retired, or lose or
        gain a record of another person
    max_merged_persons, max_split_persons : of the living persons
    max_review_growth : of the review queue, what comes on top of it
    max_quarantined : of the rows read, those set aside
    max_source_shrink, max_source_growth : of a source's records; a source of fewer than 100 may
        come and go. Without a limit, half of a source may be absent from a full extract
    """

    max_changed_persons: float | str | None = None
    max_merged_persons: float | str | None = None
    max_split_persons: float | str | None = None
    max_review_growth: float | str | None = None
    max_quarantined: float | str | None = None
    max_source_shrink: float | str | None = None
    max_source_growth: float | str | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            self.share(name)

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return any(getattr(self, name) is not None for name in self.__struct_fields__)

    def share(self, name: str) -> float | None:
        """A limit as a number, None where there is none.

        Examples
        --------
        >>> Limits(max_changed_persons="0.1 %").share("max_changed_persons")
        0.001
        """
        value = getattr(self, name)
        if value is None:
            return None
        try:
            text = str(value).strip()
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not share >= 0.0:
            raise UsageError(
                f"limit '{name}' is {value!r}; write a share such as 0.001 or \"0.1 %\""
            )
        return share


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a user may say; everything left out is chosen from the data.

    fields : column name -> kind
    placeholders : field name -> values that mean "unknown", beside those that are known
    rules : blocking rules, each a list of keys such as ``["given_name:phonetic", "birth_date"]``
    link_at, review_at : match probabilities, 0 to 1
    precision : links are made where at least this share of them is expected to be right
    review_pairs : pairs that people can look at; without it at most one for every ten records
    golden : how the values of golden records are chosen
    duplicate_free : sources that hold a person once: at most one record of each to a person
    max_block : records in one block before it is narrowed
    memory : bytes to stay under, by letting go of what lies in files; work that cannot is refused.
        None for what the machine has
    limits : a night that breaks one is not published, but left as a plan
    overlays : hold sets updates aside that turn a record into another person; take takes them
    encryption_key : where the key is that an index is encrypted with, ``env:NAME`` or
        ``file:PATH``; never the key itself
    """

    fields: dict[str, Kind] = {}
    placeholders: dict[str, list[str]] = {}
    rules: list[list[str]] | None = None
    link_at: float | None = None
    review_at: float | None = None
    precision: float | None = None
    review_pairs: int | None = None
    golden: Golden = Golden()
    duplicate_free: list[str] = []
    max_block: int = 1000
    locale: str | None = None
    seed: int = 1
    threads: int = 0
    memory: int | None = None
    limits: Limits = Limits()
    overlays: Literal["hold", "take"] = "hold"
    encryption_key: str | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        for name in ("link_at", "review_at", "precision"):
            value = getattr(self, name)
            if value is not None and not 0.0 < value < 1.0:
                raise UsageError(f"setting '{name}' is {value}; it must lie between 0 and 1")
        if (
            self.link_at is not None
            and self.review_at is not None
            and self.review_at > self.link_at
        ):
            raise UsageError(
                f"'review_at' ({self.review_at}) lies above 'link_at' ({self.link_at}); "
                "pairs between the two go to review, so it must be the lower one"
            )
        if self.encryption_key and not self.encryption_key.startswith(("env:", "file:")):
            raise UsageError(
                "setting 'encryption_key' tells where the key is, as env:NAME or file:PATH; the "
                "key itself does not belong into settings"
            )
        if self.max_block < 2:
            raise UsageError(f"setting 'max_block' is {self.max_block}; it must be at least 2")
        if self.review_pairs is not None and self.review_pairs < 0:
            raise UsageError(
                f"setting 'review_pairs' is {self.review_pairs}; it is how many pairs people can "
                "look at, 0 or more"
            )
        if self.threads < 0:
            raise UsageError(f"setting 'threads' is {self.threads}; 0 means every core")


def read_settings(path: Path | str) -> Settings:
    """Read a TOML settings file.

    Raises
    ------
    UsageError
        The file cannot be read, is no UTF-8, no TOML, or names an unknown setting.
    """
    path = Path(path)
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), Settings)
    except OSError as error:
        raise UsageError(f"settings file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"settings file {path} is no UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"settings file {path} is no valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        known = f"the settings are {', '.join(Settings.__struct_fields__)}"
        if "fields[" in str(error):
            known = f"the kinds are {', '.join(kind.value for kind in Kind)}"
        raise UsageError(f"settings file {path}: {error}; {known}") from None
