"""What can go wrong where chats and documents are to be learnt from."""

from desktop.core.errors import CoreError


class NothingRated(CoreError):
    """No reply of these chats was rated good or edited: there is nothing that a model should learn."""

    code = "nothing_rated"


class NoTextThere(CoreError):
    """The documents of the collection {name} have no text."""

    code = "no_text_there"
