"""Model packs in an administrator's hands: looked at, fetched, checked, chosen; nothing is fetched unasked."""

import errno
import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.workflows.record_acts import enrol, erase

from semblance.errors import (
    Conflict,
    DigestMismatch,
    DownloadFailed,
    ModelError,
    PackConflict,
    PackMissing,
    UnreadableFile,
)
from semblance.faces.packs.files import FileState
from semblance.node.node import Node
from semblance.workflows.models.models import look_at_pack, look_at_packs, pull_pack, require_usable_pack, verify_pack

Said = dict[str, Any]
NAME = "bureau"
ENCODER = "dlib_face_recognition_resnet_model_v1.dat"
DETECTOR = "centerface.onnx"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Let nothing connect anywhere; what was tried is listed."""
    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("nothing may be fetched here")

    def refuse_name(host: object, *rest: object, **options: object) -> None:
        tried.append(host)
        raise OSError("no name may be looked up here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_name)
    return tried


def _list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# --- looking ---


def test_nothing_is_fetched_by_looking_verifying_or_opening(tmp_path: Path, offline: list[object]) -> None:
    models = tmp_path / "models"
    states = {status.manifest.name: status.usable for status in look_at_packs(models)}
    assert states == {"embedded": True, "open": False}
    assert not models.exists()
    assert verify_pack("embedded", models).usable
    for name in ("open", "closed"):
        with pytest.raises(PackMissing, match=r"semblance models"):
            verify_pack(name, models)
    assert offline == []
    assert _list_files(models) == ["derived"]


def test_a_pack_tells_the_state_of_every_file(own_folder: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    pull_pack(NAME, models, source=own_folder)
    (models / NAME / DETECTOR).write_bytes(b"other bytes")
    (models / NAME / ENCODER).unlink()
    status = look_at_pack(NAME, models)
    assert not status.usable
    assert {file.file.name: file.state for file in status.files} == {
        DETECTOR: FileState.WRONG,
        ENCODER: FileState.MISSING,
        "shape_predictor_5_face_landmarks.dat": FileState.PRESENT,
    }
    with pytest.raises(DigestMismatch, match=rf"{DETECTOR} is not the file.*semblance models pull {NAME}"):
        verify_pack(NAME, models)


# --- from a publisher ---


def test_a_pack_is_fetched_from_its_publisher_once(published_pack: Path, publisher: Any) -> None:
    seen: list[tuple[str, int, int | None]] = []
    status = pull_pack(NAME, published_pack, on_progress=lambda *report: seen.append(report))
    assert status.usable
    assert sorted(publisher.asked) == sorted(f"/packs/{name}" for name in publisher.content)
    for name, data in publisher.content.items():
        assert (published_pack / NAME / name).read_bytes() == data
        mine = [(here, total) for file, here, total in seen if file == name]
        assert mine[-1] == (len(data), len(data))
        assert [here for here, _ in mine] == sorted(here for here, _ in mine)
    assert _list_files(published_pack / NAME) == sorted([*publisher.content, "pack.toml"])
    verify_pack(NAME, published_pack)
    pull_pack(NAME, published_pack)
    assert len(publisher.asked) == len(publisher.content)


def test_what_was_cut_off_half_way_resumes(published_pack: Path, publisher: Any) -> None:
    publisher.cut_after = 1_000_000
    with pytest.raises(DownloadFailed, match=r"broke off.*1000000 bytes that have arrived are kept"):
        pull_pack(NAME, published_pack)
    assert not look_at_pack(NAME, published_pack).usable
    with pytest.raises(PackMissing):
        verify_pack(NAME, published_pack)
    publisher.cut_after = None
    assert pull_pack(NAME, published_pack).usable
    assert publisher.ranges == ["bytes=1000000-"]
    assert not [name for name in _list_files(published_pack / NAME) if ".part" in name]


@pytest.mark.parametrize("change", ["one bit", "longer", "shorter", "a page instead"])
def test_wrong_bytes_are_refused_and_nothing_of_them_is_left(published_pack: Path, publisher: Any, change: str) -> None:
    right = publisher.content[DETECTOR]
    publisher.content[DETECTOR] = {
        "one bit": bytes([right[0] ^ 1]) + right[1:],
        "longer": right + b"\0",
        "shorter": right[:-1],
        "a page instead": b"<html>Please log in</html>",
    }[change]
    with pytest.raises(DigestMismatch, match=DETECTOR):
        pull_pack(NAME, published_pack)
    assert not [name for name in _list_files(published_pack / NAME) if name.startswith(DETECTOR)]
    publisher.content[DETECTOR] = right
    assert pull_pack(NAME, published_pack).usable


def test_a_file_that_was_changed_here_is_fetched_again(published_pack: Path, publisher: Any) -> None:
    pull_pack(NAME, published_pack)
    (published_pack / NAME / DETECTOR).write_bytes(b"other bytes")
    publisher.asked.clear()
    assert pull_pack(NAME, published_pack).usable
    assert publisher.asked == [f"/packs/{DETECTOR}"]


def test_a_publisher_that_has_no_such_file_is_named(published_pack: Path, publisher: Any) -> None:
    del publisher.content[DETECTOR]
    with pytest.raises(DownloadFailed, match=rf"{DETECTOR} answered 404"):
        pull_pack(NAME, published_pack)


def test_the_proxy_is_used(published_pack: Path, publisher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = published_pack / NAME / "pack.toml"
    manifest.write_text(manifest.read_text().replace(publisher.address, "http://127.0.0.1:9"), encoding="utf-8")
    monkeypatch.setenv("HTTP_PROXY", publisher.address)
    assert pull_pack(NAME, published_pack).usable
    assert all(path.startswith("http://127.0.0.1:9/packs/") for path in publisher.asked)


def test_an_address_that_is_not_encrypted_is_not_fetched(published_pack: Path, publisher: Any) -> None:
    manifest = published_pack / NAME / "pack.toml"
    manifest.write_text(manifest.read_text().replace(publisher.address, "http://example.org"), encoding="utf-8")
    with pytest.raises(DownloadFailed, match="https://"):
        pull_pack(NAME, published_pack)


def test_a_folder_that_cannot_be_written_is_named(published_pack: Path, publisher: Any, tmp_path: Path) -> None:
    manifest = (published_pack / NAME / "pack.toml").read_text()
    models = tmp_path / "elsewhere"
    (models / "given").mkdir(parents=True)
    (models / "given" / "pack.toml").write_text(manifest, encoding="utf-8")
    (models / NAME).write_bytes(b"a file where the folder should be")
    with pytest.raises(DownloadFailed, match="cannot be written"):
        pull_pack(NAME, models)


# --- the encoder's other form ---


@pytest.fixture
def two_forms(
    published_pack: Path, own_manifest: Said, publisher: Any, write_manifest: Callable[[Said], str]
) -> Callable[..., Path]:
    """Return what writes a pack whose encoder comes as one ONNX file or as OpenVINO's pair."""

    def make(*addressed: str) -> Path:
        said = own_manifest
        kept = [file for file in said["file"] if file["name"] != ENCODER]
        for name in ("encoder.onnx", "encoder.xml", "encoder.bin"):
            data = publisher.content[name] = name.encode() * 100
            file = {**kept[0], "name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            file.pop("url")
            if name in addressed:
                file["url"] = f"{publisher.address}/packs/{name}"
            kept.append(file)
        said["file"] = kept
        said["encoder"] |= {"files": ["encoder.onnx", "encoder.xml"], "companions": ["encoder.bin"], "recipe": ""}
        (published_pack / NAME / "pack.toml").write_text(write_manifest(said), encoding="utf-8")
        return published_pack

    return make


def test_the_pair_is_fetched_where_only_the_pair_has_an_address(two_forms: Callable[..., Path]) -> None:
    models = two_forms("encoder.xml", "encoder.bin")
    status = pull_pack(NAME, models)
    assert status.usable
    assert [file.file.name for file in status.files if file.state is FileState.MISSING] == ["encoder.onnx"]


def test_one_file_is_fetched_where_both_forms_have_an_address(two_forms: Callable[..., Path], publisher: Any) -> None:
    pull_pack(NAME, two_forms("encoder.onnx", "encoder.xml", "encoder.bin"))
    assert [path for path in publisher.asked if "encoder" in path] == ["/packs/encoder.onnx"]


def test_a_pair_without_its_other_half_is_not_usable(two_forms: Callable[..., Path], publisher: Any) -> None:
    models = two_forms("encoder.xml")
    with pytest.raises(PackMissing, match=r"Still missing: .*encoder\.bin.*--from FOLDER"):
        pull_pack(NAME, models)
    assert not look_at_pack(NAME, models).usable


def test_a_wrong_file_is_not_passed_over_for_the_other_form(two_forms: Callable[..., Path]) -> None:
    models = two_forms("encoder.xml", "encoder.bin")
    pull_pack(NAME, models)
    (models / NAME / "encoder.onnx").write_bytes(b"other bytes")
    with pytest.raises(DigestMismatch, match=r"encoder\.onnx"):
        verify_pack(NAME, models)
    assert not look_at_pack(NAME, models).usable


# --- from a folder ---


def test_a_pack_is_taken_from_a_folder(own_folder: Path, tmp_path: Path, offline: list[object]) -> None:
    models = tmp_path / "models"
    status = pull_pack(NAME, models, source=own_folder)
    assert status.usable
    assert status.manifest.title == "The bureau's own"
    assert _list_files(models / NAME) == _list_files(own_folder)
    assert verify_pack(NAME, models).usable
    assert pull_pack(NAME, models, source=own_folder).usable
    assert NAME in [pack.manifest.name for pack in look_at_packs(models)]
    assert offline == []


@pytest.mark.parametrize("name", [DETECTOR, ENCODER])
def test_a_wrong_file_in_the_folder_is_refused_and_nothing_is_left(own_folder: Path, tmp_path: Path, name: str) -> None:
    models = tmp_path / "models"
    right = (own_folder / name).read_bytes()
    (own_folder / name).write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    with pytest.raises(DigestMismatch, match=rf"{name} is not the file.*Nothing of it was taken"):
        pull_pack(NAME, models, source=own_folder)
    assert name not in _list_files(models / NAME)
    (own_folder / name).write_bytes(right)
    assert pull_pack(NAME, models, source=own_folder).usable


def test_a_manifest_with_a_slip_can_be_corrected(own_folder: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    manifest = own_folder / "pack.toml"
    right = manifest.read_text()
    digest = hashlib.sha256((own_folder / DETECTOR).read_bytes()).hexdigest()
    manifest.write_text(right.replace(digest, "0" * 64), encoding="utf-8")
    with pytest.raises(DigestMismatch):
        pull_pack(NAME, models, source=own_folder)
    assert not (models / NAME / "pack.toml").exists()
    manifest.write_text(right, encoding="utf-8")
    assert pull_pack(NAME, models, source=own_folder).usable


def test_a_file_that_is_missing_in_the_folder_is_named(own_folder: Path, tmp_path: Path) -> None:
    (own_folder / ENCODER).unlink()
    with pytest.raises(PackMissing, match=rf"does not hold everything.*Still missing: {ENCODER}"):
        pull_pack(NAME, tmp_path / "models", source=own_folder)


def test_a_full_disk_is_named_and_half_a_file_is_not_left(
    own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("semblance.workflows.models.models.shutil.copyfile", fill)
    with pytest.raises(ModelError, match=r"could not be copied.*No space left on device.*room"):
        pull_pack(NAME, tmp_path / "models", source=own_folder)
    assert _list_files(tmp_path / "models" / NAME) == []


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nowhere is not a folder"):
        pull_pack("open", tmp_path / "models", source=tmp_path / "nowhere")


def test_a_pack_keeps_its_own_name(own_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"describes the pack 'bureau', not 'station'"):
        pull_pack("station", tmp_path / "models", source=own_folder)
    manifest = own_folder / "pack.toml"
    manifest.write_text(manifest.read_text().replace('"bureau"', '"open"', 1), encoding="utf-8")
    with pytest.raises(Conflict, match="a pack of Semblance's own"):
        pull_pack("open", tmp_path / "models", source=own_folder)
    assert not (tmp_path / "models").exists()


def test_another_pack_under_a_name_in_use_is_refused(own_folder: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    pull_pack(NAME, models, source=own_folder)
    manifest = own_folder / "pack.toml"
    held = (models / NAME / "pack.toml").read_bytes()
    manifest.write_text(manifest.read_text().replace("threshold = 0.5", "threshold = 0.6"), encoding="utf-8")
    with pytest.raises(Conflict, match="different pack called 'bureau'"):
        pull_pack(NAME, models, source=own_folder)
    assert (models / NAME / "pack.toml").read_bytes() == held


def test_the_files_of_the_pack_open_are_taken_from_a_folder(model_files: Path, tmp_path: Path) -> None:
    status = pull_pack("open", tmp_path, source=model_files)
    assert status.usable
    assert _list_files(tmp_path / "open") == ["face-reidentification-retail-0095.onnx", "yunet_n_dynamic.onnx"]
    assert verify_pack("open", tmp_path).usable


def test_an_unknown_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackMissing, match=r"'closed'.*embedded, open"):
        pull_pack("closed", tmp_path)


# --- use ---


def test_a_filled_gallery_keeps_its_pack_until_it_is_empty(
    node: Node, item: Callable[..., Any], draw: Callable[..., bytes], tmp_path: Path
) -> None:
    models = tmp_path / "models"
    assert require_usable_pack("embedded", models, node.store).name == "embedded"
    enrol(node, [item("A", "a.jpg", draw("A"))])
    with pytest.raises(PackConflict, match="'stand-in'"):
        require_usable_pack("embedded", models, node.store)
    erase(node, "A")
    assert require_usable_pack("embedded", models, node.store).name == "embedded"


def test_a_pack_whose_files_are_missing_is_not_switched_to(node: Node, tmp_path: Path) -> None:
    with pytest.raises(PackMissing):
        require_usable_pack("open", tmp_path / "models", node.store)
