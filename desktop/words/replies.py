"""What a person reads about how replies are made: errors and their reasons, settings, presets.

Knows no value. The tables of desktop.words.problems and desktop.words.settings take these in.
"""

from collections.abc import Mapping

from desktop.i18n import N_, _

# code: (what happened, what to do). {why} is one of REASONS.
REPLY_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "text_empty": (
        N_("“{name}” has an empty entry."),
        N_("Take it away, or write something into it."),
    ),
    "text_too_long": (
        N_("An entry of “{name}” has {length} characters; {limit} are allowed."),
        N_("Shorten it: the beginning is enough to recognize it by."),
    ),
    "too_many_texts": (
        N_("“{name}” has {count} entries; {limit} are allowed."),
        N_("Keep those that matter most."),
    ),
    "no_such_token": (
        N_("Token {token} does not exist: this model has {vocabulary} tokens, numbered from 0."),
        N_("Use a smaller number, or name the token by its text."),
    ),
    "not_one_token": (
        N_("“{text}” is {tokens} tokens of this model, not one."),
        N_("Choose a text that is exactly one token, with or without a blank before it, or its number."),
    ),
    "bad_grammar": (
        N_("The grammar cannot be followed: {why} (line {line}, column {column})."),
        N_("Correct it there, or ask without a grammar."),
    ),
    "bad_schema": (
        N_("The JSON schema cannot be followed: {why} (at {place})."),
        N_("Change it there, or ask without a schema."),
    ),
    "grammar_stuck": (
        N_("The model has no way to go on as the grammar or the schema wants it."),
        N_("What was written is kept. Loosen it at that place, or try another model."),
    ),
    "bad_adapter": (
        N_("{path} cannot be used as an adapter of {model}: {why}."),
        N_("Choose a LoRA adapter in GGUF that was made for this very model."),
    ),
    "unknown_preset": (
        N_("There is no preset of yours called “{name}”."),
        N_("Look at the list of presets. Those that came with Sobremesa cannot be removed."),
    ),
    "bad_preset_name": (
        N_("A preset cannot be called “{name}”."),
        N_("Choose another name, of at most {limit} characters."),
    ),
    "file_unreadable": (
        N_("{path} could not be read as text."),
        N_("Check that {path_path} is there, can be read, and is UTF-8."),
    ),
}

REASONS: Mapping[str, str] = {
    # of grammars
    "empty": N_("it has no rule"),
    "too_long": N_("it is too long"),
    "zero_character": N_("there is a zero character in it"),
    "name_expected": N_("the name of a rule should stand here"),
    "define_expected": N_("“::=” should follow the name {name}"),
    "unexpected": N_("“{name}” cannot stand here"),
    "string_open": N_("a text in quotation marks is not closed"),
    "set_open": N_("a set of characters is not closed"),
    "set_empty": N_("a set of characters holds none"),
    "escape": N_("“{name}” means nothing"),
    "hex": N_("{name} hexadecimal digits should stand here"),
    "code_point": N_("no such character exists"),
    "range_backwards": N_("a range of characters ends before it begins"),
    "nothing_to_repeat": N_("“{name}” has nothing to repeat"),
    "number_expected": N_("a number should stand here"),
    "repeat_open": N_("a repetition is not closed"),
    "repeat_backwards": N_("a repetition ends before it begins"),
    "repeat_many": N_("so much is repeated that it is more than {name} rules"),
    "group_open": N_("a parenthesis is not closed"),
    "nested_deep": N_("it is nested deeper than {name} levels"),
    "token_refused": N_("tokens in angle brackets are not supported"),
    "defined_twice": N_("the rule {name} is defined twice"),
    "undefined": N_("the rule {name} is not defined"),
    "no_root": N_("no rule is called “root”"),
    "left_recursion": N_("the rule {name} leads back to itself before any character"),
    "beginnings": N_("the rule {name} can begin in too many ways"),
    "endless": N_("the rule {name} never comes to an end"),
    "ambiguous": N_("the same text can be meant in ever more ways"),
    "too_large": N_("it becomes too large"),
    "native": N_("llama.cpp does not take it"),
    "beside_schema": N_("a grammar and a JSON schema cannot be used together"),
    # of schemas
    "not_json": N_("it is not JSON"),
    "no_schema": N_("an object, or true, should stand here"),
    "unsupported": N_("“{name}” is not supported"),
    "beside": N_("{name} cannot stand together"),
    "remote": N_("“{name}” leads out of the schema, and nothing is fetched"),
    "leads_nowhere": N_("“{name}” leads nowhere"),
    "list_expected": N_("“{name}” should be a list with something in it"),
    "object_expected": N_("“{name}” should be an object"),
    "one_of": N_("oneOf needs alternatives of different types; anyOf takes any"),
    "no_value": N_("none of its values has its type"),
    "type": N_("there is no type “{name}”"),
    "never": N_("nothing can stand as “{name}”"),
    "format": N_("the format “{name}” is not supported"),
    "backwards": N_("“{name}” is more than there can be"),
    "size": N_("“{name}” should be a whole number from 0 to 500"),
    "circle": N_("it leads back to itself without anything in between, or never comes to an end"),
    # of adapters
    "no_adapter": N_("the file is no LoRA adapter"),
    "adapter_missing": N_("the file is not there"),
    "adapter_unreadable": N_("the file cannot be read"),
    "adapter_cut": N_("its end is missing"),
    "adapter_damaged": N_("the file is damaged"),
    "other_architecture": N_("it was made for models of the kind “{name}”"),
    "no_tensors": N_("there is nothing in it"),
    "tensor_name": N_("its tensor {name} is none of an adapter"),
    "half_a_pair": N_("the other half of its tensor {name} is missing"),
    "no_such_tensor": N_("the model has no tensor {name}"),
    "tensor_shape": N_("its tensor {name} does not have the model's measures"),
    "tensor_type": N_("its tensor {name} is stored in a way that adapters are not"),
    "not_numbers": N_("its tensor {name} holds values that are no numbers"),
    "alora": N_("it is an adapter that switches itself on, which is not supported"),
    "not_loaded": N_("llama.cpp does not take it"),
}

# name: (label, help)
REPLY_SETTINGS: Mapping[str, tuple[str, str]] = {
    "temperature": (
        N_("Temperature"),
        N_("Low: sober and always alike. High: lively and surprising. 0: always the likeliest."),
    ),
    "top_k": (N_("Top K"), N_("Draw each token from this many of the likeliest. 0: from all.")),
    "top_p": (
        N_("Top P"),
        N_("Draw each token from the likeliest that together reach this probability."),
    ),
    "min_p": (
        N_("Min P"),
        N_("Leave out tokens less likely than this share of the likeliest one."),
    ),
    "typical_p": (
        N_("Typical P"),
        N_("Draw from tokens about as surprising as the text on average. 1: off."),
    ),
    "top_n_sigma": (
        N_("Top N sigma"),
        N_("Leave out tokens so many standard deviations below the likeliest. 0: off."),
    ),
    "temperature_range": (
        N_("Temperature range"),
        N_("How far the temperature follows the model's certainty, up and down. 0: not at all."),
    ),
    "temperature_exponent": (
        N_("Temperature exponent"),
        N_("How the temperature follows the model's certainty within its range."),
    ),
    "repeat_penalty": (N_("Repeat penalty"), N_("Above 1: the model repeats itself less.")),
    "frequency_penalty": (
        N_("Frequency penalty"),
        N_("The more often a token was written, the less likely it becomes. 0: off."),
    ),
    "presence_penalty": (
        N_("Presence penalty"),
        N_("A token that was written becomes less likely, however often. 0: off."),
    ),
    "penalty_tokens": (
        N_("Reach of the penalties"),
        N_("How many tokens of the reply the penalties look back. -1: all of it."),
    ),
    "dry_multiplier": (
        N_("DRY strength"),
        N_("How strongly the repetition of whole sequences is avoided. 0: off."),
    ),
    "dry_base": (N_("DRY base"), N_("How fast that grows with the length of the sequence.")),
    "dry_allowed_length": (
        N_("DRY allowed length"),
        N_("Sequences up to this many tokens may repeat freely."),
    ),
    "dry_tokens": (
        N_("DRY reach"),
        N_("How many tokens of the reply it looks back for repetitions. -1: all of it."),
    ),
    "dry_breakers": (
        N_("DRY breakers"),
        N_("Texts that end a sequence, one in each line. \\n stands for a new line."),
    ),
    "xtc_probability": (
        N_("XTC probability"),
        N_("How often the likeliest tokens are left out, for more variety. 0: never."),
    ),
    "xtc_threshold": (
        N_("XTC threshold"),
        N_("Which tokens count as the likeliest there: those above this probability."),
    ),
    "mirostat": (
        N_("Mirostat"),
        N_("Keeps the text equally surprising throughout, in version 1 or 2. 0: off."),
    ),
    "mirostat_tau": (N_("Mirostat surprise"), N_("How surprising the text is kept.")),
    "mirostat_eta": (N_("Mirostat rate"), N_("How fast it corrects itself.")),
    "seed": (
        N_("Seed"),
        N_("The same number with the same question gives the same answer. -1: another one each time."),
    ),
    "max_reply_tokens": (
        N_("Longest reply"),
        N_("Where a reply ends at the latest, in tokens. 0: when the context window is full."),
    ),
    "stop": (
        N_("Stop texts"),
        N_("The reply ends where one of these would begin, one in each line. \\n stands for a new line."),
    ),
    "logit_bias": (
        N_("Token bias"),
        N_("Makes tokens likelier or rarer: TEXT = NUMBER in each line, from -100 (never) to 100."),
    ),
    "adapters": (
        N_("LoRA adapters"),
        N_("GGUF files that change the model, one in each line: PATH, or PATH = STRENGTH."),
    ),
    "alternatives": (
        N_("Alternatives"),
        N_("For each token, how many that could have stood there are kept with the reply. 0: none."),
    ),
}

# what came with the program, by name: (label, help)
PRESET_WORDS: Mapping[str, tuple[str, str]] = {
    "precise": (N_("Precise"), N_("Sober, and much the same each time.")),
    "balanced": (N_("Balanced"), N_("As Sobremesa answers when nothing else is chosen.")),
    "creative": (N_("Creative"), N_("Lively, with surprising turns.")),
    "greedy": (N_("Greedy"), N_("Always the likeliest token: the same reply each time.")),
}


def preset_label(name: str) -> str:
    """What a preset is called: the person's own as they named it."""
    words = PRESET_WORDS.get(name)
    return _(words[0]) if words else name


def preset_help(name: str) -> str:
    words = PRESET_WORDS.get(name)
    return _(words[1]) if words else ""
