"""Hypothesis strategies for standard values, with the slips that clerks make."""

from __future__ import annotations

from hypothesis import strategies as st

# Few letters, so that letters, words and transpositions coincide by chance.
FEW = "ABCĂÂẠ"
VIETNAMESE = "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXYÁÀẢÃẠẤẦẨẪẬẾỀỂỄỆÍỊỐỘỚỜỢÚỤỨỪỰÝỴ"
# Around nothing, one letter and the widths 16, 32 and 64 of text kernels.
EDGES = (0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 66)


def letters(alphabet: str = FEW) -> st.SearchStrategy[str]:
    """A text without blanks, often of a length at an edge."""
    sizes = st.one_of(st.integers(0, 12), st.sampled_from(EDGES))
    return sizes.flatmap(lambda n: st.text(alphabet, min_size=n, max_size=n))


def worded(alphabet: str = FEW, longest: int = 8) -> st.SearchStrategy[str]:
    """Words with single blanks between, as names and addresses stand in standard form."""
    word = st.text(alphabet, min_size=1, max_size=longest)
    return st.lists(word, min_size=1, max_size=20).map(" ".join)


# Some share letters, some sounds, some are initials; few enough that words meet again and again.
SYLLABLES = (
    *("AN", "ANH", "A", "B", "BA", "BINH", "N", "NAM", "LE", "LY", "HOA"),
    *("HOAN", "THI", "VAN", "FOX", "WOLF", "ĐỨC", "ẤN", "12", "7", "12A", "X"),
)
# Other scripts, a letter of the second plane, and letters that fold to nothing.
FOREIGN = "АБВ漢字가ÆŒß\u0301\U00020000\U0001f600"


def spoken(most: int = 20) -> st.SearchStrategy[str]:
    """Words out of few, up to more than are told apart, at times one so long that no mark tells
    its length."""
    word = st.one_of(
        st.sampled_from(SYLLABLES), st.text("ABẠ", min_size=1, max_size=3), st.just("AB" * 24)
    )
    return st.one_of(
        st.lists(word, min_size=1, max_size=6), st.lists(word, min_size=4, max_size=most)
    ).map(" ".join)


@st.composite
def with_slips(draw: st.DrawFn, texts: st.SearchStrategy[str], alphabet: str = FEW) -> list[str]:
    """A text and versions of it with letters changed, lost, added, swapped, or words moved."""
    text = draw(texts)
    out = [text, draw(texts)]
    for _ in range(draw(st.integers(1, 6))):
        slips = draw(st.integers(1, 3))
        version = text
        for _ in range(slips):
            at = draw(st.integers(0, max(len(version) - 1, 0)))
            letter = draw(st.sampled_from(alphabet))
            kind = draw(st.sampled_from(["change", "lose", "add", "swap", "words", "initial"]))
            if kind == "change":
                version = version[:at] + letter + version[at + 1 :]
            elif kind == "lose":
                version = version[:at] + version[at + 1 :]
            elif kind == "add":
                version = version[:at] + letter + version[at:]
            elif kind == "swap":
                version = (
                    version[:at]
                    + version[at + 1 : at + 2]
                    + version[at : at + 1]
                    + (version[at + 2 :])
                )
            elif kind == "words":
                version = " ".join(draw(st.permutations(version.split())))
            else:
                words = version.split()
                if words:
                    k = draw(st.integers(0, len(words) - 1))
                    version = " ".join([*words[:k], words[k][0], *words[k + 1 :]])
        out.append(" ".join(version.split()))
    return out


def dates() -> st.SearchStrategy[str]:
    """YYYY-MM-DD, at times with an unknown day, or month and day; near one another."""
    day = st.integers(0, 28).map(lambda d: f"{d:02d}")
    month = st.integers(0, 12).map(lambda m: f"{m:02d}")
    year = st.sampled_from(["1989", "1990", "1991", "1998", "1980", "2008", "1900"])
    return st.tuples(year, month, day).map("-".join)


def identifiers() -> st.SearchStrategy[str]:
    """Digits, often with zeros in front."""
    digits = st.text("0123", min_size=1, max_size=13)
    return st.tuples(st.sampled_from(["", "0", "00", "000", "0000"]), digits).map("".join)


def numbers() -> st.SearchStrategy[str]:
    """Whole numbers and halves, near one another and a multiple of 2**31 apart."""
    near = st.tuples(st.integers(-2, 3), st.integers(-3, 3)).map(lambda t: t[0] * 2**31 + t[1])
    return st.one_of(st.integers(0, 12), near).map(str) | st.sampled_from(["1.5", "2.5", "2.4"])
