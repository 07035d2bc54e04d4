"""What goes into a package, what it asks of the system, and the papers that it carries."""

import hashlib
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import package_archives
import package_contents
import package_debian
import package_elf
import package_freeze
import package_legal
import package_llama
import package_tesseract
import pytest

ROOT = Path(__file__).resolve().parents[3]


# ── contents ──


def test_sentence_transformers_stays_out_and_the_compiled_loops_come_along() -> None:
    names = {package_contents.name_of(one) for one in package_contents.requirements(ROOT)}
    assert {"chromadb", "numba", "onnxruntime", "llama-cpp-python"} <= names
    assert not {"sentence-transformers", "jax", "onnx", "pytest"} & names


@pytest.mark.parametrize(
    ("place", "needed"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqlinuxfb.so", False),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", False),
        ("PySide6/Qt/translations/qtbase_es.qm", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6\\Qt\\plugins\\sqldrivers\\qsqlite.dll", False),
        ("babel/locale-data/es_MX.dat", True),
        ("babel/locale-data/fr.dat", False),
        ("llama_cpp/lib/libllama.so", False),
        ("numpy/_core/tests/data.csv", False),
        ("desktop/locale/es/LC_MESSAGES/sobremesa.mo", True),
    ],
)
def test_a_file_belongs_in_when_the_program_can_use_it(place: str, needed: bool) -> None:
    assert package_contents.is_needed(place) is needed


def test_of_the_programs_of_torch_the_one_that_it_looks_for_comes_along() -> None:
    assert package_contents.torch_needs("torch/bin/torch_shm_manager")
    assert not package_contents.torch_needs("torch/bin/protoc")
    assert not package_contents.torch_needs("torch/include/torch/torch.h")
    assert package_contents.torch_needs("torch/lib/libtorch_cpu.so")


def test_what_sentence_transformers_imports_is_in_the_add_on_and_not_in_the_program() -> None:
    assert set(package_contents.TORCH_IMPORTS) <= set(package_contents.EXCLUDED)
    assert not set(package_contents.TORCH_IMPORTS) & set(package_contents.TORCH_EXCLUDED)


def test_tests_and_what_is_excluded_are_not_searched_for_parts() -> None:
    assert package_contents.is_wanted("chromadb.api.rust")
    assert not package_contents.is_wanted("chromadb.test.api.test_schema")
    assert not package_contents.is_wanted("chromadb.proto.chroma_pb2")


def test_fonts_and_the_spanish_catalogue_are_data() -> None:
    places = dict(package_contents.our_data(ROOT))
    assert places["desktop/fonts/DejaVuSans.ttf"] == "desktop/fonts"
    assert all(target == str(Path(source).parent) for source, target in places.items())


def test_the_folder_says_which_version_it_is(tmp_path: Path) -> None:
    (tmp_path / "_internal").mkdir()
    package_freeze.sign(tmp_path, ROOT)
    (found,) = metadata.distributions(path=[str(tmp_path / "_internal")])
    assert (found.name, found.version) == ("sobremesa", package_contents.version(ROOT))
    assert not any("sentence-transformers" in one for one in found.requires or [])


# ── native files ──


def native(path: str, soname: str, *needed: str, glibc: tuple[int, ...] = ()) -> package_elf.Native:
    return package_elf.Native(Path(path), soname, frozenset(needed), glibc)


TOLD = """
 0x0000000000000001 (NEEDED)             Shared library: [libxcb.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x000000000000000e (SONAME)             Library soname: [libX11.so.6]
  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 5
  0x0020:   Name: GLIBC_2.34  Flags: none  Version: 4
"""


def test_a_native_file_tells_its_name_its_needs_and_its_glibc() -> None:
    found = package_elf.parsed(Path("libX11.so.6.4.0"), TOLD)
    assert (found.soname, found.needed) == ("libX11.so.6", {"libxcb.so.1", "libc.so.6"})
    assert package_elf.floor([found, native("a", "a", glibc=(2, 9))]) == "2.34"
    assert package_elf.outside([found]) == {"libxcb.so.1": ["libX11.so.6.4.0"]}
    assert package_elf.outside([found, native("libxcb.so.1", "libxcb.so.1")]) == {}


def test_libraries_go_whose_users_went() -> None:
    inside = Path("in")
    files = [
        native("in/program", "program", "liba.so.1"),
        native("in/liba.so.1", "liba.so.1"),
        native("in/libgtk.so.3", "libgtk.so.3", "libcairo.so.2"),
        native("in/libcairo.so.2", "libcairo.so.2"),
        native("in/libopened.so.1", "libopened.so.1"),
        native("in/numpy/libdeep.so.1", "libdeep.so.1"),
    ]
    gone = package_elf.unneeded(files, [inside], ["libopened.so.1"])
    assert [path.name for path in gone] == ["libcairo.so.2", "libgtk.so.3"]


def test_what_the_loader_gives_a_program_is_taken_along_without_glibc(tmp_path: Path) -> None:
    lines = [
        "\tlinux-vdso.so.1 (0x00007ffd)",
        f"\tliblept.so.5 => {tmp_path}/liblept.so.5 (0x00007f)",
        "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)",
        "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f)",
    ]
    assert package_tesseract.parsed(lines) == {"liblept.so.5": tmp_path / "liblept.so.5"}


def test_the_owner_of_a_library_is_who_has_it_for_everybody() -> None:
    told = [
        "thunderbird: /usr/lib/thunderbird/libssl3.so",
        "libx11-6:amd64: /usr/lib/x86_64-linux-gnu/libX11.so.6",
        "libgl1:amd64, other: /usr/lib/x86_64-linux-gnu/libGL.so.1",
        "diversion by a from: /usr/lib/x86_64-linux-gnu/libGL.so.1",
    ]
    assert package_elf.owned(told, ["libX11.so.6", "libGL.so.1", "libssl3.so"]) == {
        "libX11.so.6": "libx11-6",
        "libGL.so.1": "libgl1",
    }


def test_a_library_that_nobody_has_is_told_with_who_wants_it() -> None:
    assert package_elf.debian_packages({"libGL.so.1": ["a"]}, {"libGL.so.1": "libgl1"}) == ["libgl1"]
    with pytest.raises(package_elf.Orphans, match=r"libodd\.so\.1, for a, b"):
        package_elf.debian_packages({"libodd.so.1": ["a", "b"]}, {})


def test_a_build_of_another_version_is_made_anew(tmp_path: Path) -> None:
    assert not package_llama._fits(tmp_path, "0.3.36")
    (tmp_path / "runtime.json").write_text('{"llama_cpp_python": "0.3.35", "machine": "linux-x86_64"}')
    assert not package_llama._fits(tmp_path, "0.3.36")


# ── papers ──


def part(
    name: str, licence: str = "MIT", kind: str = "python", files: tuple[str, ...] = ()
) -> package_legal.Part:
    return package_legal.Part(name, "1.0+cpu", licence, kind, files)


def test_the_bill_of_materials_names_every_part_once_and_always_the_same_way() -> None:
    parts = [part("Sobremesa", kind="own"), part("My_Package"), part("libx11-6", kind="system")]
    bill = package_legal.bill(parts, "0.1.0")
    components = bill["components"]
    assert isinstance(components, list)
    assert [one["purl"] for one in components] == [
        "pkg:pypi/my-package@1.0%2Bcpu",
        "pkg:deb/debian/libx11-6@1.0%2Bcpu",
    ]
    assert bill == package_legal.bill(parts, "0.1.0")
    assert len({one["bom-ref"] for one in components}) == 2


def test_a_part_without_a_licences_name_needs_its_text() -> None:
    unknown = "see its text"
    assert package_legal.nameless(
        [part("a"), part("b", unknown), part("c", unknown, files=("c/COPYING",))]
    ) == ["b"]


def test_a_licence_is_told_by_its_text_where_the_metadata_is_silent(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("Permission is hereby granted, free of charge, to any person")
    told = {
        "name": "thing",
        "version": "1",
        "expression": "",
        "licence": "",
        "classifiers": [],
        "files": [str(tmp_path / "LICENSE"), str(tmp_path / "METADATA")],
    }
    found = package_legal.python_parts([told], tmp_path / "into")[0]
    assert (found.licence, found.files) == ("MIT", ("thing/LICENSE",))
    assert (tmp_path / "into/thing/LICENSE").is_file()


def test_a_debian_copyright_file_names_its_licences_once() -> None:
    assert (
        package_legal.debian_licence("Files: *\nLicense: MIT\n text\n\nLicense: GPL-2+\n\nLicense: MIT\n")
        == "MIT, GPL-2+"
    )
    assert package_legal.debian_licence("This is free software.") == "see its text"


def test_what_is_inside_of_the_library_that_encrypts_is_named_with_its_texts() -> None:
    root = Path(__file__).parents[3]
    cipher, crypto = package_legal.inside_sqlcipher(Path(sys.executable), root)
    assert cipher[:1] + cipher[2:3] == ("SQLCipher", "BSD-3-Clause")
    assert crypto[:1] + crypto[2:3] == ("OpenSSL", "Apache-2.0")
    for part in (cipher, crypto):
        assert part[1][0].isdigit()
        assert part[3].is_file()
    assert "ZETETIC" in cipher[3].read_text("utf-8")


# ── packages ──


def test_the_control_file_says_what_the_system_must_have() -> None:
    needs = package_debian.depends("2.36", ["libxcb1", "libc6", "libegl1"])
    assert needs[0] == "libc6 (>= 2.36)"
    assert needs.count("libxcb1") == 1
    package = package_debian.Package("sobremesa", "0.1.0", "amd64", "short", "long\n\nmore", needs)
    text = package_debian.control(package, 1234)
    assert "Depends: libc6 (>= 2.36), " in text
    assert "Installed-Size: 1234\n" in text
    assert text.endswith("Description: short\n long\n .\n more\n")
    assert package.file_name == "sobremesa_0.1.0_amd64.deb"


def test_the_archive_is_the_same_from_the_same_files(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "program").write_bytes(b"p" * 1000)
    (tree / "link").symlink_to("inner/program")
    package_debian.settle(tree, 1_700_000_000)
    sums = []
    for number in range(2):
        out = tmp_path / str(number)
        out.mkdir()
        file = package_archives.tarball(tree, "thing-1", out, 1_700_000_000)
        sums.append(hashlib.sha256(file.read_bytes()).hexdigest())
    assert sums[0] == sums[1]
    with tarfile.open(tmp_path / "0" / "thing-1.tar.gz") as archive:
        assert archive.getmember("thing-1/link").linkname == "inner/program"
    listed = package_archives.checksums(tmp_path / "0").read_text()
    assert listed == f"{sums[0]}  thing-1.tar.gz\n"


def test_every_file_counts_for_one_part_of_the_table(tmp_path: Path) -> None:
    for place in (
        "_internal/llvmlite/x.so",
        "_internal/libz.so.1",
        "runtimes/vulkan/y.so",
        "_internal/odd/z",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"1" * 1000)
    rows = {row.name: row.size_bytes for row in package_archives.table(tmp_path)}
    assert rows == {
        "numba with LLVM": 1000,
        "libraries of the system": 1000,
        "llama.cpp for graphics cards": 1000,
        "smaller packages": 1000,
    }
