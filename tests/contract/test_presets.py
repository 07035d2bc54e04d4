"""Presets and reply values of every core, the real one and the one of the window's tests."""

from desktop.core.contract import Core
from desktop.core.types import ReplyOptions
from tests.contract.conftest import code_of
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S

MODEL = "/home/ana/modelos/tiny.gguf"


def test_some_presets_come_with_the_program_and_change_nothing_by_themselves(core: Core) -> None:
    presets = core.list_presets().result(PATIENCE_S)
    assert [preset.name for preset in presets] == ["precise", "balanced", "creative", "greedy"]
    assert not any(preset.own for preset in presets)
    found = core.reply_values().result(PATIENCE_S)
    assert set(found.sources.values()) == {"settings"}
    assert found.values["temperature"] == core.setting("temperature")


def test_a_preset_of_ones_own_is_saved_listed_applied_and_deleted(core: Core) -> None:
    saved = core.save_preset("Poemas", {"temperature": 1.4, "stop": "FIN\n\\n\\n"}).result(PATIENCE_S)
    assert saved.own
    assert saved in core.list_presets().result(PATIENCE_S)
    chat = core.create_chat().result(PATIENCE_S).info.id
    found = core.apply_preset("poemas", chat=chat).result(PATIENCE_S)
    assert (found.values["temperature"], found.sources["temperature"]) == (1.4, "chat")
    assert found.sources["top_k"] == "settings"
    core.save_preset("Poemas", {"temperature": 0.3}).result(PATIENCE_S)
    assert [p.values for p in core.list_presets().result(PATIENCE_S) if p.own] == [{"temperature": 0.3}]
    core.delete_preset("Poemas").result(PATIENCE_S)
    assert not any(preset.own for preset in core.list_presets().result(PATIENCE_S))
    assert core.reply_values(chat=chat).result(PATIENCE_S).values["temperature"] == 1.4


def test_a_chats_values_count_before_its_models_and_those_before_the_settings(core: Core) -> None:
    core.set_setting("top_k", 11).result(PATIENCE_S)
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.set_reply_values({"temperature": 0.5, "top_p": 0.5}, model=MODEL).result(PATIENCE_S)
    core.set_reply_values({"temperature": 0.9}, chat=chat).result(PATIENCE_S)
    found = core.reply_values(chat=chat, model=MODEL).result(PATIENCE_S)
    names = ("temperature", "top_p", "top_k")
    assert [found.values[name] for name in names] == [0.9, 0.5, 11]
    assert [found.sources[name] for name in names] == ["chat", "model", "settings"]
    assert core.apply_preset("", chat=chat).result(PATIENCE_S).sources["temperature"] == "settings"
    assert core.reply_values(chat=chat, model=MODEL).result(PATIENCE_S).sources["temperature"] == "model"


def test_bad_presets_and_values_are_refused_each_by_its_own_code(core: Core) -> None:
    assert code_of(core.apply_preset("unheard of", chat=1)) == "unknown_preset"
    assert code_of(core.delete_preset("precise")) == "unknown_preset"
    assert code_of(core.save_preset("Precise", {})) == "bad_preset_name"
    assert code_of(core.save_preset("  ", {})) == "bad_preset_name"
    chat = core.create_chat().result(PATIENCE_S).info.id
    for values in (
        {"temperature": 9.0},
        {"system_prompt": "x"},
        {"temperature": "hot"},
        {"logit_bias": "no number"},
        {"logit_bias": "a = 900"},
        {"adapters": "x.gguf = much"},
    ):
        assert code_of(core.save_preset("Mine", values)) == "bad_setting"
        assert code_of(core.set_reply_values(values, chat=chat)) == "bad_setting"
    assert code_of(core.save_preset("Mine", {"stop": "x" * 300})) == "text_too_long"
    assert code_of(core.set_reply_values({"temperature": 1.0}, chat=999)) == "unknown_chat"


def test_an_answer_takes_a_preset_and_values_of_its_own_once(core: Core) -> None:
    options = ReplyOptions("greedy", {"max_reply_tokens": 4})
    answer = core.answer((), "Hello", options=options).result(PATIENCE_S)
    assert answer.text
    if not isinstance(core, FakeCore):
        assert answer.stats.record is not None
        assert answer.stats.record.sampling.temperature == 0.0
        assert answer.stats.generated_tokens == 4
    assert code_of(core.answer((), "Hello", options=ReplyOptions("nope"))) == "unknown_preset"
    wrong = ReplyOptions(values={"temperature": 99.0})
    assert code_of(core.answer((), "Hello", options=wrong)) == "bad_setting"
    assert core.reply_values().result(PATIENCE_S).sources["temperature"] == "settings"
