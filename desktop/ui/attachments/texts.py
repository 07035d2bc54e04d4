"""What files that go with a question are said to be, in words. Draws nothing."""

from desktop.core.types import FilePart
from desktop.core.types.composing import FilesSize
from desktop.i18n import _, ngettext, number
from desktop.view_models.attachments import Attachment
from desktop.words import hint, sentence


def detail(attachment: Attachment) -> str:
    """What stands behind a file's name: "1,204 tokens"."""
    if attachment.problem is not None:
        return _("not attached")
    if attachment.file is None:
        if not attachment.pages:
            return _("being read")
        return _("page {page} of {pages}").format(
            page=number(attachment.done), pages=number(attachment.pages)
        )
    if attachment.tokens is not None:
        said = ngettext("{count} token", "{count} tokens", attachment.tokens)
        return said.format(count=number(attachment.tokens))
    return length(attachment.file)


def length(file: FilePart) -> str:
    """How long a file is, where nobody knows its tokens: "12 pages", "3,400 characters"."""
    if file.pages:
        return ngettext("{count} page", "{count} pages", file.pages).format(count=number(file.pages))
    count = len(file.text)
    return ngettext("{count} character", "{count} characters", count).format(count=number(count))


def trouble(attachments: tuple[Attachment, ...]) -> str:
    """Why files are not attached, one line for each."""
    problems = (attachment.problem for attachment in attachments)
    return "\n".join(
        " ".join(text for text in (sentence(problem), hint(problem)) if text)
        for problem in problems
        if problem is not None
    )


def too_long(size: FilesSize | None) -> str:
    """That the files do not fit, with the numbers; "" where they do."""
    if size is None or size.fits:
        return ""
    said = _("Too long for the model: {needed} tokens with these files, and {limit} fit.")
    return said.format(needed=number(size.needed_tokens), limit=number(size.limit_tokens))
