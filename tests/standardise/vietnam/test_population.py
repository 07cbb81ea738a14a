"""Which lists of names are read as Vietnamese. All lists are made up of common public names."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from tables import record_table

from mpi.records.table import RecordTable
from mpi.schema import Kind
from mpi.standardise.locales import choose_locale
from mpi.standardise.vietnam.names import looks_vietnamese
from mpi.standardise.vietnam.syllables import to_ascii

FOREIGN = {
    "American": (
        "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Wilson Lee "
        "Taylor Moore Jackson Martin White Harris Clark Lewis Young Hall King Le Ho Do Long Van",
        "James Mary Robert Patricia John Jennifer Michael Linda David Susan Kim Ann Tim Ben Dan",
    ),
    "Chinese, pinyin": (
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Liang "
        "Song Zheng Xie Han Tang Feng Yu Dong Xiao Cheng Cao Yuan Deng Shen Lu Su Du Dai Tian Hua",
        "Wei Fang Na Min Jing Li Qiang Lei Jun Yang Yong Yan Jie Juan Tao Ming Chao Hao Hai Long "
        "Lan Hong Hui Bin Ping Mei Kai Nan Hua Han Tu An Hung Thi Van",
    ),
    "Chinese, pinyin with tones": (
        "Wáng Lǐ Zhāng Liú Chén Yáng Huáng Zhào Wú Zhōu Xú Sūn Mǎ Hú Hé Lín Gāo Luó Tán Háo",
        "Wěi Fāng Nà Mǐn Jìng Lì Qiáng Lěi Jūn Yáng Yǒng Yàn Jié Tāo Míng Hào Hǎi Lóng Lán Hóng",
    ),
    "Cantonese": (
        "Wong Chan Lam Ho Ng Cheung Leung Lau Lee Cheng Yeung Tang Chow Kwok Lai Tsang Ma Mak Fung "
        "Ip Kwan Lo Tam To Tse Chiu Chu Hui Lui Poon Siu So Sin Tong Wan Yip Yuen Ngo Ha",
        "Ka_Ming Tai_Man Ho_Yin Wing_Han Chi_Wai Mei_Ling Siu_Ming Kin_Man Lai_Han Man_Ho Kit Sum",
    ),
    "Taiwanese": (
        "Chen Lin Huang Chang Li Wang Wu Liu Tsai Yang Hsu Cheng Hsieh Kuo Hung Chiu Tseng Liao "
        "Chou Yeh Su Chuang Lu Chiang Ho Lo Kao Pan Chien Chu Chung Peng Chan Yu Tu To Tang Tao",
        "Chi_Ming Mei_Ling Hung_Chi Li_Hua Chun_Chieh Ya_Ting Chia_Hao Tai_An Lan Hoa An",
    ),
    "Hokkien of Singapore": (
        "Tan Lim Lee Ng Ong Wong Goh Chua Chan Koh Teo Ang Yeo Tay Ho Low Toh Sim Chong Chia Lau "
        "Lai Quek Seah Phua Tang Soh Foo Khoo",
        "Wei_Ling Hui_Min Kim_Lan Boon_Keng Siew_Hong Ah_Kow Mei_Hua Chin_Hai Kok_Leong Thi_Ha",
    ),
    "Korean": (
        "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu "
        "Jeon Ko Moon Yang Son Bae Baek Heo Nam Sim Noh Ha Joo An Cha Min Do Chu",
        "Min_Soo Ji_Hye Sung_Min Min_Ho Young_Ho Hyun_Woo Ha_Na Sang_Hun Dong_Min Nam_Joo Kyung",
    ),
    "Japanese": (
        "Sato Suzuki Takahashi Tanaka Ito Watanabe Yamamoto Nakamura Kobayashi Kato Abe Ota Mori "
        "Ono Doi Oda Ueda Sakai",
        "Hiroshi Ken Yumi Akira Mai Ai Emi Hana Kenta Mika Naoki Rina Toru Mao",
    ),
    "Indonesian": (
        "Santoso Wijaya Saputra Hidayat Setiawan Sari Lestari Nugroho Pratama Siregar Lubis Tan",
        "Budi Siti Agus Dewi Sri Eko Ani Rina Putri Andi Nur Indah Ahmad Wati Adi Tri",
    ),
    "Malay": (
        "bin_Ahmad binti_Abdullah bin_Ismail binti_Hassan bin_Ali bin_Mohd_Noor binti_Osman",
        "Mohd Ahmad Nur Siti Muhammad Aishah Aminah Hafiz Ismail Nor Tengku Che",
    ),
    "Filipino": (
        "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Tan Lim Sy Go Chua Co Ong Uy Tiu "
        "De_Leon Dela_Cruz San_Juan",
        "Jose Maria Juan Ana Jun Mark Angel Liza Ramon Rosa Joy Lito Tita",
    ),
    "Khmer": (
        "Sok Chea Chan Heng Kim Ly Sam Son Keo Mao Meas Nuon Ros Sim So Tep Thach Vann Lim Long "
        "Pen Phan San Seng Som Sun Tan Ung Hun Danh Chau Mai",
        "Dara Sophal Bopha Sokha Veasna Chan Heng Leng Rith Phal Thida Nary Long Kim Lan Sen Hoa",
    ),
    "Hmong": (
        "Vang Thao Lee Lor Her Ly Yang Xiong Moua Cha Chang Vue Hang Kong Khang Lo Cheng Pha",
        "Mai Kou Pao Tou Chue Xue Yer Pa Nou Bao Bee Kia Long Chi",
    ),
    "Thai": (
        "Saetang Srisai Chaiyasit Suwannarat Boonmee Phan Kham Thong Saelim",
        "Somchai Somsak Malee Suda Nok Lek Noi Anan Dao Mai Ton",
    ),
    "Spanish": (
        "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Martín Ruiz Díaz "
        "Vega Gil Mora Peña Leal Sáez",
        "José María Ana Luis Carmen Juan Mía Noé Lía Inés Raúl Tomás Ángel Sofía Iván Lúa Bea",
    ),
    "Portuguese": (
        "Silva Santos Oliveira Souza Lima Costa Pereira Conceição Simão Sá Leão Brandão da_Luz",
        "João Antônio Inês Luís Conceição Rita Cauã Léo Théo Bia Lia Mônica Zé",
    ),
    "French": (
        "Martin Bernard Dubois Durand Moreau Leroy Roux Le_Gall Le_Goff Le_Bon Le_Than Noël Hoàng",
        "Théo Léa Chloé Noé Hélène André Zoé Léo Anaïs Luc Jean Marie Paul Inès Tom",
    ),
    "German": (
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer "
        "Thoma Mai Dang",
        "Anna Peter Jürgen Karin Hans Uwe Ute Kai Tim Ben Lena Mia Tom Leo Bao",
    ),
    "Dutch": (
        "de_Jong Jansen de_Vries van_Dam van_Den_Berg Bakker Visser Smit Meijer van_Dong Mulder",
        "Jan Piet Kees Anna Maria Tom Lan Bas Tim Daan Sanne Mai",
    ),
    "Indian": (
        "Sharma Singh Kumar Patel Gupta Reddy Rao Nair Das Roy Sen Bose Lal Ram Devi Khan Iyer "
        "Vu Ha",
        "Rahul Priya Amit Anita Sunil Ravi Kiran Mina Uma Om Sita Ram Hari Maya Anu Tara",
    ),
    "Burmese": (
        "Aung Win Tun Htay Hlaing Maung Oo Myint Thi_Ha Ko_Ko Mai Thant Thu_Ra Lin Than Khin",
        "Ma Ko Daw U Su Thi Nay Kyaw Ei Min Thu Zaw Nu Moe Ni",
    ),
}  # fmt: skip
"""Family names, the most frequent first, and given names."""

FAMILY = {
    "Nguyễn": 31, "Trần": 11, "Lê": 10, "Phạm": 7, "Hoàng": 4, "Huỳnh": 2, "Phan": 4, "Vũ": 3,
    "Võ": 2, "Đặng": 2, "Bùi": 2, "Đỗ": 2, "Hồ": 1, "Ngô": 1, "Dương": 1, "Lý": 1, "Đinh": 1,
    "Mai": 1, "Trịnh": 1, "Đoàn": 1, "Cao": 1, "Hà": 1, "Lương": 1, "Tạ": 0.5, "Kim": 0.2,
    "La": 0.2, "Chu": 0.3, "Giang": 0.2, "Thạch": 0.3, "Quách": 0.2, "Tăng": 0.2,
}  # fmt: skip
MIDDLE = "Văn Thị Minh Ngọc Đức Thanh Hữu Thu Quốc Xuân Hoàng Kim Bảo Gia".split()  # noqa: SIM905
GIVEN = (  # noqa: SIM905
    "Anh Linh Vy Phương Thảo Trang Tiến Thúy Dũng Nhi Huy Ngọc Hùng Tuấn Hiếu Hiền Ngân Minh Hương "
    "Nam An My Huyền Hằng Hà Đạt Long Vân Yến Phúc Khánh Đức Sơn Quỳnh Hoa Lan Bình Giang Tâm"
).split()


def words_of(text: str) -> list[str]:
    """Names between blanks; an underscore is a blank inside a name."""
    return [word.replace("_", " ") for word in text.split()]


def foreign(people: str, n: int, seed: int) -> list[tuple[str, str]]:
    """Family and given names, the first of each list ten times as frequent as the last."""
    draw = random.Random(seed)
    families, givens = (words_of(text) for text in FOREIGN[people])
    weights = np.linspace(1, 0.1, len(families)).tolist()
    return [(f, draw.choice(givens)) for f in draw.choices(families, weights, k=n)]


def vietnamese(n: int, seed: int) -> list[tuple[str, str, str]]:
    draw = random.Random(seed)
    families = draw.choices(list(FAMILY), list(FAMILY.values()), k=n)
    return [(f, draw.choice(MIDDLE), draw.choice(GIVEN)) for f in families]


def share(names: list[str]) -> float:
    return looks_vietnamese(pa.array(names, pa.string()), np.ones(len(names), np.int64))


@pytest.mark.parametrize("n", [8, 40, 1000])
@pytest.mark.parametrize("people", FOREIGN)
def test_lists_of_other_peoples_are_not_vietnamese(people: str, n: int) -> None:
    for seed in range(3 if n < 1000 else 1):
        drawn = foreign(people, n, seed)
        lists = {
            "given name first": [f"{given} {family}" for family, given in drawn],
            "family name first": [f"{family} {given}" for family, given in drawn],
            "capitals": [f"{family} {given}".upper() for family, given in drawn],
            "family names": [family for family, _ in drawn],
            "given names": [given for _, given in drawn],
        }
        measured = {style: share(names) for style, names in lists.items()}
        worst = max(measured, key=measured.__getitem__)
        assert measured[worst] < (0.3 if n == 1000 else 0.48), (worst, measured[worst])


STYLES = {
    "as written": lambda f, m, g: f"{f} {m} {g}",
    "capitals": lambda f, m, g: f"{f} {m} {g}".upper(),
    "without marks": lambda f, m, g: to_ascii(f"{f} {m} {g}"),
    "capitals without marks": lambda f, m, g: to_ascii(f"{f} {m} {g}").upper(),
    "small letters without marks": lambda f, m, g: to_ascii(f"{f} {m} {g}").lower(),
    "given name first": lambda f, m, g: f"{g} {m} {f}",
    "given name first, without marks": lambda f, m, g: to_ascii(f"{g} {f}"),
    "family name": lambda f, m, g: f,
    "family name without marks": lambda f, m, g: to_ascii(f),
    "family name in capitals without marks": lambda f, m, g: to_ascii(f).upper(),
    "family and middle name": lambda f, m, g: to_ascii(f"{f} {m}"),
    "given name": lambda f, m, g: g,
    "given name without marks": lambda f, m, g: to_ascii(g),
}


@pytest.mark.parametrize("n", [8, 40, 1000])
@pytest.mark.parametrize("style", STYLES)
def test_vietnamese_lists_are_vietnamese(style: str, n: int) -> None:
    for seed in range(5 if n < 1000 else 1):
        names = [STYLES[style](*name) for name in vietnamese(n, seed)]
        assert share(names) > (0.9 if n == 1000 else 0.6)


@pytest.mark.parametrize("people", ["American", "German", "Chinese, pinyin", "Cantonese", "Korean"])
@pytest.mark.parametrize("percent", [10, 30, 70, 90])
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "plain"])
def test_a_mixed_list_is_measured_by_its_share(people: str, percent: int, marked: bool) -> None:
    """Between 30 and 70 % either may be chosen; beyond it must be the majority's."""
    n = 2000
    mine = [f"{g} {f}" for f, _, g in vietnamese(n * percent // 100, 1)]
    mine = mine if marked else [to_ascii(name) for name in mine]
    others = [f"{g} {f}" for f, g in foreign(people, n - len(mine), 1)]
    names = random.Random(2).sample(mine + others, n)
    assert abs(share(names) - percent / 100) < 0.15
    assert (share(names) >= 0.5) == (percent > 50)


def test_half_a_list_is_measured_as_half() -> None:
    names = [to_ascii(f"{g} {f}") for f, _, g in vietnamese(1000, 1)]
    names += [f"{g} {f}" for f, g in foreign("American", 1000, 1)]
    assert abs(share(names) - 0.5) < 0.1


@pytest.mark.parametrize(
    "family", ["Ho", "Lam", "Kim", "Le", "Dang", "Ly", "Han", "Tang"], ids=str.lower
)
def test_one_ambiguous_family_name_makes_no_country(family: str) -> None:
    """A village may be full of one family; a list of it without marks proves nothing."""
    assert share([family] * 500) < 0.25
    assert share([f"{family} Tai Min"] * 500) < 0.25


def test_names_of_the_highlands_prove_themselves() -> None:
    names = ["H'Hen Niê", "Y Thuyên Niê", "Y Moan Êban", "H'Lim Mlô", "Y Blô Kbuôr"]
    assert share(names) == 1.0


def test_more_records_of_a_name_weigh_more() -> None:
    names = pa.array(["Nguyễn Văn An", "John Smith"])
    assert looks_vietnamese(names, np.array([3, 1])) == 0.75


def _records(kind: Kind, names: list[str]) -> RecordTable:
    return record_table({("column", kind): names})


@pytest.mark.parametrize("kind", [Kind.FULL_NAME, Kind.NAME, Kind.FAMILY_NAME, Kind.GIVEN_NAME])
def test_any_column_of_names_chooses_the_locale(kind: Kind) -> None:
    part = {Kind.FAMILY_NAME: 0, Kind.GIVEN_NAME: 2}.get(kind)
    mine = [to_ascii(" ".join(name) if part is None else name[part]) for name in vietnamese(300, 4)]
    locale, why = choose_locale(_records(kind, mine))
    assert (locale.name, "Vietnam" in why) == ("vi", True)
    others = [
        " ".join(name) if part is None else name[min(part, 1)]
        for people in ("Cantonese", "Korean", "Chinese, pinyin")
        for name in foreign(people, 100, 4)
    ]
    assert choose_locale(_records(kind, others))[0].name == "general"
