"""The table of what a person reads when something went wrong: a sentence and a hint for every error code.

How a problem is looked up here and filled in stands in desktop.words.
"""

from collections.abc import Mapping

from desktop.i18n import N_
from desktop.words.documents import DOCUMENT_WORDS
from desktop.words.encryption import ENCRYPTION_PROBLEMS
from desktop.words.exchange import EXCHANGE_PROBLEMS
from desktop.words.hub import HUB_WORDS
from desktop.words.library import LIBRARY_WORDS
from desktop.words.model_files import MODEL_FILE_WORDS
from desktop.words.prompts import PROMPT_PROBLEMS, RICHER_PROMPTS
from desktop.words.replies import REPLY_PROBLEMS
from desktop.words.training import RICHER_TRAIN, TRAIN_PROBLEMS

# code: (what happened, what to do). Filled in by `_fields`: {file} and {path} are names without their
# folder, {file_path} and {path_path} whole, numbers and sizes as the language writes them.
WORDS: Mapping[str, tuple[str, str]] = {
    # ── the program ──
    "core_error": (N_("Something went wrong."), N_("Try once more.")),
    "unexpected": (
        N_("Something went wrong inside Sobremesa."),
        N_("Your chats are safe. Try once more; if it happens again, start Sobremesa anew."),
    ),
    "window_crashed": (
        N_("Sobremesa crashed last time."),
        N_("Your chats were saved as they came. If it happens again, the report may help to find out why."),
    ),
    "window_killed": (
        N_("Sobremesa was not closed properly last time."),
        N_(
            "Your chats were saved as they came. The computer was switched off,"
            " or the system ended the program: perhaps memory had run out."
        ),
    ),
    "cancelled": (N_("Stopped."), ""),
    "no_model": (
        N_("There is no chat model yet."),
        N_("Put a GGUF file into {folder}, or point to one with “Choose a model” or --model."),
    ),
    "unknown_chat": (N_("There is no such chat."), N_("Choose another one in the list.")),
    "unknown_message": (N_("This message no longer exists."), N_("Open the chat again.")),
    "unknown_folder": (N_("This folder no longer exists."), N_("Choose another one in the list.")),
    "folder_in_itself": (
        N_("A folder cannot lie in itself: “{name}” stays where it is."),
        N_("Choose a folder that is not inside of it."),
    ),
    "bad_folder_name": (N_("A folder needs a name."), N_("Give it a short one.")),
    "empty_question": (N_("There is nothing to answer yet."), N_("Write something first.")),
    "no_alternatives": (
        N_("What else might have stood here is not known."),
        N_("Have alternatives shown in the settings, then answer again."),
    ),
    "no_record": (
        N_("How this reply was made was not kept."),
        N_("Answer again: from then on it is."),
    ),
    "reply_running": (
        N_("This chat is still waiting for its reply."),
        N_("Wait for it, or stop it first."),
    ),
    "data_in_use": (
        N_("Another Sobremesa is working with the folder {folder}."),
        N_("Wait until it has finished, close it, or name another folder with --data-dir."),
    ),
    "no_documents": (
        N_("There are no documents to answer from yet."),
        N_("Add some first: sobremesa index FILE"),
    ),
    "owner_gone": (
        N_("The Sobremesa that was answering has closed."),
        N_("Run the command again. What was finished has been kept."),
    ),
    "owner_differs": (
        N_("The Sobremesa that is open is of another version."),
        N_("Close its window and run the command again."),
    ),
    "data_unwritable": (
        N_("Sobremesa cannot write in the folder {folder}."),
        N_("Allow it to write there, or name another folder with --data-dir."),
    ),
    "storage_full": (
        N_("The disk that holds {folder} is full."),
        N_("Make some room on it. What you see on the screen is kept until then."),
    ),
    "settings_damaged": (
        N_("Your settings could not be read, so everything is set as it was at first."),
        N_("The old file was kept as {kept_as_path}."),
    ),
    "no_display": (
        N_("There is no screen to open a window on."),
        N_("Talk to it right here: sobremesa chat"),
    ),
    "not_text": (
        N_("What came through the pipe is not text."),
        N_("Send plain text in UTF-8. Documents are added with: sobremesa index FILE"),
    ),
    "bad_setting": (N_("{name} cannot be {value}."), N_("Choose another value.")),
    # ── models ──
    "engine_error": (N_("The model could not do that."), N_("Try once more, or choose another model.")),
    "model_file": (
        N_("{path} cannot be used as a model."),
        N_("Choose another file, or download this one again."),
    ),
    **ENCRYPTION_PROBLEMS,
    **MODEL_FILE_WORDS,
    "model_changed": (
        N_("The file {path} has changed, so the model was loaded again."),
        N_("If that was not you, look where it came from."),
    ),
    "model_too_large": (
        N_("{path} needs {needed_bytes} of memory, and it can have {free_bytes}."),
        N_(
            "Close other programs, choose a smaller file of the same model or a shorter context window,"
            " or allow models more memory in the settings."
        ),
    ),
    "model_parts_missing": (
        N_("{path} is one of {parts} files of a model, and these are missing: {missing}."),
        N_("Put all of its files into the same folder, or download the missing ones again."),
    ),
    "no_room_for_model": (
        N_("There is no room for {path}: it needs {needed_bytes}, and {free_bytes} are free."),
        N_("Make some room on the disk that holds {folder}, and try again."),
    ),
    "model_not_copied": (
        N_("{path} could not be copied into your models folder."),
        N_("Check that {path_path} can be read and that {folder} can be written."),
    ),
    "model_not_ours": (
        N_("{path} does not lie in your models folder, so Sobremesa does not remove it."),
        N_("Remove it with the program that keeps it: {path_path}"),
    ),
    "model_not_removed": (
        N_("The trash did not take {path}."),
        N_("Close whatever uses it and try again, or delete it by hand: {path_path}"),
    ),
    "model_not_quantizable": (
        N_("{path} is no whole language model, so there is nothing to quantize."),
        N_("Adapters and the half of a model that sees pictures stay as they are. Choose the model itself."),
    ),
    "unknown_quantization": (
        N_("“{name}” is no type that a model can be quantized to."),
        N_("See which there are: sobremesa models quantize --types"),
    ),
    "quantization_needs_matrix": (
        N_("{name} takes an importance matrix, which cannot be made here."),
        N_("Choose Q2_K or Q3_K_S, or download a file of type {name} that somebody made."),
    ),
    "same_quantization": (
        N_("{path} is of type {quantization} already."),
        N_("Choose a smaller type: sobremesa models quantize --types"),
    ),
    "quantize_failed": (
        N_("{path} could not be quantized."),
        N_("Nothing was kept of it. The file may be damaged, or of a kind too new for this version."),
    ),
    "quantized_not_written": (
        N_("What was made of {path} could not be written."),
        N_("Check that {folder} can be written."),
    ),
    "perplexity_undefined": (
        N_("{path} gives no numbers that could be measured: its weights are broken."),
        N_("Download it again, or choose another model."),
    ),
    "text_too_short": (
        N_("The text is too short to measure a model on: {found_tokens} tokens of {needed_tokens}."),
        N_("Choose a text of some pages, or measure without --text."),
    ),
    "text_unreadable": (
        N_("{path} cannot be read as text."),
        N_("Choose a file of plain text in UTF-8, of some pages."),
    ),
    **HUB_WORDS,
    "no_model_loaded": (N_("No model is loaded."), N_("Choose a model first.")),
    "no_memory": (
        N_("The computer's memory did not suffice for this."),
        N_(
            "Your chats are safe. Close other programs,"
            " or choose a smaller model or a shorter context window."
        ),
    ),
    "no_embedder_loaded": (N_("No embedding model is loaded."), N_("Choose an embedding model first.")),
    "no_chat_template": (
        N_("{model} was not made for conversations: it has no chat template."),
        N_("Have it continue your text (--template completion), or choose a template for it."),
    ),
    "bad_chat_template": (
        N_("The chat template of {model} does not work."),
        N_("Choose one of ours for it (--template), or look for another version of this model."),
    ),
    "unknown_template": (
        N_("There is no template called “{name}”."),
        N_("There are chatml, llama3, gemma, mistral, phi3, zephyr, llama2, alpaca, vicuna and completion."),
    ),
    "bad_template_arguments": (
        N_("The chat template of {model} does not work with these arguments: {names}."),
        N_("Take them away or give them other values. Without them it works."),
    ),
    "bad_template_json": (
        N_("The arguments of a template are written as one JSON object, and this is none."),
        N_("For example: {example}"),
    ),
    "template_unreadable": (
        N_("{path} cannot be read as a template."),
        N_("A template is a text file in UTF-8 of at most 1 MB, in the language of Jinja."),
    ),
    "context_full": (
        N_("This is too long for the model: {needed_tokens} tokens, and {limit_tokens} fit."),
        N_("Shorten your text, or choose a model or a setting with a larger context window."),
    ),
    "engine_busy": (N_("The model is busy with another reply."), N_("Wait for it, or stop it first.")),
    "decode_failed": (
        N_("The model stumbled in the middle of its reply."),
        N_("Ask again. If it happens often, choose a smaller model or a smaller context window."),
    ),
    "engine_died": (
        N_("The model stopped unexpectedly."),
        N_("Your chats are safe. Start it again, or choose another model if it keeps happening."),
    ),
    "engine_start_failed": (
        N_("The part of Sobremesa that runs models did not start."),
        N_("Start Sobremesa again. If that does not help, install it again; your chats stay."),
    ),
    "device_unknown": (
        N_("There is no graphics card called {device} here."),
        N_("Empty the setting “Graphics cards”: models then run on the processor."),
    ),
    "runtime_unusable": (
        N_("The runtime in {folder} does not work, so the one that Sobremesa brings is used."),
        N_("Build it again, or choose another runtime in the settings."),
    ),
    "runtime_missing": (
        N_("There is no runtime in {folder}, so the one that Sobremesa brings is used."),
        N_("Choose another runtime in the settings, or build this one again."),
    ),
    "runtime_version": (
        N_(
            "The runtime in {folder} was made for version {version} on {machine},"
            " so the one that Sobremesa brings is used."
        ),
        N_("Build it again for version {needed} on {here}."),
    ),
    "runtime_no_gpu": (
        N_("No graphics card answers to the runtime {folder}."),
        N_("Check the graphics card's driver, or choose another runtime in the settings."),
    ),
    "runtime_failed": (
        N_("The runtime {runtime} broke down, so the one that Sobremesa brings is used: {how}."),
        N_("Update the graphics card's driver. To try once more, choose the runtime again in the settings."),
    ),
    **REPLY_PROBLEMS,
    **PROMPT_PROBLEMS,
    **EXCHANGE_PROBLEMS,
    **TRAIN_PROBLEMS,
    # ── documents ──
    "rag_error": (N_("Your documents could not do that."), N_("Try once more.")),
    **DOCUMENT_WORDS,
    **LIBRARY_WORDS,
    "folder_empty": (
        N_("There is no document in the folder {file}."),
        N_("Choose a folder with PDF, Word, EPUB, HTML, text or source files."),
    ),
    "library_error": (N_("Your documents are not available just now."), N_("Try once more.")),
    "disk_full": (
        N_("The disk that holds {folder} is full."),
        N_("Make some room on it and try again. What was saved before is still there."),
    ),
    "worker_died": (
        N_("A helper of Sobremesa stopped unexpectedly."),
        N_("Nothing that was finished is lost. Try once more."),
    ),
    "worker_start_failed": (
        N_("A helper of Sobremesa did not start."),
        N_("Start Sobremesa again. If that does not help, install it again; your documents stay."),
    ),
    # ── databases ──
    "database_error": (N_("{file} could not be used."), N_("Try once more, or start Sobremesa again.")),
    "database_damaged": (
        N_("The file {file} is damaged."),
        N_("Start Sobremesa again: it saves what can still be read, and keeps the damaged file aside."),
    ),
    "database_too_new": (
        N_("{file} was written by a newer Sobremesa."),
        N_("Open it with that version, or update this one. Nothing in it was changed."),
    ),
    "database_unreadable": (
        N_("Sobremesa cannot read or write {file}."),
        N_("Allow your user to read and write {file_path}."),
    ),
    "database_locked": (
        N_("Another program keeps {file} to itself."),
        N_("Close the other program and try again."),
    ),
}

# the same code with more to say, when this parameter is set
RICHER: Mapping[tuple[str, str], tuple[str, str]] = {
    **RICHER_PROMPTS,
    **RICHER_TRAIN,
    ("engine_died", "out_of_memory"): (
        N_("The system ended the model: memory had run out."),
        N_(
            "Your chats are safe. Close other programs, or choose a smaller model or a shorter"
            " context window, and start it again."
        ),
    ),
    ("engine_died", "file_lost"): (
        N_("The file of the model could no longer be read while it was in use."),
        N_(
            "Your chats are safe. Was it cut short, or its disk taken away?"
            " Copy or download it again, and load it once more."
        ),
    ),
    ("engine_died", "silent"): (
        N_("The model did not answer any more and was ended."),
        N_("Your chats are safe. Start it again, or choose another model if it keeps happening."),
    ),
    ("bad_setting", "automatic"): (
        N_("{name} cannot be {value}."),
        N_("Choose {automatic}, or something between {low} and {high}."),
    ),
    ("bad_setting", "low"): (
        N_("{name} cannot be {value}."),
        N_("Choose something between {low} and {high}."),
    ),
    ("bad_setting", "address"): (
        N_("“{value}” is not an address that Sobremesa trusts."),
        N_("Write one that begins with https://"),
    ),
    ("bad_setting", "host"): (
        N_("“{value}” is not the name of a machine."),
        N_("Write its name or number alone, such as 192.168.1.5. The port has a setting of its own."),
    ),
    ("model_truncated", "missing_bytes"): (
        N_("{path} is incomplete: {missing_bytes} of it are missing."),
        N_("The download was probably cut off. Download it again."),
    ),
    ("device_unknown", "known"): (
        N_("There is no graphics card called {device} here."),
        N_("These can be chosen: {known}. Or leave the setting empty, and Sobremesa chooses."),
    ),
    ("database_damaged", "saved_messages"): (
        N_(
            "The file {file} was damaged. Saved from it and from its last copy: {saved_messages} messages "
            "in {saved_chats} chats."
        ),
        N_(
            "Look whether something is missing. The damaged file is kept for {days} days as {kept_as_path}, "
            "or until a chat is deleted for good: it holds what was in it."
        ),
    ),
    ("database_damaged", "at_next_start"): (
        N_("A part of the file {file} can no longer be read."),
        N_(
            "Close Sobremesa and start it again: it then saves all that can still be read, and says how much."
        ),
    ),
    ("database_damaged", "kept_as"): (
        N_("The file {file} was damaged, so a new one was begun."),
        N_(
            "The damaged file is kept for {days} days as {kept_as_path}, or until a chat is deleted for "
            "good. Copy it to another place if somebody shall look into it."
        ),
    ),
    ("database_damaged", "folder"): (
        N_("The library of your documents is damaged."),
        N_(
            "Choose Repair on the page “Your data”, or type: sobremesa doctor --repair. Your documents are "
            "then read again; they themselves and your chats are untouched."
        ),
    ),
}
