"""What a person reads when something in the workshop went wrong: a sentence and a hint for every code."""

from collections.abc import Mapping

from desktop.i18n import N_

TRAIN_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "train_plan_unreadable": (
        N_("“{path}” is no plan for training that can be read."),
        N_("A plan is a TOML file with sections such as [prepare] and [pretrain]; numbers have no quotes."),
    ),
    "nothing_rated": (
        N_("No reply of your chats was rated good or edited."),
        N_("Rate replies that are as they should be, or put them right, and try again."),
    ),
    "no_text_there": (
        N_("The documents of “{name}” have no text to learn from."),
        N_("Choose another collection, or add documents to it."),
    ),
    "no_source": (
        N_("The text of “{name}” does not come with this program."),
        N_("It stands in the program's public source code."),
    ),
    "run_missing": (
        N_("That run is not there any more."),
        N_("Its folder was moved or deleted. Begin a new one, or put the folder back."),
    ),
    "run_unreadable": (
        N_("The record of the run in “{path_path}” cannot be read."),
        N_("It was cut short or changed by hand. Put it back from a copy, or delete the run."),
    ),
    "training_busy": (
        N_("“{name}” is being trained, and only one run can be at a time."),
        N_("Wait for it, or stop it: it can go on later."),
    ),
    "nothing_to_learn": (
        N_("There is nothing to learn from yet."),
        N_("Choose one of the texts here, or files of your own."),
    ),
    "rows_too_rich": (
        N_("{rows} rows of “{path}” say more than a question and its answer."),
        N_("They are learnt as they are. To change them, edit the file with another program."),
    ),
    "no_base_model": (
        N_("No model is chosen that could learn this."),
        N_("Choose a model of the architecture “llama”, such as SmolLM2, or one that you trained."),
    ),
    "run_data_changed": (
        N_("“{path}”, which “{name}” learns from, is not what it was when the run began."),
        N_("Put the file back as it was, or begin a new run: this one would learn two things at once."),
    ),
    "run_not_removed": (
        N_("“{path}” could not be put into the trash."),
        N_("Close what uses it and try again, or delete the folder yourself."),
    ),
    "train_error": (N_("Training could not do that."), N_("Try once more with other settings.")),
    "train_bad_shape": (
        N_("No model can have {value} as its “{name}”."),
        N_("The width must be a multiple of the heads, and each head must be even."),
    ),
    "train_text_small": (
        N_("There is too little to learn from: {tokens}, where {needed} are needed."),
        N_("Add more text or examples, or choose a shorter context."),
    ),
    "train_text_unreadable": (
        N_("“{path}” is no text that can be read."),
        N_("Choose a text file, saved as UTF-8 if possible."),
    ),
    "train_nothing": (
        N_("“{path}” holds no text file."),
        N_("Choose a folder with .txt or .md files, or the files themselves."),
    ),
    "train_tokenizer": (
        N_("There is no tokenizer that can be used."),
        N_("Choose a vocabulary from 259 to 131,072 tokens, or prepare the text again."),
    ),
    "train_data_damaged": (
        N_("The prepared data in “{path}” is not whole."),
        N_("Prepare the text once more."),
    ),
    "train_run_damaged": (
        N_("There is no run in “{path}” that can be read."),
        N_("Choose the folder of a run, or begin a new one."),
    ),
    "train_run_exists": (
        N_("There is a run in “{path}” already."),
        N_("Resume it, or begin the new one in another folder."),
    ),
    "train_diverged": (
        N_("The loss grew beyond all numbers at step {step}. What was learnt up to step {kept} is kept."),
        N_("Begin again with a smaller learning rate, or a longer warm-up."),
    ),
    "train_no_rows": (
        N_("No row of “{path}” can be used."),
        N_(
            "Rows need a question and an answer, or a text and a label, or a text."
            " These columns are there: {columns}."
        ),
    ),
    "train_answers_long": (
        N_("None of the examples fits into {limit} tokens."),
        N_("Choose a longer context, or shorter examples."),
    ),
    "train_one_label": (
        N_("All texts have the same label, “{label}”."),
        N_("Add texts with another label: there must be something to tell apart."),
    ),
    "train_cannot_learn": (
        N_("Models of the architecture “{architecture}” cannot be trained here."),
        N_("Choose a model of the architecture “llama”, such as SmolLM2."),
    ),
    "train_part_unknown": (
        N_("This model has a part that the trainer does not compute: {part}."),
        N_("Choose a plainer model of the architecture “llama”, such as SmolLM2."),
    ),
    "train_quantization": (
        N_("The weights in “{path}” are quantized in a form that cannot be read here: {kind}."),
        N_("Choose the same model as Q4_K_M, Q8_0 or F16."),
    ),
    "train_other_tokenizer": (
        N_("The text in “{path}” was cut into the tokens of another model."),
        N_("Prepare it once more, with --tokens-of and the run that is to learn from it."),
    ),
    "train_model_damaged": (
        N_("The model in “{path}” cannot be read."),
        N_("Bring it in once more: the file may have been cut short."),
    ),
    "train_cannot_measure": (
        N_("What this model learnt cannot be measured by that."),
        N_("Labels are measured by rows with labels, translations by pairs of lines, gaps by plain text."),
    ),
    "train_cannot_export": (
        N_("This model cannot leave the workshop in that form."),
        N_("Only decoders shaped as Llama become files that chat; adapters come from LoRA runs."),
    ),
    "train_disk_full": (
        N_("The disk is full. What was learnt up to step {kept} is kept."),
        N_("Make room, then resume the run."),
    ),
    "train_too_large": (
        N_("That needs {needed_bytes} of memory, and {free_bytes} are free."),
        N_("Choose a smaller model, a smaller batch or a shorter context."),
    ),
}

RICHER_TRAIN: Mapping[tuple[str, str], tuple[str, str]] = {
    ("train_bad_shape", "low"): (
        N_("{value} cannot be the “{name}”."),
        N_("Choose a number from {low} to {high}."),
    ),
    ("train_too_large", "batch"): (
        N_("That needs {needed_bytes} of memory, and {free_bytes} are free."),
        N_("A batch of {batch} fits; take several in a step to make up for it."),
    ),
}
