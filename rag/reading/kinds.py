"""Which files the library reads, by suffix. Opens none."""

from pathlib import PurePath

PDF_SUFFIXES = frozenset({".pdf"})
MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
PLAIN_SUFFIXES = frozenset({".txt"}) | MARKDOWN_SUFFIXES
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
DOCX_SUFFIXES = frozenset({".docx", ".docm"})
EPUB_SUFFIXES = frozenset({".epub"})
# source files by the name that Pygments and Markdown know their language by
LANGUAGES = {
    ".ada": "ada",
    ".adb": "ada",
    ".ads": "ada",
    ".asm": "asm",
    ".bash": "bash",
    ".bat": "bat",
    ".c": "c",
    ".cc": "cpp",
    ".clj": "clojure",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".cxx": "cpp",
    ".dart": "dart",
    ".el": "elisp",
    ".erl": "erlang",
    ".ex": "elixir",
    ".exs": "elixir",
    ".f90": "fortran",
    ".go": "go",
    ".groovy": "groovy",
    ".h": "c",
    ".hpp": "cpp",
    ".hs": "haskell",
    ".java": "java",
    ".jl": "julia",
    ".js": "javascript",
    ".jsx": "jsx",
    ".kt": "kotlin",
    ".lisp": "lisp",
    ".lua": "lua",
    ".m": "matlab",
    ".mjs": "javascript",
    ".ml": "ocaml",
    ".nim": "nim",
    ".pas": "pascal",
    ".php": "php",
    ".pl": "perl",
    ".pm": "perl",
    ".ps1": "powershell",
    ".py": "python",
    ".pyi": "python",
    ".r": "r",
    ".rb": "ruby",
    ".rs": "rust",
    ".rst": "rst",
    ".scala": "scala",
    ".sh": "bash",
    ".sql": "sql",
    ".swift": "swift",
    ".tex": "latex",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".vb": "vbnet",
    ".zig": "zig",
}
SOURCE_SUFFIXES = frozenset(LANGUAGES)
RICH_SUFFIXES = HTML_SUFFIXES | DOCX_SUFFIXES | EPUB_SUFFIXES  # text among marks
SUFFIXES = PDF_SUFFIXES | PLAIN_SUFFIXES | RICH_SUFFIXES | SOURCE_SUFFIXES


def suffix(path: str | PurePath) -> str:
    return PurePath(path).suffix.lower()


def is_document(path: str | PurePath) -> bool:
    return suffix(path) in SUFFIXES
