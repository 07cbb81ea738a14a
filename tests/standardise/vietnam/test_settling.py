"""Names settled many at once are as names read one by one."""

import random
import unicodedata

import numpy as np
import pyarrow as pa
import pytest

from mpi.standardise.alphabets import FEW
from mpi.standardise.vietnam.column import repair
from mpi.standardise.vietnam.encodings import FONTS
from mpi.standardise.vietnam.reading import FULL, Style, read_name
from mpi.standardise.vietnam.settling import settle
from mpi.standardise.vietnam.vocabulary import BLANKS, words_of
from mpi.standardise.vietnam.words import UNICODE, Reading, repair_word

WORDS = """
Nguyễn Nguyeenx Nguye6n4 NGUY?N Ngu??n Trần Traanf Lê Lee Thị Thij THI TH? Văn Van Hoà Hòa Hoaf An
Anh Ánh Hungf Hùng Hans Thor Smith Ông BÀ CB Bé Minh (1970) (mổ) (cũ 2019) [x] () 1950 2 DDuwcs
Duwcs Đức Sown H'Hen Y Niê Jr. & A/B , Lan? ? NguyÔn Dũng Du4ng Phạm Trầnvân .- NgocJ Moon Lương
L??NG VÔ DANH Không rõ Đỗ ĐỖ-An
"""


def many(seed):
    rng = random.Random(seed)
    names = [" ".join(rng.choices(WORDS.split(), k=rng.randint(1, 5))) for _ in range(4_000)]
    return [unicodedata.normalize("NFD", n) if rng.random() < 0.05 else n for n in names]


STYLES = {"full": FULL, "part": Style(whole=False), "family": Style(False, True, False)}


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize(
    "reading", [UNICODE, *(Reading(f, w) for f in FONTS for w in (False, True))][:5]
)
def test_as_read_one_by_one(style, reading):
    names = many(len(style))
    assert len(names) > FEW
    repaired = repair(pa.array(names), reading, STYLES[style])
    reads = [read_name(name, reading, STYLES[style]) for name in names]
    assert repaired.values.to_pylist() == [" ".join(read.words) for read in reads]
    assert repaired.found.tolist() == [int(read.found) for read in reads]


def test_most_unusual_names_are_settled():
    """Else the law above would hold by reading all of them one by one."""
    names = [
        "Nguyeenx Văn Hungf",
        "Traanf THI Lan",
        "Lê Văn An (1970)",
        "NGUY?N TH? LAN",
        "Lee Văn Ba",
    ]
    words = words_of(pa.array(names), BLANKS)
    different = words.different.to_pylist()
    repaired = [repair_word(word) for word in different]
    settled = settle(words.numbers, words.first, different, repaired, UNICODE)
    texts = " ".join(settled.words[n].text for n in settled.numbers)
    assert texts == "NGUYỄN VĂN HÙNG TRẦN THI LAN LÊ VĂN AN  NGUYEN TH? LAN LÊ VĂN BA"
    changed = np.flatnonzero(settled.numbers != words.numbers)
    assert len(np.unique(np.searchsorted(words.first, changed, side="right"))) == len(names)


def test_where_nothing_is_unusual_nothing_changes():
    words = words_of(pa.array(["Lê Văn An", "Hans Smith"]), BLANKS)
    different = words.different.to_pylist()
    repaired = [repair_word(word) for word in different]
    settled = settle(words.numbers, words.first, different, repaired, UNICODE)
    assert settled.numbers is words.numbers and settled.words is repaired
