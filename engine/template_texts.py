"""Chat templates of our own, for model files that bring none. Renders nothing, guesses only when asked.

Each is written down as its makers describe the format; tests compare them with real templates where
those are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.errors import UnknownTemplate

COMPLETION: Final = "completion"
CUSTOM: Final = "custom"


@dataclass(frozen=True)
class KnownTemplate:
    """`name` is for settings and commands, `title` for people.

    `stop` ends a reply of a model whose vocabulary does not know the format's own ends. `markers` are control
    tokens that tell a vocabulary made for this format.
    """

    name: str
    title: str
    source: str
    stop: tuple[str, ...]
    markers: tuple[str, ...] = ()


CHATML = KnownTemplate(
    "chatml",
    "ChatML",
    r"""{%- for message in messages -%}
    {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}""",
    ("<|im_end|>", "<|im_start|>"),
    ("<|im_start|>", "<|im_end|>"),
)

LLAMA_3 = KnownTemplate(
    "llama3",
    "Llama 3",
    r"""{{- bos_token -}}
{%- for message in messages -%}
    {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' -}}
    {{- message.content | trim -}}
    {{- '<|eot_id|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' -}}{%- endif -%}""",
    ("<|eot_id|>", "<|start_header_id|>"),
    ("<|start_header_id|>", "<|eot_id|>"),
)

GEMMA = KnownTemplate(
    "gemma",
    "Gemma",
    r"""{{- bos_token -}}
{%- set ns = namespace(before='') -%}
{%- for message in messages -%}
    {%- if message.role == 'system' -%}
        {%- set ns.before = ns.before + message.content + '\n\n' -%}
    {%- else -%}
        {{- '<start_of_turn>' + ('model' if message.role == 'assistant' else 'user') + '\n' -}}
        {{- (ns.before + message.content) | trim -}}
        {{- '<end_of_turn>\n' -}}
        {%- set ns.before = '' -%}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<start_of_turn>model\n' -}}{%- endif -%}""",
    ("<end_of_turn>", "<start_of_turn>"),
    ("<start_of_turn>", "<end_of_turn>"),
)

PHI_3 = KnownTemplate(
    "phi3",
    "Phi-3",
    r"""{%- for message in messages -%}
    {{- '<|' + message.role + '|>\n' + message.content + '<|end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>\n' -}}{%- endif -%}""",
    ("<|end|>", "<|user|>"),
    ("<|user|>", "<|assistant|>", "<|end|>"),
)

ZEPHYR = KnownTemplate(
    "zephyr",
    "Zephyr",
    r"""{%- for message in messages -%}
    {{- '<|' + message.role + '|>\n' + message.content + eos_token + '\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>\n' -}}{%- endif -%}""",
    ("<|user|>", "<|system|>"),
    ("<|user|>", "<|assistant|>", "<|system|>"),
)

MISTRAL = KnownTemplate(
    "mistral",
    "Mistral",
    r"""{{- bos_token -}}
{%- set ns = namespace(before='') -%}
{%- for message in messages -%}
    {%- if message.role == 'system' -%}
        {%- set ns.before = ns.before + message.content + '\n\n' -%}
    {%- elif message.role == 'user' -%}
        {{- '[INST] ' + ns.before + message.content + ' [/INST]' -}}
        {%- set ns.before = '' -%}
    {%- else -%}
        {{- message.content + eos_token -}}
    {%- endif -%}
{%- endfor -%}""",
    ("[INST]",),
    ("[INST]", "[/INST]"),
)

LLAMA_2 = KnownTemplate(
    "llama2",
    "Llama 2",
    r"""{%- set ns = namespace(before='') -%}
{%- for message in messages -%}
    {%- if message.role == 'system' -%}
        {%- set ns.before = '<<SYS>>\n' + message.content + '\n<</SYS>>\n\n' -%}
    {%- elif message.role == 'user' -%}
        {{- bos_token + '[INST] ' + (ns.before + message.content) | trim + ' [/INST]' -}}
        {%- set ns.before = '' -%}
    {%- else -%}
        {{- ' ' + message.content | trim + ' ' + eos_token -}}
    {%- endif -%}
{%- endfor -%}""",
    ("[INST]",),
)

ALPACA = KnownTemplate(
    "alpaca",
    "Alpaca",
    r"""{%- set heads = {'user': '### Instruction:\n', 'assistant': '### Response:\n'} -%}
{%- for message in messages -%}
    {{- heads.get(message.role, '') + message.content + '\n\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '### Response:\n' -}}{%- endif -%}""",
    ("### Instruction:",),
)

VICUNA = KnownTemplate(
    "vicuna",
    "Vicuna",
    r"""{%- for message in messages -%}
    {%- if message.role == 'assistant' -%}
        {{- 'ASSISTANT: ' + message.content + eos_token -}}
    {%- else -%}
        {{- ('USER: ' if message.role == 'user' else '') + message.content + ' ' -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}""",
    ("USER:",),
)

# in the order in which a person is offered them, and in which a vocabulary is compared with them
KNOWN: Final = (CHATML, LLAMA_3, GEMMA, MISTRAL, PHI_3, ZEPHYR, LLAMA_2, ALPACA, VICUNA)
NAMES: Final = tuple(template.name for template in KNOWN)


def known_template(name: str) -> KnownTemplate:
    """Raises UnknownTemplate."""
    for template in KNOWN:
        if template.name == name:
            return template
    raise UnknownTemplate(name=name)


def guess(has_marker: Callable[[str], bool]) -> str:
    """The name of the template whose markers a vocabulary knows as control tokens; "" where none fits.

    A guess to be offered: base models often share the vocabulary of their chat model.
    """
    for template in KNOWN:
        if template.markers and all(map(has_marker, template.markers)):
            return template.name
    return ""
