"""Textbook twins of the comparison kernels.

They take standard values as Python text (None where missing) and fold, split and clip for
themselves, so that they witness the encoding as well as the kernels.
"""

from __future__ import annotations

import unicodedata

import jellyfish

WIDTH = 64
MOST_WORDS = 16
BASE_LETTERS = {"Đ": "D", "Ø": "O", "Æ": "AE", "Œ": "OE", "Ł": "L", "Þ": "TH", "ẞ": "SS"}


def folded(text):
    """Text without accents, one letter after the other."""
    return "".join(
        BASE_LETTERS.get(letter, letter)
        for letter in unicodedata.normalize("NFKD", text)
        if unicodedata.category(letter) != "Mn"
    )


def joined(text):
    """Folded text without blanks."""
    return folded(text).replace(" ", "")


def compared(text):
    """The part of the text that fuzzy comparisons look at."""
    return joined(text)[:WIDTH]


def words_of(text):
    return all_words_of(text)[:MOST_WORDS]


def all_words_of(text):
    return folded(text).split()


def unit_of(letter):
    """A letter's 16-bit unit; one outside the basic plane shares it with others."""
    return ord(letter) if ord(letter) < 65536 else ord(letter) & 0x7FFF | 0x8000


def letters_of(text, depth=2):
    """The bag of letters: places below 64, `depth` for each letter's first occurrences."""
    found = set()
    for letter in compared(text):
        places = 64 // depth
        first = unit_of(letter) % places * depth
        free = [k for k in range(first, first + depth) if k not in found]
        found.update(free[:1])
    return found


def popcount(bits):
    return bin(int(bits)).count("1")


def lowest(bits):
    """Place of the lowest set bit, 64 where there is none."""
    return next((k for k in range(64) if bits >> k & 1), 64)


def first_bits(n):
    return 2**n - 1


def has_bit(bits, place):
    return place < 64 and bool(bits >> place & 1)


def slide(equal, place, end):
    """The first place from `place` on whose bit is not set, `end` at most."""
    while place < end and has_bit(equal, place):
        place += 1
    return min(place, end)


def matched(a, b):
    """Places of the letters of two texts that match within Jaro's window."""
    window = max(max(len(a), len(b)) // 2 - 1, 0)
    free = [True] * len(b)
    places = []
    for i, letter in enumerate(a):
        for j, other in enumerate(b):
            if free[j] and letter == other and abs(i - j) <= window:
                free[j] = False
                places.append((i, j))
                break
    return places


def jaro_winkler(a, b):
    """Winkler (1990) over two texts, by lists of matched letters."""
    if not a and not b:
        return 1.0
    places = matched(a, b)
    m = len(places)
    if m == 0:
        return 0.0
    in_order = [b[j] for j in sorted(j for _, j in places)]
    halves = sum(a[i] != y for (i, _), y in zip(places, in_order, strict=True))
    jaro = (m / len(a) + m / len(b) + (m - halves // 2) / m) / 3.0
    if jaro > 0.7:
        prefix = 0
        for x, y in zip(a[:4], b[:4], strict=False):
            if x != y:
                break
            prefix += 1
        jaro += prefix * 0.1 * (1.0 - jaro)
    return jaro


def osa(a, b, limit):
    """The full table of optimal string alignment, then the limit."""
    d = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if i == 0 or j == 0:
                d[i][j] = i + j
                continue
            cost = a[i - 1] != b[j - 1]
            d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
    return min(d[-1][-1], limit + 1)


def jaro_winkler_bound(a, b):
    """Every letter that the other set holds might match, nothing might be transposed."""
    x, y = compared(a), compared(b)
    if not x or not y:
        return 1.0
    m = min(
        len(x) - len(letters_of(a) - letters_of(b)), len(y) - len(letters_of(b) - letters_of(a))
    )
    if m <= 0:
        return 0.0
    bound = (m / len(x) + m / len(y) + 1.0) / 3.0
    prefix = 0
    while prefix < min(4, len(x), len(y)) and x[prefix] == y[prefix]:
        prefix += 1
    return bound + prefix * 0.1 * (1.0 - bound)


def equal_words(a, b):
    """Words in common, each used once, and what is left of both lists."""
    left, right, equal = [], list(b), 0
    for word in a:
        if word in right:
            right.remove(word)
            equal += 1
        else:
            left.append(word)
    return equal, left, right


def common_words(a, b):
    """Words that two texts share, each used once, and words that match as an initial."""
    equal, left, right = equal_words(words_of(a), words_of(b))
    initials = 0
    for word in left:
        for other in right:
            if (len(word) == 1 or len(other) == 1) and word[0] == other[0]:
                right.remove(other)
                initials += 1
                break
    return equal, initials


def spelled(text):
    """Words as they are, but for those of nothing but accents."""
    return [word for word in text.split() if joined(word)]


def spoken(text):
    """What each word sounds like to an English ear."""
    return [jellyfish.metaphone(word) or word for word in spelled(text)]


def same_but_lost(a, b):
    """Whether texts of one length agree in every letter that neither lost, and most were not."""
    x, y = compared(a), compared(b)
    if len(x) != len(y):
        return False
    known = [(p, q) for p, q in zip(x, y, strict=True) if "?" not in (p, q)]
    return all(p == q for p, q in known) and 2 * len(known) > len(x)


def nobody(word):
    """No word is a name of its own that many bear."""
    return False


def another_name(a, b, usual=nobody):
    """Whether two names differ in one word, which is a usual name in either."""
    words_a, words_b = words_of(a), words_of(b)
    if len(words_a) != len(words_b):
        return False
    apart = [(x, y) for x, y in zip(words_a, words_b, strict=True) if x != y]
    return len(apart) == 1 and usual(apart[0][0]) and usual(apart[0][1])


def name_level(a, b, toneless=spelled, sounds=spoken, usual=nobody):
    """Level of two different names, with no bound to spare any comparison.

    toneless, sounds : what the words of a name are without tones, and what they sound like
    usual : whether a folded word is a name that many bear
    """
    words_a, words_b = words_of(a), words_of(b)
    lost = "?" in a or "?" in b
    # Of very many words only the whole is known.
    known = max(len(words_a), len(words_b)) < MOST_WORDS
    if not lost and toneless(a) == toneless(b) and (known or joined(a) == joined(b)):
        return 10
    if joined(a) == joined(b):
        return 9
    if sorted(all_words_of(a)) == sorted(all_words_of(b)):
        return 7
    if lost and same_but_lost(a, b):
        return 9
    x, y = compared(a), compared(b)
    shorter = min(len(x), len(y))
    equal, initials = common_words(a, b)
    fewer = min(len(words_a), len(words_b))
    if fewer > 1 and equal > 0 and equal + initials == fewer:
        return 8
    if fewer > 0 and known and sounds(a) == sounds(b):
        return 6
    limit = 2 if shorter >= 10 else 1
    similar = jaro_winkler(x, y)
    single = len(words_a) == len(words_b) == 1
    if (shorter >= 3 and osa(x, y, limit) <= limit) or (single and similar >= 0.92):
        return 3 if another_name(a, b, usual) else 5
    if fewer == 0:
        return 0
    if single:
        if similar >= 0.84:
            return 2
        return 1 if similar >= 0.75 or initials else 0
    if fewer == 1:
        return 2 if equal else 1 if initials else 0
    if words_a[0] == words_b[0] and words_a[-1] == words_b[-1]:
        return 4
    if len(words_a) == len(words_b) and equal == fewer - 1 and equal > 1:
        return 3
    if similar >= 0.92:
        return 2
    return 1 if equal else 0


def date_level(a, b):
    """Level of two different dates, YYYY-MM-DD with 00 for what is unknown."""
    year_a, month_a, day_a = a.split("-")
    year_b, month_b, day_b = b.split("-")
    if "00" in (month_a, month_b, day_a, day_b):
        if year_a != year_b:
            return 0
        return 3 if "00" in (month_a, month_b) or month_a == month_b else 1
    if year_a == year_b and (month_a, day_a) == (day_b, month_b):
        return 4
    x, y = a.replace("-", ""), b.replace("-", "")
    if sum(p != q for p, q in zip(x, y, strict=True)) == 1:
        return 4
    if any(x[:k] + x[k + 1] + x[k] + x[k + 2 :] == y for k in range(7)):
        return 4
    if (year_a == year_b) + (month_a == month_b) + (day_a == day_b) == 2:
        return 2
    return 1 if year_a == year_b else 0


def identifier_level(a, b):
    """Level of two different identifiers."""
    x, y = sorted((compared(a), compared(b)), key=len)
    if len(x) < 4:
        return 0
    lost = len(y) - len(x)
    if 0 < lost <= 3 and y == "0" * lost + x:
        return 2
    limit = 2 if len(x) >= 7 else 1
    distance = osa(x, y, limit)
    if distance <= 1:
        return 2
    return 1 if distance <= limit else 0


def level_of_kinds(level, kind, other):
    """Level of two different identifiers of two kinds, 0 where a kind is not known."""
    return -1 if level == 0 and kind and other and kind != other else level


def text_level(a, b):
    """Level of two different texts, with no bound to spare any comparison."""
    words_a, words_b = words_of(a), words_of(b)
    if joined(a) == joined(b) or sorted(all_words_of(a)) == sorted(all_words_of(b)):
        return 4
    x, y = compared(a), compared(b)
    dice = 2.0 * equal_words(words_a, words_b)[0] / (len(words_a) + len(words_b))
    if dice >= 0.75:
        return 3
    limit = 2 if min(len(x), len(y)) >= 8 else 1
    if min(len(x), len(y)) >= 4 and osa(x, y, limit) <= limit:
        return 3
    few = min(len(words_a), len(words_b)) <= 3
    similar = jaro_winkler(x, y) if few else 0.0
    if dice >= 0.5 or similar >= 0.9:
        return 2
    return 1 if dice >= 0.25 or similar >= 0.8 else 0


def unequal_level(form, a, b):
    """Comparison level of two different values of a form."""
    if form == "number":
        return 1 if abs(round(float(a)) - round(float(b))) == 1 else 0
    if form == "category":
        return 0
    twins = {
        "name": name_level,
        "date": date_level,
        "identifier": identifier_level,
        "text": text_level,
    }
    return twins[form](a, b)


def field_level(form, a, b):
    """Comparison level of two values of a form; -1 where either is missing."""
    if a is None or b is None:
        return -1
    top = {"name": 11, "date": 5, "identifier": 3, "text": 4, "number": 2, "category": 1}
    return top[form] if a == b else unequal_level(form, a, b)


def is_crossed(a, b, f, p):
    """Whether two records hold the values of two fields in each other's place."""
    if None in (a[f], b[f], a[p], b[p]):
        return False
    return joined(a[f]) == joined(b[p]) and joined(a[p]) == joined(b[f])


def cross_fields(a, b, f, p, levels):
    """The levels, with two crossed fields that are not even a slip apart raised to 7."""
    levels = list(levels)
    if levels[f] < 5 and levels[p] < 5 and is_crossed(a, b, f, p):
        levels[f] = levels[p] = 7
    return levels


def compare_pair(forms, partner, a, b):
    """Comparison vector of two records; `partner` maps a field to the one it is swapped with."""
    levels = [field_level(form, x, y) for form, x, y in zip(forms, a, b, strict=True)]
    for f, p in partner.items():
        levels = cross_fields(a, b, f, p, levels)
    return levels


def compare_pairs(forms, partner, records, left, right):
    """Comparison vectors of listed pairs."""
    return [
        compare_pair(forms, partner, records[i], records[j])
        for i, j in zip(left, right, strict=True)
    ]


def compare_tile(forms, partner, records, left, right, n):
    """Comparison vectors of the first `n` listed pairs."""
    return compare_pairs(forms, partner, records, left[:n], right[:n])


def prefetch_texts(*_):
    """A textbook waits for no memory."""


def similar_possible(m, n_a, n_b, alike, least):
    """Whether any two texts with `m` matching letters can be so similar."""
    if m <= 0:
        return False
    jaro = (m / n_a + m / n_b + 1.0) / 3.0
    return jaro + (0.4 * (1.0 - jaro) if alike else 0.0) >= least


def unpacked(words):
    """The word codes in a number, four of 16 bits."""
    return [words >> shift & 0xFFFF for shift in (0, 16, 32, 48) if words >> shift & 0xFFFF]


def n_packed(words):
    """How many word codes stand in a number."""
    return len(unpacked(words))


def shared_packed(a, b):
    """How many word codes stand in both numbers."""
    return len(set(unpacked(a)) & set(unpacked(b)))


def has_rare(words):
    """Whether the code of all rare words stands in a number."""
    return 0xFFFF in unpacked(words)


def near_by_bag(a, b, long):
    """Whether two texts are within the slips allowed, the letters that match and the lengths, and
    whether they begin alike; marks may promise more."""
    x, y = compared(a), compared(b)
    limit = 2 if min(len(x), len(y)) >= long else 1
    near = osa(x, y, limit) <= limit
    return near, len(matched(x, y)), len(x), len(y), x[:1] == y[:1]


def quick_name(a, b):
    """Level of two different names; marks may leave it open, but not say another."""
    return name_level(a, b)


def quick_text(a, b):
    """Level of two different texts; marks may leave it open, but not say another."""
    return text_level(a, b)


def text_outcome(a, b, is_name):
    """The same of either, where marks left it open."""
    return name_level(a, b) if is_name else text_level(a, b)


def open_level(form, a, b):
    """The same of any form."""
    return unequal_level(form, a, b)


def quick_identifier(a, b):
    """Level of two different identifiers; marks may leave it open, but not say another."""
    return identifier_level(a, b)
