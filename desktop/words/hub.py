"""What a person reads when a hub or a download failed. Part of the table of desktop.words.problems."""

from collections.abc import Mapping

from desktop.i18n import N_

HUB_WORDS: Mapping[str, tuple[str, str]] = {
    "offline": (
        N_("Sobremesa is set to stay off the network."),
        N_("Turn off “Offline” in the settings, or allow the network for one command with --online."),
    ),
    "bad_repository": (
        N_("“{name}” is not a repository of models at {host}."),
        N_("Write it as “owner/name”, or copy the address of its page."),
    ),
    "hub_error": (N_("{host} did not do what it was asked for."), N_("Try again in a while.")),
    "hub_unreachable": (
        N_("{host} cannot be reached."),
        N_("Check that this computer is connected to the internet, and try again."),
    ),
    "hub_broke": (
        N_("The connection to {host} broke off again and again."),
        N_("What came is kept. Try again, and the download goes on from there."),
    ),
    "hub_busy": (
        N_("{host} has too much to do just now."),
        N_("What came is kept. Try again in a while."),
    ),
    "hub_strange": (
        N_("What {host} answered makes no sense."),
        N_("Does your network ask you to log in first? If not, check the hub's address in the settings."),
    ),
    "hub_refused": (
        N_("{host} does not let you have {name}."),
        N_("Look at its page, or choose another model."),
    ),
    "hub_repository_not_found": (
        N_("{host} has no repository called {name}, or does not show it to everyone."),
        N_("Check its name. For a private one, put your access token into the variable HF_TOKEN."),
    ),
    "hub_repository_gated": (
        N_("The makers of {name} ask you to accept their licence first."),
        N_(
            "Accept it at {address}. Then start Sobremesa with your access token in the variable HF_TOKEN: "
            "it is sent to {host} alone, and never stored."
        ),
    ),
    "hub_file_not_offered": (
        N_("{name} has no model {file}."),
        N_("Look at what it offers: sobremesa models download {name} --list"),
    ),
    "hub_no_models": (
        N_("There is no model in {name} that Sobremesa can run."),
        N_("It runs GGUF files. Look for a repository of this model whose name says GGUF."),
    ),
    "hub_no_search_model": (
        N_("There is no search model in {name} that Sobremesa can use."),
        N_(
            "It uses repositories of sentence-transformers with model.safetensors and modules.json, and ONNX "
            "ones that average their tokens. Weights that may hold programs (.bin, .pt) are never downloaded."
        ),
    ),
    "hub_file_replaced": (
        N_("{file} was replaced by another one at {host} while its download was paused."),
        N_("What had come of the old one is deleted. Download it again to get the new one."),
    ),
    "download_damaged": (
        N_("What came of {file} is not what {host} says it is, so it was deleted."),
        N_("Download it again. If that happens often, something on the way changes what you receive."),
    ),
    "download_running": (
        N_("{file} is being downloaded already."),
        N_("Wait until it is done, or pause it where it was started."),
    ),
    "download_not_written": (
        N_("{file} could not be written."),
        N_("Allow your user to write in {folder}, and try again. What came is kept."),
    ),
}
