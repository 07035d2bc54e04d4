"""What a person reads of a result or on the way to one. Looks nothing up, keeps nothing."""

import textwrap
from pathlib import PurePath

from desktop import words
from desktop.cli import hub_reports
from desktop.cli.shapes import problem_of
from desktop.core.commands import CommandEvent
from desktop.core.events import (
    CheckingModel,
    CopyingModel,
    DownloadingModel,
    ExcerptsFound,
    LoadingModel,
    Planned,
    QuantizingModel,
    QuestionRewritten,
    ReadingPrompt,
    SearchingDocuments,
    Summarizing,
    TurnSaved,
    VisitingDocument,
)
from desktop.core.replies.citations import nearest
from desktop.core.types import Answer, Citation, Excerpt, Problem
from desktop.core.types.exchange import BackupProgress, ExportingChats, ImportingChats
from desktop.core.types.health import LookingAt
from desktop.core.types.models import ImportedModel, ModelFile, QuantizedModel
from desktop.core.types.scoring import MakingQuestions, Scoring, ScoringEvent
from desktop.i18n import _, ngettext, number, percent, size
from desktop.words import answers
from desktop.words import exchange as exchange_words
from desktop.words import fit as fit_words
from desktop.words import quantization as quantization_words
from desktop.words import scoring as scoring_words
from desktop.words.health import area_label
from desktop.words.library import pace
from desktop.words.models import source_name
from engine.devices import Device
from engine.gguf_header import ModelHeader
from engine.protocol import TemplateFacts
from engine.quantization import TYPES, QuantizationType, predicted_bytes
from rag.protocol import Hit, IndexedDocument, IndexProgress, UpkeepProgress

WIDTH = 88
QUOTE_CHARACTERS = 160
PAGED = (".pdf",)


def problem(error: Problem) -> str:
    """An error with what to do about it."""
    return "\n".join(text for text in (words.sentence(error), words.hint(error)) if text)


def progress(event: CommandEvent) -> str:
    """What is going on; "" when the event is not about that."""
    match event:
        case LoadingModel(done):
            return _("Loading the model… {share}").format(share=percent(done))
        case ReadingPrompt(done):
            return _("Reading… {share}").format(share=percent(done))
        case CopyingModel(done, total):
            return _("Copying… {share}").format(share=percent(done / max(1, total)))
        case CheckingModel(done, total):
            return _("Computing the checksum… {share}").format(share=percent(done / max(1, total)))
        case DownloadingModel():
            return hub_reports.progress(event)
        case QuantizingModel(stage, done):
            return quantization_words.stage(stage, done)
        case SearchingDocuments() | QuestionRewritten() | VisitingDocument() | Summarizing():
            return _looking(event)
        case IndexProgress() | UpkeepProgress() | Scoring() | MakingQuestions():
            return _of_library(event)
        case LookingAt(area):
            return _("Looking at: {area}…").format(area=area_label(area))
        case TurnSaved() | ExcerptsFound() | Planned() | IndexedDocument():
            return ""
        case ImportingChats() | ExportingChats() | BackupProgress():
            return exchange_words.progress(event)
        case _:  # the reply itself
            return ""


def _looking(event: SearchingDocuments | QuestionRewritten | VisitingDocument | Summarizing) -> str:
    """What is done before a reply begins."""
    match event:
        case QuestionRewritten(query):
            return _("Searching for: {query}").format(query=query)
        case VisitingDocument(title, at, documents):
            return _("Reading document {number} of {documents}: {title}…").format(
                number=number(at), documents=number(documents), title=title
            )
        case Summarizing():
            return _("Summarizing what was said before…")
        case _:
            return _("Looking through your documents…")


def indexed(one: IndexedDocument) -> str:
    """How one file ended."""
    name = PurePath(one.file).name
    if one.error is not None:
        return problem(problem_of(one.error))
    if one.state == "unchanged":
        return _("{file}: unchanged").format(file=name)
    pages = ngettext("{count} page", "{count} pages", one.pages).format(count=number(one.pages))
    passages = ngettext("{count} passage", "{count} passages", one.passages).format(
        count=number(one.passages)
    )
    return f"{name}: {pages}, {passages}"


def hits(found: tuple[Hit, ...]) -> str:
    """The passages of a search, the nearest first."""
    if not found:
        return _("Nothing was found. Try other words, or add documents: sobremesa index FILE")
    return "\n\n".join(
        f"{n}. {place(hit)}\n" + textwrap.indent(_wrapped(hit.text), "   ") for n, hit in enumerate(found, 1)
    )


def sources(answer: Answer) -> str:
    """What stands below an answer from documents: where it is from, how they were asked, what to doubt."""
    said = [*answers.looked(answer.looked), *answers.look_again(answer.doubts)]
    return "\n".join([_sources(answer), *(textwrap.fill(line, WIDTH) for line in said)])


def _sources(answer: Answer) -> str:
    if answer.citations:
        return "\n".join(_source(one) for one in answer.citations)
    if not answer.excerpts:
        return _("Nothing in your documents was close to this question.")
    pages = "\n".join(f"- {place(citation)}" for citation in nearest(answer.excerpts))
    return _("The reply names no source. These pages were closest to your question:") + "\n" + pages


def place(where: Hit | Excerpt | Citation) -> str:
    """File and page, as a person would look it up. A text file has no pages."""
    name = PurePath(where.file).name
    if PurePath(where.file).suffix.lower() not in PAGED:
        return name
    return _("{file}, page {page}").format(file=name, page=where.page)


def models(files: tuple[ModelFile, ...], folder: str) -> str:
    """The models of a person, one below the other."""
    if not files:
        return _("There is no model in {folder} yet. Put a GGUF file there.").format(folder=folder)
    return "\n".join(_model_line(file) for file in files)


def model(file: ModelFile) -> str:
    """What a model file holds."""
    yes, no = _("yes"), _("no")
    facts = (
        (_("File"), file.path),
        (_("Size"), size(file.size_bytes)),
        (_("Architecture"), file.architecture),
        (_("Parameters"), number(file.parameters) if file.parameters else ""),
        (_("Quantization"), file.quantization),
        (_("Layers"), number(file.layers) if file.layers else ""),
        (_("Trained context"), _tokens(file.trained_context_tokens)),
        (_("Made for conversations"), yes if file.has_chat_template else no),
        (_("Chat template"), _template(file.template)),
        (_("Licence"), file.licence),
        (_("Kept by"), source_name(file.source)),
        (_("Files"), number(file.parts) if file.parts > 1 else ""),
        ("SHA-256", "\n".join(file.sha256)),
    )
    width = max(len(label) for label, _text in facts) + 2
    lines = [
        f"  {label + ':' if first else '':{width}}{line}"
        for label, text in facts
        for first, line in zip((True, *(False,) * text.count("\n")), text.splitlines(), strict=False)
    ]
    if file.fit is not None:
        lines += [_device_line(device) for device in file.fit.devices]
        if file.fit.placement.gpu_layers:
            gpus = ", ".join(device.name for device in file.fit.devices if device.kind != "cpu")
            placed, layers = number(file.fit.placement.gpu_layers), number(file.fit.layers)
            words = _("{placed}/{all} layers on {device}")
            lines.append("  " + words.format(placed=placed, all=layers, device=gpus))
        told = (fit_words.sentence(file.fit), fit_words.hint(file.fit))
        lines.append(textwrap.fill(" ".join(text for text in told if text), WIDTH))
    return "\n".join([file.name, *lines])


def _device_line(device: Device) -> str:
    """One place for a model, such as "  Vulkan0: 7 GB of 8 GB free (NVIDIA GeForce)"."""
    room = _("{free} of {total} free").format(free=size(device.free_bytes), total=size(device.total_bytes))
    maker = f" ({device.description})" if device.description else ""
    return f"  {device.name}: {room}{maker}"


def _template(facts: TemplateFacts | None) -> str:
    """What the model's chat template is like, one thing in each line."""
    if facts is None:
        return ""
    if facts.state == "none":
        return _("none: it continues a text (--template completion), or takes one of ours (--template NAME)")
    if facts.state == "broken":
        return _("does not work: {why}").format(why=" ".join(facts.why.split()))
    lines = [_("works")]
    if facts.folds_system:
        lines.append(_("no place for a system prompt, which goes in front of your first question"))
    if facts.variables:
        lines.append(_("reads {names} (--template-arguments)").format(names=", ".join(facts.variables)))
    return "\n".join(lines)


def imported(done: ImportedModel) -> str:
    """What became of an import."""
    text = (
        _("{file} was in your models folder already.")
        if done.already
        else _("{file} is in your models folder now.")
    )
    licence = _("Licence: {licence}").format(licence=done.model.licence) if done.model.licence else ""
    lines = (text.format(file=PurePath(done.model.path).name), done.model.path, licence)
    return "\n  ".join(line for line in lines if line)


def quantized(made: QuantizedModel) -> str:
    """What became of a model, and at what price."""
    change = made.after_bytes / max(1, made.before_bytes) - 1
    smaller = _("{share} smaller") if change < 0 else _("{share} larger")
    sizes = _("{before} before, {after} now").format(
        before=size(made.before_bytes), after=size(made.after_bytes)
    )
    facts = (
        (_("File"), made.model.path),
        (_("Size"), f"{sizes} ({smaller.format(share=percent(abs(change)))})"),
        (_("Perplexity"), quantization_words.perplexities(made)),
        (_("Types"), quantization_words.types_inside(made)),
    )
    width = max(len(label) for label, _text in facts) + 2
    lines = [f"  {label + ':':{width}}{text}" for label, text in facts if text]
    name = _("{file} is in your models folder now.").format(file=PurePath(made.model.path).name)
    return "\n".join([name, *lines, *(textwrap.fill(note, WIDTH) for note in quantization_words.notes(made))])


def quantization_types(header: ModelHeader | None = None) -> str:
    """The types a model can be quantized to, one below the other; with what that model would take."""

    def cost(one: QuantizationType) -> str:
        if header is None:
            return quantization_words.bits(one.bits)
        about = _("about {size}").format(size=size(predicted_bytes(header, one)))
        return f"{quantization_words.bits(one.bits_of(header))}, {about}"

    return "\n".join(
        f"{one.name:8}{cost(one)}\n"
        + textwrap.indent(textwrap.fill(quantization_words.type_sentence(one.name), WIDTH - 8), " " * 8)
        for one in TYPES.values()
    )


def removed(files: tuple[str, ...]) -> str:
    """What went into the trash."""
    return "\n".join(_("{file} is in the trash now.").format(file=PurePath(file).name) for file in files)


def _source(citation: Citation) -> str:
    # the model did not write this number: a person should know who vouches for it
    afterwards = f" ({_('found afterwards')})" if citation.attributed else ""
    return f"[{citation.n}] {place(citation)}{afterwards}\n    {_quoted(citation.quote)}"


def _model_line(file: ModelFile) -> str:
    name = file.label or PurePath(file.path).name
    if file.source != "own":
        # its path is the only name by which it can be asked for
        name = f"{name} ({source_name(file.source)})\n  {file.path}"
    if file.problem is not None:
        return f"{name}\n  {words.sentence(file.problem)} {words.hint(file.problem)}"
    facts = (file.name, file.quantization, size(file.size_bytes), _tokens(file.trained_context_tokens))
    without = "" if file.has_chat_template else "; " + _("not made for conversations")
    return f"{name}\n  " + ", ".join(fact for fact in facts if fact) + without


def _tokens(count: int) -> str:
    return ngettext("{count} token", "{count} tokens", count).format(count=number(count)) if count else ""


def _of_library(event: IndexProgress | UpkeepProgress | ScoringEvent) -> str:
    if isinstance(event, Scoring | MakingQuestions):
        return scoring_words.progress(event)
    if isinstance(event, UpkeepProgress):
        building = event.stage == "building"
        said = _("Making the index anew… {share}") if building else _("Checking… {share}")
        return said.format(share=percent(event.done / max(1, event.total)))
    name = PurePath(event.file).name
    done, total = number(event.done), number(event.total)
    stages = {
        "reading": _("reading page {done} of {total}"),
        "recognizing": _("recognizing the text of page {done} of {total}"),
        "embedding": _("understanding passage {done} of {total}"),
        "storing": _("storing"),
    }
    files = f"{number(event.number)}/{number(event.files)} " if event.files > 1 else ""
    said = f"{files}{name}: " + stages[event.stage].format(done=done, total=total)
    return said + pace(event.passages_per_s, event.remaining_s)


def _quoted(text: str) -> str:
    return _("“{text}”").format(text=textwrap.shorten(text, QUOTE_CHARACTERS, placeholder=" …"))


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), WIDTH)
