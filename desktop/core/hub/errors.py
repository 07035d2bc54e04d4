"""What can go wrong with a hub of models, as errors of the core.

What came of a file is kept, unless the error says that it is not.
"""

from desktop.core.errors import CoreError


class Offline(CoreError):
    """The person has not allowed the network."""

    code = "offline"


class BadRepository(CoreError):
    """{name} is neither "owner/name" nor an address at the hub {host}."""

    code = "bad_repository"


class HubError(CoreError):
    """The hub {host} could not do what it was asked for."""

    code = "hub_error"


class HubUnreachable(HubError):
    """No way to {host}: no network, no such name, or nobody listens there."""

    code = "hub_unreachable"


class HubBroke(HubError):
    """The connection to {host} broke off again and again."""

    code = "hub_broke"


class HubBusy(HubError):
    """{host} asks for patience (429, 5xx): `detail` has its status."""

    code = "hub_busy"


class HubStrange(HubError):
    """What {host} answered is no answer of a hub; `detail` says why."""

    code = "hub_strange"


class HubRefused(HubError):
    """{host} does not let us have {name}: the answer's status is {status}."""

    code = "hub_refused"


class RepositoryNotFound(HubError):
    """{host} knows no repository {name}, or hides it from us."""

    code = "hub_repository_not_found"


class RepositoryGated(HubError):
    """Whoever wants files of {name} must accept its licence at {address} first."""

    code = "hub_repository_gated"


class FileNotOffered(HubError):
    """There is no model {file} in {name}."""

    code = "hub_file_not_offered"


class NoModelsOffered(HubError):
    """There is no GGUF file in {name}."""

    code = "hub_no_models"


class NoSearchModelOffered(HubError):
    """{name} holds no search model that could be used here: no safe weights, or none with its small files."""

    code = "hub_no_search_model"


class FileReplaced(HubError):
    """{file} of {name} is another one since the download began: what came of the old one is discarded."""

    code = "hub_file_replaced"


class DownloadDamaged(HubError):
    """What came of {file} is not what {host} says it is: it is discarded. `detail` says what differs."""

    code = "download_damaged"


class DownloadRunning(CoreError):
    """{file} is being downloaded already, here or by another program."""

    code = "download_running"


class DownloadNotWritten(CoreError):
    """{file} could not be written into {folder}; `detail` says why."""

    code = "download_not_written"
