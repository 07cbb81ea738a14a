"""Text in the codes of old fonts: against examples written down elsewhere, and without clashes."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest

from mpi.synth import reference
from mpi.synth.legacy import FONTS, Legacy, draw_legacy, garble, garble_rows

RIGHT = "Nguyễn Thị Huyền Đặng Võ Phước Trương"


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        (Legacy.TCVN3, "NguyÔn ThÞ HuyÒn §Æng Vâ Ph\xadíc Tr\xad¬ng"),
        (Legacy.VNI, "Nguyeãn Thò Huyeàn Ñaëng Voõ Phöôùc Tröông"),
        (Legacy.VISCII, "Nguy\xadn Th¸ Huy«n Ð£ng Võ Phß¾c Trß½ng"),
        (Legacy.MISREAD, "Nguyá»…n Thá»‹ Huyá»\x81n Ä\x90áº·ng VÃµ PhÆ°á»›c TrÆ°Æ¡ng"),
        (Legacy.LOST, "Nguy?n Th? Huy?n ??ng Võ Ph??c Tr??ng"),
        (Legacy.NONE, RIGHT),
    ],
)
def test_known_examples(how, wanted):
    assert garble(RIGHT, how) == wanted


def test_capitals_of_the_abc_font_keep_the_small_letters_bytes():
    assert garble("NGUYỄN THỊ ĐẶNG", Legacy.TCVN3) == "NGUYÔN THÞ §ÆNG"
    assert garble("Ân Ăn Ơn Ưng Ôn Êm", Legacy.TCVN3) == "¢n ¡n ¥n ¦ng ¤n £m"


@pytest.mark.parametrize("how", [Legacy.TCVN3, Legacy.VNI, Legacy.VISCII, Legacy.MISREAD])
def test_no_two_letters_look_alike_afterwards(how):
    letters = (
        "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđbcdghklmnpqrstvx"
    )
    assert len({garble(c, how) for c in letters}) == len(letters)
    if how in (Legacy.VNI, Legacy.VISCII):
        assert len({garble(c, how) for c in letters + letters.upper()}) == 2 * len(letters)


def test_letters_kept_apart_come_out_the_same():
    for how in Legacy:
        if how is not Legacy.NONE:
            assert garble(unicodedata.normalize("NFD", RIGHT), how) == garble(RIGHT, how)


def test_rows_are_garbled_one_by_one():
    values = pa.array(["Lễ", None, "Lễ", "Lễ"])
    how = np.array([Legacy.LOST, Legacy.LOST, Legacy.NONE, Legacy.VNI], np.int64)
    assert garble_rows(values, how).to_pylist() == ["L?", None, "Lễ", "Leã"]


def test_shares_of_what_goes_bad():
    rng = np.random.default_rng(1)
    old = np.arange(200_000) % 2 == 0
    font = np.full(len(old), int(FONTS["south"]))
    how = draw_legacy(rng, old, font, 0.1, 0.02, 0.03)
    assert set(FONTS) == {reference.region(p) for p in reference.provinces(63)}
    assert (how[old] == Legacy.VNI).mean() == pytest.approx(0.1, abs=0.005)
    assert not (how[~old] == Legacy.VNI).any()
    assert (how == Legacy.MISREAD).mean() == pytest.approx(0.02, abs=0.003)
    assert (how == Legacy.LOST).mean() == pytest.approx(0.03, abs=0.003)
