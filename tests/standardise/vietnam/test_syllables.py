"""Syllables: what is one, and where its tone mark stands."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.standardise.vietnam.inventory import shares
from mpi.standardise.vietnam.syllables import (
    is_marked,
    is_vietnamese,
    parse,
    spellings,
    standard_spellings,
    to_ascii,
)
from mpi.standardise.vietnam.tones import TONE_MARKS, Tone

SPELLINGS = sorted(s.text for s in spellings())
TONES = "".join(TONE_MARKS)


def bare(word):
    """A word without its tone, letters and qualities kept."""
    kept = "".join(c for c in unicodedata.normalize("NFD", word) if c not in TONES)
    return unicodedata.normalize("NFC", kept)


def mark_of(word):
    return "".join(c for c in unicodedata.normalize("NFD", word) if c in TONES)


@given(st.sampled_from(SPELLINGS))
def test_a_syllable_reads_as_itself_in_any_form(word):
    for text in (word, word.upper(), word.title()):
        for form in ("NFC", "NFD"):
            assert parse(unicodedata.normalize(form, text)).text == word


@given(st.sampled_from(SPELLINGS), st.data())
def test_the_tone_may_stand_on_any_vowel(word, data):
    letters, mark = bare(word), mark_of(word)
    vowels = [i for i, c in enumerate(letters) if c in "aăâeêioôơuưy"]
    at = data.draw(st.sampled_from(vowels)) + 1
    assert parse(letters[:at] + mark + letters[at:]).text == word


@given(st.sampled_from(SPELLINGS))
def test_marks_taken_off_leave_a_syllable_as_it_is_typed_without_any(word):
    assert is_vietnamese(to_ascii(word))
    assert parse(bare(word)) is not None


@pytest.mark.parametrize(
    ("word", "right"),
    [
        *(("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuý", "thúy"), ("Qúy", "quý"), ("Tòan", "toàn")),
        *(("Gìa", "già"), ("Giừơng", "giường"), ("Hùynh", "huỳnh"), ("Nguỹên", "nguyễn")),
        *(("khuỷu", "khuỷu"), ("ngoèo", "ngoèo"), ("qùa", "quà"), ("thuở", "thuở")),
        *(("Trưong", "trương"), ("Hưòng", "hường"), ("nghiã", "nghĩa"), ("qủy", "quỷ")),
        *(("gì", "gì"), ("giữa", "giữa"), ("giêng", "giêng"), ("ýe", None)),
    ],
)
def test_the_tone_in_the_old_style(word, right):
    syllable = parse(word)
    assert (syllable.text if syllable else None) == right


@pytest.mark.parametrize(
    "word",
    ["Smith", "Wilson", "Zoë", "Müller", "Chris", "Nguyôn", "hàc", "kan", "ghi ", "a1", "", "ếà"],
)
def test_no_syllable(word):
    assert parse(word) is None


def test_a_stop_takes_two_tones():
    words = [f"{'cac'[:1]}{v}c" for v in "áạaàảã"]
    found = [parse(w) for w in words]
    assert [s is not None and s.complete for s in found] == [True, True, False, False, False, False]
    assert [s is not None for s in found] == [True, True, True, False, False, False]


def test_every_name_is_a_syllable():
    assert [w for w in shares() if parse(w) is None or parse(w).text.upper() != w] == []


def test_spellings_are_all_different_and_complete():
    assert len(SPELLINGS) == len(set(SPELLINGS)) == len(standard_spellings())
    assert 15_000 < len(SPELLINGS) < 20_000
    assert not any(s.tone is Tone.LEVEL and s.coda in ("c", "ch", "p", "t") for s in spellings())


def test_marked_words():
    assert [is_marked(w) for w in ("Lê", "Lan", "Lán", "Zoë", "quôc")] == [
        True,
        False,
        True,
        False,
        False,
    ]
