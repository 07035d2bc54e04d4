"""The core's error tree, and the one place where engine's and rag's errors join it."""

from typing import ClassVar

from desktop.core.types import Param, Problem
from engine.errors import EngineError
from engine.errors import ErrorInfo as EngineInfo
from rag.errors import ErrorInfo as RagInfo
from rag.errors import RagError


class CoreError(Exception):
    """Whatever an operation can end in. `problem()` is what a person is told, as data."""

    code: ClassVar[str] = "core_error"

    def __init__(self, detail: str = "", **params: Param) -> None:
        super().__init__(f"{self.code} {params} {detail}".strip())
        self.params = params
        self.detail = detail

    def problem(self) -> Problem:
        return Problem(self.code, dict(self.params), self.detail)


class Unexpected(CoreError):
    """A defect of ours; `detail` is for the report."""

    code = "unexpected"


class WindowCrashed(CoreError):
    """The window's process crashed last time: {how}; `detail` is its stack."""

    code = "window_crashed"


class WindowKilled(CoreError):
    """The window's process did not end in order last time, and left no word."""

    code = "window_killed"


class Cancelled(CoreError):
    """The person stopped it."""

    code = "cancelled"


class Reported(CoreError):
    """An error of the engine or of rag, as it came over the border."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail, **problem.params)
        self._problem = problem

    def problem(self) -> Problem:
        return self._problem

    @classmethod
    def of(cls, error: EngineInfo | RagInfo | EngineError | RagError) -> "Reported":
        info = error.info() if isinstance(error, EngineError | RagError) else error
        return cls(Problem(info.code, dict(info.params), info.detail))


class NoModel(CoreError):
    """There is no model file in the models folder {folder}, and none was named."""

    code = "no_model"


class ModelPartsMissing(CoreError):
    """The model at {path} is split into {parts} files, and those numbered {missing} are not there."""

    code = "model_parts_missing"


class ModelChanged(CoreError):
    """A notice: {path} is another file than the one that was loaded, so it was loaded again."""

    code = "model_changed"


class NoRoomForModel(CoreError):
    """{path} needs {needed_bytes} in {folder}, and {free_bytes} are free."""

    code = "no_room_for_model"


class ModelNotCopied(CoreError):
    """{path} could not be read to its end or written into {folder}; `detail` says why."""

    code = "model_not_copied"


class ModelNotOurs(CoreError):
    """{path} does not lie in the models folder {folder}: whoever keeps it removes it."""

    code = "model_not_ours"


class ModelNotRemoved(CoreError):
    """The system's trash did not take {path}; `detail` says why."""

    code = "model_not_removed"


class SameQuantization(CoreError):
    """{path} is of type {quantization} already."""

    code = "same_quantization"


class QuantizedNotWritten(CoreError):
    """What was made of {path} could not be written into {folder}; `detail` says why."""

    code = "quantized_not_written"


class TextUnreadable(CoreError):
    """{path} cannot be read as text; `detail` says why."""

    code = "text_unreadable"


class BadTemplateJson(CoreError):
    """What was typed as a template's arguments is no JSON object such as {example}; `detail` says where."""

    code = "bad_template_json"


class TrainPlanUnreadable(CoreError):
    """The plan or prepared text at {path} cannot be read: `detail` says why."""

    code = "train_plan_unreadable"


class TemplateUnreadable(CoreError):
    """{path} was named as a template and is no text that can be read."""

    code = "template_unreadable"


class UnknownChat(CoreError):
    code = "unknown_chat"


class UnknownMessage(CoreError):
    code = "unknown_message"


class UnknownFolder(CoreError):
    code = "unknown_folder"


class FolderInItself(CoreError):
    """The folder {name} was to be moved into itself or into one that it holds."""

    code = "folder_in_itself"


class BadFolderName(CoreError):
    """A folder needs a name."""

    code = "bad_folder_name"


class EmptyQuestion(CoreError):
    code = "empty_question"


class QuestionTooLong(CoreError):
    """A question that is kept holds {limit} characters at most."""

    code = "question_too_long"


class NoQuestions(CoreError):
    """No question of the collection {name} has been accepted: there is nothing to score with."""

    code = "no_questions"


class NoAlternatives(CoreError):
    """Of this token of the reply nothing else is known that could have stood there."""

    code = "no_alternatives"


class NoRecord(CoreError):
    """How the reply was made was not kept."""

    code = "no_record"


class ReplyRunning(CoreError):
    """This chat is waiting for a reply already."""

    code = "reply_running"


class DataInUse(CoreError):
    """Another program holds the data folder {folder}."""

    code = "data_in_use"


class AmbiguousDocument(CoreError):
    """{count} documents are called {name}."""

    code = "ambiguous_document"


class NoDocuments(CoreError):
    """Documents were asked for an answer, and there are none."""

    code = "no_documents"


class OwnerGone(CoreError):
    """The program that works on the data folder ended before it answered."""

    code = "owner_gone"


class OwnerDiffers(CoreError):
    """The program that works on the data folder is of another version: it speaks {theirs}, we {ours}."""

    code = "owner_differs"


class DataUnwritable(CoreError):
    """The data folder {folder} cannot be written."""

    code = "data_unwritable"


class StorageFull(CoreError):
    """No room left on the disk of {folder}."""

    code = "storage_full"


class SettingsDamaged(CoreError):
    """The settings in {file} could not be understood; it was kept as {kept_as}, and defaults apply."""

    code = "settings_damaged"


class NoDisplay(CoreError):
    """The window was asked for, and there is no screen."""

    code = "no_display"


class NotText(CoreError):
    """What came through the pipe is not text."""

    code = "not_text"


class BadSetting(CoreError):
    """{name} cannot be {value}."""

    code = "bad_setting"


class UnknownPreset(CoreError):
    """There is no preset called {name}, or it is built in and stays."""

    code = "unknown_preset"


class BadPresetName(CoreError):
    """A preset cannot be called {name}: it is empty, built in, or longer than {limit} characters."""

    code = "bad_preset_name"


class FileAttachedAlready(CoreError):
    """{file} is among the files of this question already, or its text is."""

    code = "file_attached_already"


class FolderNotAttached(CoreError):
    """{file} is a folder."""

    code = "folder_not_attached"


class FileUnreadable(CoreError):
    """The text file {path} could not be read; `detail` says why."""

    code = "file_unreadable"


class UnknownPrompt(CoreError):
    """There is no prompt {key} in the library."""

    code = "unknown_prompt"


class UnknownPromptVersion(CoreError):
    """A prompt has no version {number}."""

    code = "unknown_prompt_version"


class ReadyMadePrompt(CoreError):
    """What came with the program cannot be changed or deleted: it can be duplicated."""

    code = "ready_made_prompt"


class PromptNotNamed(CoreError):
    """A prompt of the library needs a name of at most {limit} characters."""

    code = "prompt_not_named"


class PromptTooLong(CoreError):
    """A prompt holds {characters} characters with its examples; {limit} are taken."""

    code = "prompt_too_long"


class PromptValuesMissing(CoreError):
    """The chat's prompt asks for {names}, which nobody has filled in."""

    code = "prompt_values_missing"


class PromptsUnreadable(CoreError):
    """{path} holds no prompts; `reason` says what is wrong with it, `where` in which place."""

    code = "prompts_unreadable"
