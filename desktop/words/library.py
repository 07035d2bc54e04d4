"""What a person reads of the library's own state: what a check found, and what keeps it from being mended."""

from collections.abc import Mapping

from desktop.i18n import N_, _, language, ngettext, number
from rag.protocol import Fault

# see desktop.words.problems
LIBRARY_WORDS: Mapping[str, tuple[str, str]] = {
    "library_in_use": (
        N_("Another program is working with your documents."),
        N_("Close the other Sobremesa and try again."),
    ),
    "unknown_collection": (
        N_("There is no collection called “{name}”."),
        N_("Add documents to it first, or choose another one."),
    ),
    "unknown_document": (N_("This document is no longer here."), N_("Add it again.")),
    "unknown_page": (
        N_("This document has no page {page}: it ends with page {pages}."),
        N_("Name the page as it is counted from the document's beginning."),
    ),
    "embedder_error": (N_("The model that searches your documents failed."), N_("Try once more.")),
    "embedder_missing": (
        N_("The model that searches your documents is missing."),
        N_("It belongs at {path_path}. Run the set-up again, or choose another one in the settings."),
    ),
    "embedder_damaged": (
        N_("The model that searches your documents is damaged."),
        N_("Run the set-up again to fetch it anew, or choose another one in the settings."),
    ),
    "embedder_needs_add_on": (
        N_("The search model in {path} is read by sentence-transformers, which is not installed."),
        N_("Install Sobremesa's package for sentence-transformers, or choose another model in the settings."),
    ),
    "embedder_pickle": (
        N_("The search model in {path} is kept in a form that can hold programs: {file}."),
        N_("Choose one whose weights are safetensors, ONNX or GGUF. Those hold numbers and nothing else."),
    ),
    "index_unbuildable": (
        N_("The index that makes the search fast could not be made anew."),
        N_("Nothing is lost, and your documents are still searched. Make sure that {folder} can be written."),
    ),
    "embedder_kills": (
        N_("The search model {path} ended its helper again and again."),
        N_("Choose another search model in the settings. What was indexed is kept."),
    ),
    "reranker_error": (
        N_("The reranker failed."),
        N_("Documents are searched without it. Try once more, or choose another one in the settings."),
    ),
    "reranker_missing": (
        N_("There is no reranker in {path}."),
        N_(
            "Choose the folder of a cross-encoder, with config.json and tokenizer.json and its weights as"
            " ONNX or safetensors. Documents are searched without it."
        ),
    ),
    "reranker_damaged": (
        N_("The reranker in {path} cannot be read: a file of it is missing or damaged."),
        N_("Fetch it anew, or choose another one in the settings. Documents are searched without it."),
    ),
    "not_a_reranker": (
        N_("{path} is no reranker: it is a model of another kind."),
        N_(
            "Choose the folder of a cross-encoder with one score, such as those called reranker. Documents"
            " are searched without it."
        ),
    ),
    "reranker_slow": (
        N_("The reranker took too long to answer, so the search went on without it."),
        N_("Try once more: it takes longest when it starts. A smaller one, or one in ONNX form, is faster."),
    ),
    "reranker_kills": (
        N_("The reranker {path} ended its helper again and again."),
        N_("Choose another one in the settings. Documents are searched without it."),
    ),
    "server_down": (
        N_("No Chroma server answers at {host}, port {port}."),
        N_("Check that it runs, and its name and port. Your own documents are searched as ever."),
    ),
    "server_refused": (
        N_("The Chroma server {host} does not take the token."),
        N_("Ask whoever runs it for the token, and enter it in the settings under “Chroma server”."),
    ),
    "server_strange": (
        N_("What answers at {host}, port {port}, is no Chroma server that Sobremesa can talk to."),
        N_("Check the port, and that Chroma there is version 1.0 or newer."),
    ),
    "server_certificate": (
        N_("The connection to {host} cannot be trusted: its certificate is unknown here, or it has none."),
        N_("Have this computer trust the certificate, or turn off “TLS” where the server does not offer it."),
    ),
    "server_failed": (
        N_("The Chroma server {host} broke off or answered with an error."),
        N_("It is tried again by itself. Your own documents are searched as ever."),
    ),
    "server_model": (
        N_("“{name}” was prepared with another search model."),
        N_("Choose the search model in the settings with which it was prepared, or search without it."),
    ),
}


def fault_sentence(fault: Fault) -> str:
    """What a check found, in one sentence."""
    count = fault.count
    match fault.kind:
        case "database_damaged":
            return _("The file that holds your library contradicts itself.")
        case "pages_missing":
            said = ngettext("{count} document misses pages.", "{count} documents miss pages.", count)
        case "spans_wrong":
            said = ngettext(
                "{count} passage is no part of its page.",
                "{count} passages are no part of their pages.",
                count,
            )
        case "words_wrong":
            said = ngettext(
                "{count} passage is not as the search by words has it.",
                "{count} passages are not as the search by words has them.",
                count,
            )
        case "vectors_missing":
            said = ngettext(
                "{count} passage is not ready for the search by meaning yet.",
                "{count} passages are not ready for the search by meaning yet.",
                count,
            )
        case "vectors_wrong":
            said = ngettext(
                "{count} passage cannot be compared with a question.",
                "{count} passages cannot be compared with a question.",
                count,
            )
        case "index_closed":
            return _("The index that makes the search fast cannot be opened.")
        case _:
            said = ngettext(
                "The index that makes the search fast has {count} passage wrong.",
                "The index that makes the search fast has {count} passages wrong.",
                count,
            )
    return said.format(count=number(count))


def fault_remedy(fault: Fault) -> str:
    """What to do about it."""
    if fault.rebuildable:
        return _("Rebuild the index. Your documents are searched meanwhile.")
    if fault.kind == "database_damaged":
        return _(
            "Repair: what can still be read is kept, and your documents are read again. The damaged file is "
            "put aside."
        )
    return _("Remove the documents that are affected, and add them again.")


def pages_words(count: int) -> str:
    return ngettext("{count} page", "{count} pages", count).format(count=number(count))


def passages_words(count: int) -> str:
    return ngettext("{count} passage", "{count} passages", count).format(count=number(count))


def language_name(code: str) -> str:
    """Of people ("es") in the language in use, or of a source file ("python") as it is."""
    from babel import Locale

    if len(code) > 3:
        return code
    names: Mapping[str, str] = Locale(language()).languages
    return names.get(code, code)


def pace(passages_per_s: float, remaining_s: float | None) -> str:
    """How fast it goes and how long it may take, behind what is being done; "" while nobody knows."""
    if passages_per_s <= 0:
        return ""
    said = " · " + _("{speed} passages/s").format(speed=number(passages_per_s, 1))
    return said if remaining_s is None else f"{said} · {time_left(remaining_s)}"


def time_left(seconds: float) -> str:
    """Roughly, as nobody knows exactly."""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("about {count} minute left", "about {count} minutes left", minutes).format(
            count=number(minutes)
        )
    hours = round(minutes / 60)
    return ngettext("about {count} hour left", "about {count} hours left", hours).format(count=number(hours))
