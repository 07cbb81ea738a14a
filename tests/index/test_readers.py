import threading

from index.nights import FIRST, night, update

from mpi.index import MasterIndex


def test_readers_see_one_snapshot_while_nights_are_published(tmp_path):
    update(MasterIndex.create_or_open(tmp_path), FIRST)
    wrong, seen, done = [], set(), threading.Event()

    def read():
        while not done.is_set():
            index = MasterIndex.open(tmp_path)
            ids = index.table("crosswalk")["enterprise_id"].to_pylist()
            persons = index.table("persons").to_pylist()
            counted = {r["enterprise_id"]: r["n_records"] for r in persons if r["n_records"]}
            if counted != {i: ids.count(i) for i in set(ids)}:
                wrong.append(index.sequence)
            seen.add(index.sequence)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(12):
        key, phone = f"a:{number % 4}", str(number % 3)
        update(
            MasterIndex.open(tmp_path),
            night({"key": key, "phone": phone, "full_name": str(number)}),
        )
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(seen) > 1
