"""Plans: computed aside, published as they are, refused when stale; and limits."""

import shutil
import stat
from dataclasses import replace

import msgspec
import pytest
from index.faults import FaultyFiles
from index.nights import (
    FIRST,
    SECOND,
    contents,
    crosswalk,
    files_of,
    linker,
    named_files,
    night,
    partition,
    update,
)

from mpi.errors import LimitError, LockedError, MpiError, UsageError
from mpi.index import MasterIndex
from mpi.index.effects import effects_of
from mpi.index.plan import read_plan, sources_of
from mpi.settings import Limits, Settings

FOURTH = night({"key": "z:9", "full_name": "Other", "phone": "99"}, name="fourth.csv")


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    return index


@pytest.fixture
def plan(tmp_path):
    return tmp_path / "plan"


def make(index, plan, records=SECOND, **named):
    return index.plan(records, plan, resolver=linker, **named)


def limited(index, records, full=False, **limits):
    settings = Settings(limits=Limits(**limits))
    return index.update(records, settings, resolver=linker, full=full)


def without_times(index):
    found = contents(index)
    return {name: rows for name, rows in found.items() if name != "files"}


# ------------------------------------------------------------------ plans


def test_a_plan_publishes_nothing_and_tells_what_would_change(index, plan):
    before, files = contents(index), files_of(index.path)
    made = make(index, plan)
    assert contents(index) == before and files_of(index.path) == files
    effects = made.effects
    assert effects.counts_before["records"] == 6 and effects.counts_after["records"] == 7
    assert effects.events == {
        "created": 2, "joined": 1, "left": 1, "merged": 1, "moved": 1, "split": 1
    }  # fmt: skip
    assert (effects.changed, effects.merged, effects.split) == (3, 2, 1)
    assert effects.sources == {"a": (3, 2), "b": (3, 3), "c": (0, 2)}
    merged = effects.largest[0]
    assert (merged.kind, merged.records, merged.keys) == ("merged", 3, ("a:1", "a:3"))
    assert [e.kind for e in effects.largest] == ["merged", "split"]
    assert read_plan(plan) == made


def test_an_applied_plan_is_the_night(index, plan, tmp_path):
    other = MasterIndex.create_or_open(tmp_path / "other")
    update(other, FIRST)
    update(other, SECOND)
    make(index, plan)
    done = index.apply(plan)
    assert (done.changed, done.sequence) == (True, 2)
    assert contents(index) == contents(other)
    assert files_of(index.path) == named_files(index)
    index.verify()
    again = index.apply(plan)
    assert (again.changed, again.sequence) == (False, 2)


def test_a_plan_of_the_first_night(tmp_path, plan):
    index = MasterIndex.create_or_open(tmp_path / "index")
    make(index, plan, FIRST)
    assert index.sequence == 0
    index.apply(plan)
    assert partition(index) and index.verify().snapshots == 1


def test_a_night_that_changes_nothing_is_no_plan(index, plan):
    assert make(index, plan, FIRST) is None
    assert not (plan / "plan.json").exists()


@pytest.mark.parametrize("again", [False, True], ids=["new", "again"])
def test_a_plan_that_was_cut_short_is_made_again(index, plan, again):
    counter = FaultyFiles(at=0)
    if again:
        make(index, plan, FOURTH)
    make(MasterIndex.open(index.path, files=counter), plan)
    before, unfinished = contents(index), 0
    for at in range(counter.done // 3, counter.done + 1, 19):
        shutil.rmtree(plan)
        if again:
            make(index, plan, FOURTH)
        with pytest.raises(MpiError):
            make(MasterIndex.open(index.path, files=FaultyFiles(at, lasting=True)), plan)
        if {*files_of(plan)} - {"plan.json.tmp"} == {"plan.json"}:
            unfinished += 1
            with pytest.raises(LockedError, match="not finished"):
                index.apply(plan)
        made = make(index, plan)
        assert files_of(plan) == sorted(["plan.json", *(file.name for file in made.files)])
        assert contents(index) == before
    assert unfinished
    index.apply(plan)


def test_the_index_moved_on(index, plan):
    make(index, plan)
    update(index, night({"key": "z:1"}))
    before = contents(index)
    with pytest.raises(LockedError, match=r"stale: it starts from snapshot 1.*is at snapshot 2"):
        index.apply(plan)
    index.rollback(1)
    with pytest.raises(LockedError, match="stale"):
        index.apply(plan)
    assert before["crosswalk"] != contents(index)["crosswalk"]


def test_an_input_was_changed(index, plan, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("a")
    make(index, plan, inputs=sources_of([path]))
    path.write_text("b")
    with pytest.raises(LockedError, match=r"in\.csv is gone or was changed"):
        index.apply(plan)
    path.unlink()
    with pytest.raises(LockedError, match=r"in\.csv is gone or was changed") as error:
        index.apply(plan)
    assert error.value.exit_code == 4
    path.write_text("a")
    assert index.apply(plan).changed


def test_the_plan_was_edited(index, plan):
    made = make(index, plan)
    text = (plan / "plan.json").read_bytes()
    (plan / "plan.json").write_bytes(text.replace(b'"changed":3', b'"changed":1'))
    with pytest.raises(LockedError, match="was edited"):
        index.apply(plan)
    (plan / "plan.json").write_bytes(text)
    file = plan / made.files[0].name
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"x")
    with pytest.raises(LockedError, match="was edited"):
        index.apply(plan)
    file.unlink()
    with pytest.raises(LockedError, match="was edited"):
        index.apply(plan)
    assert index.snapshots() == [1]
    assert files_of(index.path) == named_files(index)
    file.write_bytes(content)
    assert index.apply(plan).changed


def test_a_plan_belongs_to_one_index(index, plan, tmp_path):
    make(index, plan)
    with pytest.raises(UsageError, match="was made for index"):
        MasterIndex.create_or_open(tmp_path / "other").apply(plan)
    with pytest.raises(UsageError, match="there is no plan at"):
        index.apply(tmp_path / "nothing")


def test_where_a_plan_may_go(index, plan, tmp_path):
    make(index, plan)
    make(index, plan, night({"key": "z:1"}))  # an earlier plan is replaced
    assert len(read_plan(plan).effects.largest) == 0
    foreign = tmp_path / "mine"
    foreign.mkdir()
    (foreign / "notes").write_text("x")
    with pytest.raises(UsageError, match="not empty and holds no plan"):
        make(index, foreign)
    with pytest.raises(UsageError, match="is a file"):
        make(index, foreign / "notes")
    assert (foreign / "notes").read_text() == "x"


def test_only_the_owner_may_read_a_plan(index, plan):
    make(index, plan)
    for path in [plan, *plan.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


# ------------------------------------------------------------------ limits


def test_a_limit_stops_the_night_and_leaves_a_plan(index):
    before = contents(index)
    with pytest.raises(LimitError, match=r"75 % of the persons would change \(3\)") as error:
        limited(index, SECOND, max_changed_persons="0.1 %")
    assert error.value.exit_code == 6
    assert "mpi apply" in str(error.value) and "0.1 %" in str(error.value)
    plan = error.value.plan
    assert plan.parent.parent == index.path
    assert {n: v for n, v in contents(index).items() if n != "files"} == {
        n: v for n, v in before.items() if n != "files"
    }
    index.verify()
    assert read_plan(plan).broken == (
        "75 % of the persons would change (3); max_changed_persons is 0.1 %",
    )
    # A person looked at it.
    MasterIndex.open(index.path).apply(plan)
    index = MasterIndex.open(index.path)
    assert index.sequence == 2
    assert "c:1" in crosswalk(index)
    assert files_of(index.path) == named_files(index)  # the plan is gone
    index.verify()


def test_a_night_within_its_limits_is_published(index, tmp_path):
    other = MasterIndex.create_or_open(tmp_path / "other")
    update(other, FIRST)
    update(other, SECOND)
    limited(index, SECOND, max_changed_persons=0.9, max_source_shrink=0.5)
    assert without_times(index) == without_times(other)
    assert files_of(index.path) == named_files(index)


def test_a_plan_that_waits_goes_when_the_index_moves_on(index):
    with pytest.raises(LimitError) as error:
        limited(index, SECOND, max_merged_persons=0)
    with pytest.raises(LimitError) as again:
        limited(index, SECOND, max_split_persons=0)
    assert error.value.plan == again.value.plan
    assert again.value.plan.exists()
    update(index, night({"key": "z:1"}))
    index.vacuum(keep=2)
    assert not again.value.plan.exists()
    assert files_of(index.path) == named_files(index)


def test_a_new_index_has_no_limit_to_keep(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    assert limited(index, FIRST, max_changed_persons=0, max_source_growth=0).changed


def test_a_source_that_shrinks_or_grows(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    many = [{"key": f"a:{i}", "full_name": f"N{i}"} for i in range(200)]
    update(index, night(*many))
    gone = [{"key": f"a:{i}"} for i in range(60)]
    with pytest.raises(LimitError, match="source a would lose 30 % of its 200 records"):
        limited(index, night(deleted=gone), max_source_shrink="20 %")
    more = [{"key": f"a:{i}", "full_name": f"N{i}"} for i in range(200, 300)]
    with pytest.raises(LimitError, match="source a would grow by 50 % from 200 records"):
        limited(index, night(*more), max_source_growth=0.4)
    assert limited(index, night(*more), max_source_growth=0.5, max_source_shrink=0.2).changed


@pytest.mark.parametrize("value", ["lots", -1, "-1 %", "%"])
def test_a_limit_is_a_share(value):
    with pytest.raises(UsageError, match="write a share such as"):
        Limits(max_changed_persons=value)


def test_limits_come_from_the_settings_file(tmp_path):
    from mpi.settings import read_settings

    path = tmp_path / "settings.toml"
    path.write_text('[limits]\nmax_changed_persons = "0.1 %"\nmax_source_shrink = 0.2\n')
    limits = read_settings(path).limits
    assert limits.share("max_changed_persons") == pytest.approx(0.001)
    assert limits.share("max_source_shrink") == 0.2
    path.write_text("[limits]\nmax_persons = 1\n")
    with pytest.raises(UsageError, match="max_persons"):
        read_settings(path)
    settings = Settings(limits=Limits(max_split_persons=1))
    assert msgspec.json.decode(msgspec.json.encode(settings), type=Settings) == settings


# ------------------------------------------------------------------ full extracts


def test_absent_records_are_gone_only_with_full(index):
    part = night({"key": "a:1", "full_name": "Le An", "phone": "1", "updated_at": "2024-01-01"})
    assert not index.update(part, resolver=linker).changed
    done = index.update(part, resolver=linker, full=True)
    assert done.records["deleted"] == 2
    assert set(crosswalk(index)) == {"a:1", "b:1", "b:2", "b:3"}  # another source stays
    index.verify()
    # They may come back, for nobody knows when they left.
    assert update(index, FIRST).records["new"] == 2


def test_half_of_a_source_is_not_gone_at_once(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    many = [{"key": f"a:{i}", "full_name": f"N{i}"} for i in range(200)]
    update(index, night(*many))
    with pytest.raises(LimitError, match=r"lose 60 % of its 200.*max_source_shrink is 50 %"):
        index.update(night(*many[:80]), resolver=linker, full=True)
    assert index.update(night(*many[:120]), resolver=linker, full=True).changed
    assert limited(index, night(*many[:10]), full=True, max_source_shrink=1).changed
    assert len(crosswalk(index)) == 10


# ------------------------------------------------------------------ a new model


def test_a_new_model_is_a_plan_first(index, plan):
    seen = []

    def together(records, settings, *, model, stages):
        seen.append(model)
        result = linker(records, settings, model=model, stages=stages)
        return replace(result, cluster=result.cluster * 0, model=b'{"model": "new"}')

    made = index.plan(night(), plan, resolver=together, refit=True)
    assert seen == [None]
    assert made.refit and made.effects.merged == 4
    assert index.model() == b'{"model": "textbook"}'
    index.apply(plan)
    assert index.model() == b'{"model": "new"}'
    assert len(partition(index)) == 1
    events = index.table("events").to_pylist()
    assert {e["cause"] for e in events if e["snapshot"] == 2} == {"new model"}
    index.verify()
    index.rollback(1)
    assert index.model() == b'{"model": "textbook"}'


def test_effects_of_nothing(index):
    assert effects_of(index._base, index._base).counts_before == index.counts()
