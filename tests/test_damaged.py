"""A result folder that is not as it was written is refused, whoever reads it, and told what is wrong and what to do."""

import json
import shutil
from pathlib import Path

import pytest
from test_country import EXPERIMENT, REDUCED, TABLE
from test_experiment import AFTER, BEFORE
from test_sweep import TINY, all_bytes

import sim
from sim import charts
from sim.cli import main
from sim.errors import ResultError
from sim.experiment import inputs
from sim.experiment.design import design
from sim.experiment.runs import execute
from sim.intact import NEEDED, sealed

KINDS = ("run", "compare", "replay", "sweep", "streets")
DIFFERS, MISSING = "is not as it was written (cut off or changed since)", "is missing"
NOT_JSON = "is not JSON any more (cut off?)"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder in which there is a small result of every kind, and what they were made of."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "three.yaml").write_text(EXPERIMENT % REDUCED, encoding="utf-8")
    (folder / "streets.csv").write_text(TABLE, encoding="utf-8")
    execute(design("run", [sim.load(BEFORE)], replications=1), folder / "stored", save_input=True)
    for kind in KINDS:
        made(folder, kind, folder / kind)
    return folder


def made(sources, kind, out, **options):
    """Make the result of a kind, or find it in its place."""
    if kind == "run":
        sim.run(BEFORE, replications=1, out=out)
    elif kind == "compare":
        sim.compare(BEFORE, AFTER, replications=2, out=out)
    elif kind == "replay":
        stored = sources / "stored" / "input"
        inputs.replay(inputs.load(stored), stored, "compiled", out)
    else:
        sim.sweep(TINY if kind == "sweep" else sources / "three.yaml", out=out, **options)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def folder(whole, kind, tmp_path):
    """A copy of the result of a kind, to be damaged."""
    return Path(shutil.copytree(whole / kind, tmp_path / "r"))


def refusals(whole, kind, folder):
    """What is said by all that read or reuse the folder; none of them may touch it."""
    readers = [sim.Result, sim.SweepResult, charts.save, lambda there: made(whole, kind, there)]
    if kind in ("sweep", "streets"):
        readers.append(lambda there: made(whole, kind, there, resume=True))
    before = all_bytes(folder)
    told = []
    for reader in readers:
        with pytest.raises(ResultError) as caught:
            reader(folder)
        told.append(str(caught.value).splitlines())
    assert all_bytes(folder) == before
    return told


def again(folder):
    return (
        f"the result in {folder} is damaged, so nothing of it is used; run it again into another folder (--out), or "
        "remove this folder first"
    )


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_figure(path):
    """Change one byte in the middle: in a table of text, one digit."""
    data = bytearray(path.read_bytes())
    digits = [k for k, byte in enumerate(data) if chr(byte).isdigit()]
    at = digits[len(digits) // 2]
    data[at] = ord("1") if data[at] != ord("1") else ord("2")
    path.write_bytes(bytes(data))


# ---- files


def test_what_was_written_is_whole(whole, kind):
    made(whole, kind, whole / kind)
    manifest = sim.Result(whole / kind).manifest
    files = {path.relative_to(whole / kind).as_posix() for path in (whole / kind).rglob("*") if path.is_file()}
    assert {*manifest["files"]} == files - {"manifest.json", "timings.json"}
    assert {*NEEDED.get(kind, ())} <= {*manifest}
    assert sealed(whole / kind, manifest) == manifest


def test_a_saved_input_and_timings_are_not_counted(whole):
    assert (whole / "stored" / "input").is_dir()
    assert sealed(whole / "stored", {}) == sealed(whole / "run", {})


@pytest.mark.parametrize(
    ("damage", "told"),
    [(cut, DIFFERS), (one_figure, DIFFERS), (Path.unlink, MISSING)],
    ids=["cut", "figure", "missing"],
)
def test_every_damaged_file_is_told(whole, kind, folder, damage, told):
    names = list(manifest_of(folder)["files"])
    assert any(name.endswith((".csv", ".parquet")) for name in names)
    for name in names:
        content = (folder / name).read_bytes()
        damage(folder / name)
        with pytest.raises(ResultError) as caught:
            sim.Result(folder)
        assert str(caught.value).splitlines() == [f"{folder / name}: {told}", again(folder)]
        (folder / name).write_bytes(content)
    sim.Result(folder)
    for name in names:
        damage(folder / name)
    expected = [*(f"{folder / name}: {told}" for name in names), again(folder)]
    for lines in refusals(whole, kind, folder):
        assert lines == expected


def test_what_is_added_or_not_counted_does_no_harm(whole, kind, folder):
    (folder / "charts").mkdir()
    (folder / "charts" / "waits-en.png").write_bytes(b"a chart")
    (folder / "input").mkdir()
    (folder / "input" / "run.json").write_text("{}", encoding="utf-8")
    (folder / "letter.txt").write_text("mine", encoding="utf-8")
    (folder / "timings.json").write_text("{", encoding="utf-8")
    manifest = manifest_of(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=7, sort_keys=True), encoding="utf-8")
    made(whole, kind, folder)
    assert sim.Result(folder).manifest == manifest


# ---- the manifest


def test_a_manifest_that_is_cut_is_told(whole, kind, folder):
    file = folder / "manifest.json"
    written = file.read_bytes()
    for content in (written[: len(written) // 2], b"", b"[1]", b"\xff", b"[" * 100_000):
        file.write_bytes(content)
        for lines in refusals(whole, kind, folder):
            assert lines == [f"{file}: {NOT_JSON}", again(folder)]


def test_every_field_that_a_manifest_lacks_is_told(whole, kind, folder):
    file, manifest = folder / "manifest.json", manifest_of(folder)
    for field in manifest:
        file.write_text(
            json.dumps({name: value for name, value in manifest.items() if name != field}), encoding="utf-8"
        )
        with pytest.raises(ResultError) as caught:
            charts.save(folder)
        told = str(caught.value)
        if field in ("files", "seal"):
            assert told.startswith(f"{file}: lacks `{field}`, without which nobody can tell whether {folder} is whole")
        elif field in NEEDED.get(kind, ("command", "digest")) and field != "command":
            assert told.splitlines() == [f"{file}: lacks `{field}`", again(folder)]
        else:
            assert told.splitlines()[0].startswith((f"{file}: {DIFFERS}", f"{file}: lacks `"))
            assert told.splitlines()[1] == again(folder)


@pytest.mark.parametrize("nested", [False, True])
def test_a_manifest_in_which_something_was_changed_is_told(whole, kind, folder, nested):
    manifest = manifest_of(folder)
    if nested:
        manifest["files"].popitem()
    else:
        manifest["replications"] += 100
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for lines in refusals(whole, kind, folder):
        assert lines == [f"{folder / 'manifest.json'}: {DIFFERS}", again(folder)]


def test_manifest_and_files_are_told_together(whole, kind, folder):
    manifest = manifest_of(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest | {"digest": "0" * 64}), encoding="utf-8")
    first, *_, last = manifest["files"]
    cut(folder / first)
    (folder / last).unlink()
    expected = [f"manifest.json: {DIFFERS}", f"{first}: {DIFFERS}", f"{last}: {MISSING}"]
    for lines in refusals(whole, kind, folder):
        assert lines == [*(str(folder / line) for line in expected), again(folder)]


def test_a_result_of_an_older_version_is_told(whole, kind, folder):
    """As it was before manifests held digests; also the manifest of another program."""
    manifest = manifest_of(folder)
    for older in ({name: value for name, value in manifest.items() if name not in ("files", "seal")}, {"name": "x"}):
        (folder / "manifest.json").write_text(json.dumps(older), encoding="utf-8")
        for lines in refusals(whole, kind, folder):
            assert lines == [
                f"{folder / 'manifest.json'}: lacks `files`, `seal`, without which nobody can tell whether {folder} is "
                "whole (another version or program wrote it?); run again into another folder (--out)"
            ]


def test_without_a_manifest_there_is_no_result(whole, kind, folder):
    (folder / "manifest.json").unlink()
    *readings, reuse = refusals(whole, kind, folder)[:4]
    for lines in readings:
        assert lines[0].startswith(f"{folder} holds no result (there is no manifest.json); make one with `yizhan run`")
    assert reuse == [f"{folder} is not empty and holds no result of ours; name another --out"]


# ---- the command line


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_line_ends_with_two_and_one_message(whole, kind, folder, lang, capsys):
    name = next(iter(manifest_of(folder)["files"]))
    (folder / name).unlink()
    sources = {
        "run": ["run", BEFORE, "--replications", "1"],
        "compare": ["compare", BEFORE, AFTER, "--replications", "2"],
        "replay": ["run", whole / "stored" / "input"],
        "sweep": ["sweep", TINY],
        "streets": ["sweep", whole / "three.yaml"],
    }
    for command in (["chart", folder], [*sources[kind], "--out", folder]):
        assert main(["--lang", lang, *(str(word) for word in command)]) == 2
        out, err = capsys.readouterr()
        expected = {
            "en": [f"{folder / name}: {MISSING}", again(folder)],
            "zh": [
                f"{folder / name}: 此文件缺失",
                f"{folder}中的结果已损坏，不予采用；请另选文件夹（--out）重新运行，或先将此文件夹删除",
            ],
        }
        assert (out, err.splitlines()) == ("", expected[lang])


def test_what_has_no_charts_says_so(whole):
    for kind in ("replay", "streets"):
        with pytest.raises(sim.YizhanError, match="no chart goes with this result"):
            charts.save(whole / kind)
