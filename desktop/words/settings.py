"""What each setting is called and what it does. Knows no value."""

from collections.abc import Mapping

from desktop.i18n import N_, _
from desktop.words.replies import REPLY_SETTINGS

# name: (label, help)
SETTING_WORDS: Mapping[str, tuple[str, str]] = {
    "language": (N_("Language"), N_("The language of the window and the command line.")),
    "theme": (N_("Appearance"), N_("Light, dark, high contrast, or as the system has it.")),
    "text_percent": (
        N_("Text size"),
        N_("How large all text is, in percent. Ctrl with plus, minus and 0 changes it too."),
    ),
    "motion": (
        N_("Motion"),
        N_("Whether things may move while they change. “As the system has it” follows what is set there."),
    ),
    "notifications": (
        N_("Notifications"),
        N_("Tell that something long has ended while another window is in front."),
    ),
    "offline": (
        N_("Offline"),
        N_("While this is on, Sobremesa asks nothing of any network. Turn it off to download models."),
    ),
    "model_titles": (
        N_("Titles by the model"),
        N_("After the first answer the model gives a chat its title. What you name yourself stays as it is."),
    ),
    "trash_days": (
        N_("Keep deleted chats"),
        N_("For so many days a deleted chat can be restored from the trash. 0: until Sobremesa is closed."),
    ),
    "long_paste_characters": (
        N_("Long pastes become files"),
        N_("A pasted text with more characters than this goes with the question as a file. 0: none does."),
    ),
    "hub_address": (
        N_("Address of the model hub"),
        N_("Where models are downloaded from. Only addresses that begin with https are taken."),
    ),
    "model_path": (N_("Chat model"), N_("The GGUF file that answers.")),
    "models_folders": (
        N_("More model folders"),
        N_("Folders with GGUF files, one in each line. Their models are listed; nothing in them is changed."),
    ),
    "context_tokens": (
        N_("Context window"),
        N_("How much the model can keep in view at once, in tokens. 0: what fits and it was made for."),
    ),
    "running_summary": (
        N_("Summarize what leaves"),
        N_("When a chat outgrows the context window, its oldest turns are retold in a few sentences."),
    ),
    "gpu_layers": (
        N_("Layers on the graphics card"),
        N_("How many of the model's layers the graphics card takes. -1: as many as fit."),
    ),
    "kv_type": (
        N_("Memory of the conversation"),
        N_(
            "How exactly the model keeps what it has read. q8_0 takes half the memory of f16, q4_0 a quarter."
        ),
    ),
    "memory_limit_mib": (
        N_("Memory for a model"),
        N_("How much of this computer's memory a model may take at most, in MiB. 0: what is free."),
    ),
    "idle_unload_minutes": (
        N_("Rest after"),
        N_(
            "After so many minutes without a question the model leaves the memory;"
            " the next question loads it again. 0: never."
        ),
    ),
    "devices": (
        N_("Graphics cards"),
        N_(
            "Which of them a model may use: their names with commas between, or “none”. Empty: all that suit."
        ),
    ),
    "runtime": (
        N_("Runtime"),
        N_(
            "What runs the models: “auto”, “built-in”, or the name or folder of one made for a graphics card."
        ),
    ),
    "kept_chats_mib": (
        N_("Space for recent chats"),
        N_(
            "What the model has read of recent chats is kept on the disk, in MiB, so that they go on at once."
            " 0: nothing is kept."
        ),
    ),
    "guess_ahead": (
        N_("Guess ahead"),
        N_("Replies that quote your text or your documents come faster. The model checks every word."),
    ),
    "system_prompt": (
        N_("System prompt"),
        N_("What the model is told before every new chat: who it is and how it should answer."),
    ),
    "thinking": (
        N_("Think before answering"),
        N_("Whether a model that can think before it answers does so. Some think whatever is set here."),
    ),
    **REPLY_SETTINGS,
    "embedder_path": (
        N_("Search model"),
        N_("What finds passages in your documents. Another one reads all of them anew, in the background."),
    ),
    "reranker_path": (
        N_("Reranker"),
        N_(
            "The folder of a cross-encoder that reads the passages found once more beside your question, and"
            " puts the best in front. Better order, slower searches. Empty: none."
        ),
    ),
    "excerpts": (
        N_("Excerpts per question"),
        N_("How many passages of your documents the model reads before it answers."),
    ),
    "word_weight_percent": (
        N_("Weight of words"),
        N_(
            "How much the words of a question count beside its meaning, of what was measured to be best. With"
            " 0 only meaning counts."
        ),
    ),
    "drawn_together": (
        N_("Passages vouch for each other"),
        N_("A passage that is like other good ones rises, one that stands alone falls."),
    ),
    "relevance_floor_percent": (
        N_("Least confidence"),
        N_("Passages that are less likely than this to hold the answer are not shown."),
    ),
    "chroma_host": (
        N_("Chroma server"),
        N_(
            "The name of a machine whose Chroma server is searched beside your own library: only the meaning"
            " of your question goes there, as numbers. Empty: none. Asked only while “Offline” is off."
        ),
    ),
    "chroma_port": (N_("Port of the Chroma server"), N_("8000, unless whoever runs it says otherwise.")),
    "chroma_tls": (
        N_("TLS for the Chroma server"),
        N_("Encrypts what goes there. Without it, everyone on the way can read it, the token too."),
    ),
    "chroma_share": (
        N_("Share my documents there"),
        N_(
            "Copies the text of all your documents to the Chroma server, with the names of files and the"
            " numbers of pages. Whoever may use the server can read it. Turned off, it is taken back."
        ),
    ),
    "say_nothing_found": (
        N_("Say when nothing was found"),
        N_(
            "Where no passage of the documents is likely to hold the answer, the reply says so, and the model"
            " is not asked. Without this, it answers from the nearest passages, whatever they are."
        ),
    ),
    "whole_documents": (
        N_("Read short documents whole"),
        N_(
            "Where the documents of a chat take half of the context window at most, the model reads all of"
            " them."
        ),
    ),
    "rewrite_questions": (
        N_("Complete follow-up questions"),
        N_(
            "Before a question such as “And on Sundays?” is searched for, the model writes it out. Without"
            " this, it is searched for together with the one before it."
        ),
    ),
}


def setting_label(name: str) -> str:
    """What a setting is called; its name where it has no label."""
    words = SETTING_WORDS.get(name)
    return _(words[0]) if words else name


def setting_help(name: str) -> str:
    """What a setting does, in one or two sentences."""
    words = SETTING_WORDS.get(name)
    return _(words[1]) if words else ""
