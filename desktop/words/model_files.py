"""What is wrong with a model's file and what to do about it, by the error's code. Words alone."""

from collections.abc import Mapping

from desktop.i18n import N_

MODEL_FILE_WORDS: Mapping[str, tuple[str, str]] = {
    "model_missing": (
        N_("There is no model at {path_path}."),
        N_("Was it moved or renamed? Choose where it is now, or another model."),
    ),
    "model_unreadable": (
        N_("Sobremesa may not read {path}."),
        N_("Allow your user to read the file {path_path}, or copy it into your models folder."),
    ),
    "model_name": (
        N_("The name of {path} is not text in UTF-8."),
        N_("Rename the file."),
    ),
    "model_empty": (
        N_("{path} is empty."),
        N_("The download probably failed. Download it again."),
    ),
    "model_not_gguf": (
        N_("{path} is not a model that Sobremesa can run."),
        N_("It runs GGUF files. Look for a GGUF version of this model."),
    ),
    "model_truncated": (
        N_("{path} is incomplete: its end is missing."),
        N_("The download was probably cut off. Download it again."),
    ),
    "model_damaged": (
        N_("{path} is damaged."),
        N_("Download it again, or choose another model."),
    ),
    "model_cannot_chat": (
        N_("{path} is a model that finds texts and cannot write any."),
        N_("Choose a chat model: their names often say “Instruct”, “Chat” or “it”."),
    ),
    "model_cannot_embed": (
        N_("{path} does not say how it turns texts into vectors."),
        N_("Choose an embedding model: their names often say “embed”, “e5”, “bge” or “nomic”."),
    ),
    "model_ranks": (
        N_("{path} is a model that judges pairs of texts and gives no vectors."),
        N_("Choose an embedding model: their names often say “embed”, “e5”, “bge” or “nomic”."),
    ),
    "embedding_undefined": (
        N_("{path} gives vectors that are no numbers: its weights are broken."),
        N_("Download it again, or choose another model."),
    ),
    "model_is_adapter": (
        N_("{path} is an adapter: it changes a model and is none."),
        N_("Choose the model it was made for, and name the adapter in the settings, under “LoRA adapters”."),
    ),
    "model_is_projector": (
        N_("{path} is only the half of a model that looks at pictures."),
        N_("Choose the other, larger file of this model."),
    ),
    "model_is_matrix": (
        N_("{path} holds what was measured of a model, and no model."),
        N_("Choose the model itself, a larger file."),
    ),
    "model_unknown": (
        N_("{path} is a model of type “{architecture}”, which this version of Sobremesa does not know."),
        N_("Look for a newer version of Sobremesa, or choose another model."),
    ),
    "model_load_failed": (
        N_("{path} could not be loaded."),
        N_("It may be too large for this computer or too new for this version. Try a smaller model."),
    ),
}
