"""What the application folder holds and what is left out, each with its reason. Builds nothing.

Read by sobremesa.spec inside PyInstaller, and by the steps of packaging/build.py. Standard library only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

APPLICATION_ID = "io.github.sobremesa.Sobremesa"
OURS = ("engine", "rag", "desktop")  # whole: what is imported late, by name or by a worker, is found this way

# libraries that load parts of themselves by name
SEARCHED = (
    "chromadb",
    "keyring",
    "pygments",
    "babel",
    "markdown_it",
    "mdit_py_plugins",
    "tokenizers",
    "watchfiles",
)
HIDDEN = (
    "send2trash",
    "httpx",
    "safetensors.numpy",
    # numba finds its parts while it compiles
    "numba.core.typing.cffi_utils",
    "numba.core.datamodel.old_models",
    "pyqtgraph.graphicsItems.ViewBox.axisCtrlTemplate_generic",
    "pyqtgraph.graphicsItems.PlotItem.plotConfigTemplate_generic",
    "pyqtgraph.imageview.ImageViewTemplate_generic",
)
# files that libraries read at run time
DATA = {
    "chromadb": ("migrations/**/*.sql", "log_config.yml"),
    "latex2mathml": ("**/*.txt", "**/*.json"),
    "ziafont": ("**/*.ttf", "**/*.otf"),
    "ziamath": ("**/*.ttf", "**/*.otf"),
    "babel": ("locale-data/root.dat", "locale-data/en*.dat", "locale-data/es*.dat", "global.dat"),
}
# beside all that the program asks for: what is asked for its version while it runs
METADATA = ("numba", "opentelemetry-api", "opentelemetry-sdk")
# of their own packages, or of none
ELSEWHERE = ("sentence-transformers",)
EXCLUDED = (
    # of Chroma: a client of Kubernetes for servers that others run
    "kubernetes",
    "oauthlib",
    "requests_oauthlib",
    "chromadb.test",
    "uvloop",
    "uvicorn",
    # its exporter of traces, for which packaging/stand_ins has a refusal, and what that would send them with
    "grpc",
    "google",
    # its command line, its server and its parts for clusters
    "chromadb.cli",
    "chromadb.server",
    "chromadb.logservice",
    "chromadb.proto",
    "chromadb.db.impl.grpc",
    "chromadb.execution.executor.distributed",
    "chromadb.segment.impl.distributed",
    "chromadb.segment.impl.manager.distributed",
    "chromadb.telemetry.opentelemetry.grpc",
    # huggingface_hub's other protocol is switched off
    "hf_xet",
    "aiohttp",
    # sentence-transformers has a package of its own
    "torch",
    "transformers",
    "sentence_transformers",
    "scipy",
    "sklearn",
    "sympy",
    "networkx",
    # training on a GPU needs a driver's own build
    "jax",
    "jaxlib",
    "onnx",
    # what only developers use
    "tkinter",
    "pytest",
    "hypothesis",
    "mypy",
    "IPython",
    "matplotlib",
    "pandas",
    "PIL",
    "pip",
    "setuptools",
    "wheel",
    "Cython",
    "pydoc_data",
    "lib2to3",
    "numpy.f2py",
    "numba.tests",
    "numba.cuda.tests",
    "llvmlite.tests",
    "pyqtgraph.examples",
    "pyqtgraph.opengl",
    "pyqtgraph.jupyter",
    "onnxruntime.transformers",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    # the server half of llama-cpp-python, and what it would download
    "llama_cpp.server",
    # Qt that the window does not use; no network of Qt's either
    "PySide6.QtConcurrent",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickControls2",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSql",
    "PySide6.QtSvg",
    "PySide6.QtSvgWidgets",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
)

# of Qt's plugins, those that a desktop needs; by the folder that they lie in
QT_PLUGINS = {
    "platforms": ("*xcb*", "*wayland*", "*offscreen*", "qwindows*", "*cocoa*"),
    "xcbglintegrations": (),
    "egldeviceintegrations": (),
    "platforminputcontexts": ("*compose*", "*ibus*"),
    "platformthemes": ("*xdgdesktopportal*",),
    "imageformats": ("*jpeg*", "*ico*", "*gif*"),
    "iconengines": (),
    "generic": (),
    "networkinformation": (),
    "tls": (),
    "sqldrivers": (),
    "printsupport": (),
    "vectorimageformats": (),
    "qmltooling": (),
    # windows of widgets are painted in memory; these would bring Qt's parts for OpenGL
    "wayland-graphics-integration-client": (),
    "wayland-graphics-integration-server": (),
    "wayland-decoration-client": ("*bradient*",),
}
# libraries that only those parts need, and what is in another form already
UNNEEDED = (
    "*libQt6Network*",
    "*libQt6OpenGL*",
    "*libQt6Svg*",
    "*libQt6Pdf*",
    "*libQt6Qml*",
    "*libQt6Quick*",
    "*libQt6Sql*",
    "*libQt6Test*",
    "*libQt6Xml.so*",
    "*libQt6Eglfs*",
    "*libQt6PrintSupport*",
    # the portable build of llama.cpp comes in its place: packaging/package_llama.py
    "llama_cpp/lib/*",
    # the desktop's own, on every system with a screen
    "*libEGL.so*",
    "*libGL.so*",
    "*libGLX.so*",
    "*libGLdispatch.so*",
    "*libdrm.so*",
    "*libgbm.so*",
    # numba has OpenMP as well
    "*tbbpool*",
    "*/tests/*",
    "*/test/*",
    "*.pyi",
)
# languages that the window does not speak
FOREIGN = (
    re.compile(r"PySide6/(Qt/)?translations/(?!qtbase_(en|es)\.qm$)"),
    re.compile(r"babel/locale-data/(?!(root|en|es)(_\w+)?\.dat$|LICENSE)"),
)

INFO_PLIST = {
    "CFBundleDisplayName": "Sobremesa",
    "CFBundleDevelopmentRegion": "en",
    "CFBundleLocalizations": ["en", "es"],
    "LSMinimumSystemVersion": "13.0",
    "NSHighResolutionCapable": True,
    "NSHumanReadableCopyright": "Apache-2.0",
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "GGUF model",
            "CFBundleTypeExtensions": ["gguf"],
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
        }
    ],
}


def version(root: Path) -> str:
    """The program's version, as pyproject.toml says it."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def requirements(root: Path) -> list[str]:
    """What the packaged program asks for: its dependencies and the compiled loops of the trainer."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["fast"]]
    return [one for one in asked if name_of(one) not in ELSEWHERE]


def name_of(requirement: str) -> str:
    """The package's name alone."""
    return re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]


def our_data(root: Path) -> Iterator[tuple[str, str]]:
    """Files of ours that are no Python: each with the folder that it belongs into, both from `root`."""
    for pattern in ("desktop/fonts/*.ttf", "desktop/fonts/LICENSE.txt", "desktop/locale/*/LC_MESSAGES/*.mo"):
        for file in sorted(root.glob(pattern)):
            here = file.relative_to(root)
            yield here.as_posix(), here.parent.as_posix()


def is_wanted(module: str) -> bool:
    """Whether a part of a library that is searched through belongs in."""
    parts = module.split(".")
    if {"test", "tests", "testing"} & set(parts):
        return False
    return not any(module == name or module.startswith(name + ".") for name in EXCLUDED)


def is_needed(place: str) -> bool:
    """Whether a file belongs in, by its path in the application folder."""
    path = place.replace("\\", "/")
    parts = path.split("/")
    if "plugins" in parts[:-1]:
        kind = parts[parts.index("plugins") + 1]
        wanted = QT_PLUGINS.get(kind)
        if wanted is not None and not any(fnmatch(parts[-1], pattern) for pattern in wanted):
            return False
    if any(pattern.match(path) for pattern in FOREIGN):
        return False
    return not any(fnmatch(path, pattern) for pattern in UNNEEDED)


# ── the add-on for sentence-transformers ──

TORCH_HIDDEN = (
    "sentence_transformers",
    "safetensors.torch",
    # the architectures that search models are built from; others are found by name in the same place
    *(
        f"transformers.models.{name}.modeling_{name}"
        for name in ("bert", "roberta", "xlm_roberta", "mpnet", "distilbert", "modernbert")
    ),
)
# what the program does without and these import as they are imported
TORCH_IMPORTS = ("torch", "transformers", "sentence_transformers", "scipy", "sklearn", "sympy", "numpy.f2py")
TORCH_METADATA = (
    "torch",
    "transformers",
    "sentence-transformers",
    "tokenizers",
    "safetensors",
    "huggingface-hub",
    "numpy",
    "tqdm",
    "regex",
    "packaging",
    "filelock",
    "PyYAML",
)
TORCH_EXCLUDED = (
    *(name for name in EXCLUDED if name not in TORCH_IMPORTS),
    "PySide6",
    "chromadb",
    "onnxruntime",
    "llama_cpp",
    "numba",
    "llvmlite",
    "torch.utils.tensorboard",
    "torchvision",
    "torchaudio",
    "datasets",
    "accelerate",
)
_TORCH_UNNEEDED = ("torch/include/*", "torch/share/*", "torch/test/*", "*/tests/*", "*.a")
# of its programs, the one that torch looks for when it is imported
_TORCH_PROGRAM = "torch/bin/torch_shm_manager"


def torch_needs(place: str) -> bool:
    """Whether a file belongs into the add-on, by its path there."""
    path = place.replace("\\", "/")
    if path.startswith("torch/bin/"):
        return path == _TORCH_PROGRAM
    return not any(fnmatch(path, pattern) for pattern in _TORCH_UNNEEDED)
