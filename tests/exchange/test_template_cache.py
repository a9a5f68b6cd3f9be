import subprocess
import sys
import threading
from pathlib import Path

import pytest

from semblance.errors import UnreadableFile
from semblance.exchange.template_cache import CacheKey, KeptExtraction, TemplateCache
from semblance.terms.ids import PackDigest, Sha256
from semblance.terms.samples import Metric, Template

PACK = PackDigest("b" * 64)
KEY = CacheKey(Sha256("a" * 64), PACK, "as it is")
ENTRY = KeptExtraction(
    Template(PACK, Metric.EUCLIDEAN, 3, bytes(range(12))), None, 2, 61.25, {"UnifiedQualityScore": 70, "Sharpness": -1}
)
FAILED = KeptExtraction(None, "no face was found", 0, None, None)


def only_file(folder: Path) -> Path:
    (file,) = [path for path in folder.rglob("*") if path.is_file()]
    return file


def test_what_is_kept_is_found_again_to_the_bit(tmp_path: Path) -> None:
    cache = TemplateCache(tmp_path / "deep" / "cache")
    assert cache.find(KEY) is None
    assert cache.keep(KEY, ENTRY)
    assert TemplateCache(cache.folder).find(KEY) == ENTRY


def test_failures_are_kept_with_their_reasons(tmp_path: Path) -> None:
    cache = TemplateCache(tmp_path)
    cache.keep(KEY, FAILED)
    assert cache.find(KEY) == FAILED


@pytest.mark.parametrize(
    "other",
    [
        CacheKey(Sha256("c" * 64), PACK, "as it is"),
        CacheKey(KEY.photo, PackDigest("d" * 64), "as it is"),
        CacheKey(KEY.photo, PACK, "blur seed=1"),
    ],
)
def test_another_photo_pack_or_variant_is_another_entry(tmp_path: Path, other: CacheKey) -> None:
    cache = TemplateCache(tmp_path)
    cache.keep(KEY, ENTRY)
    assert cache.find(other) is None


def test_an_entry_under_anothers_name_is_not_taken_for_it(tmp_path: Path) -> None:
    cache = TemplateCache(tmp_path)
    cache.keep(KEY, ENTRY)
    data = only_file(tmp_path).read_bytes()
    other = CacheKey(KEY.photo, PACK, "blur")
    cache.keep(other, FAILED)
    for file in (path for path in tmp_path.rglob("*.json")):
        file.write_bytes(data)
    assert cache.find(other) is None


def test_every_damage_counts_as_not_there_and_is_mended(tmp_path: Path) -> None:
    cache = TemplateCache(tmp_path)
    cache.keep(KEY, ENTRY)
    file = only_file(tmp_path)
    whole = file.read_bytes()
    damaged = [whole[:cut] for cut in range(0, len(whole), 7)]
    damaged += [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(0, len(whole), 5)]
    damaged += [b"null", b"\n{}", b"[]", b"\xff" * 100]
    for data in damaged:
        file.write_bytes(data)
        assert cache.find(KEY) is None
    cache.keep(KEY, ENTRY)
    assert cache.find(KEY) == ENTRY


def test_only_the_owner_may_read_templates(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    TemplateCache(folder).keep(KEY, ENTRY)
    assert folder.stat().st_mode & 0o077 == 0
    assert only_file(folder).stat().st_mode & 0o077 == 0


def test_a_cache_that_cannot_be_written_is_counted_and_leaves_nothing(tmp_path: Path) -> None:
    cache = TemplateCache(tmp_path)
    (tmp_path / KEY.digest[:2]).write_bytes(b"a file where a folder belongs")
    assert not cache.keep(KEY, ENTRY)
    assert cache.unwritten == 1
    assert cache.find(KEY) is None


def test_a_folder_that_cannot_be_made_is_an_error_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnreadableFile, match="name another folder"):
        TemplateCache(tmp_path / "file" / "cache")


def test_many_threads_see_whole_entries_or_none(tmp_path: Path) -> None:
    cache = TemplateCache(tmp_path)
    seen: set[bool] = set()

    def work() -> None:
        for _ in range(60):
            cache.keep(KEY, ENTRY)
            seen.add(cache.find(KEY) == ENTRY)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {True}
    assert only_file(tmp_path).name.endswith(".json")


_FILL = """
import sys
from pathlib import Path
from semblance.exchange.template_cache import CacheKey, KeptExtraction, TemplateCache
cache = TemplateCache(Path(sys.argv[1]))
for number in range(40):
    variant = f"variant {(number + int(sys.argv[2])) % 40}"
    cache.keep(CacheKey("a" * 64, "b" * 64, variant), KeptExtraction(None, "no face was found", 0, None, None))
"""


def test_two_processes_at_once_leave_whole_entries(tmp_path: Path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", _FILL, str(tmp_path), start]) for start in ("0", "20")]
    assert [process.wait(60) for process in started] == [0, 0]
    cache = TemplateCache(tmp_path)
    assert all(cache.find(CacheKey(KEY.photo, PACK, f"variant {number}")) == FAILED for number in range(40))
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 40
