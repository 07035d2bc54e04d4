"""Plans that a person begins with one click, and what becomes of one over texts of their own."""

from msgspec.structs import replace

from desktop.core.types.training import DataPreview
from desktop.view_models.workshop.presets import OWN_STEPS, PRESETS, for_own_texts, preset

SPAM = preset("spam", "en", "Spam or not", "base.gguf")
OWN = replace(SPAM, sample="", inputs=("mails.jsonl",))


def of(count: int, tokens: int) -> DataPreview:
    return DataPreview("labels", count, count // 10, 100 * count, tokens=(tokens,) * count)


def test_more_is_learnt_from_texts_of_one_s_own_as_long_as_there_are_some() -> None:
    few, some, many = (for_own_texts(OWN, of(count, 300)) for count in (30, 300, 5000))
    assert few.learn == some.learn == many.learn == "lora"
    assert few.settings.steps == OWN_STEPS[0]
    assert OWN_STEPS[0] < some.settings.steps < many.settings.steps == OWN_STEPS[1]
    # short texts share rows: as many of them need fewer steps
    assert for_own_texts(OWN, of(300, 60)).settings.steps < some.settings.steps
    assert for_own_texts(replace(few, name="x"), of(30, 300)) == replace(few, name="x")


def test_ours_and_what_a_person_chose_stay_as_they_are() -> None:
    quick = replace(OWN, settings=replace(OWN.settings, steps=7))
    for plan in (SPAM, quick, replace(OWN, learn="head"), PRESETS["notes"]):
        assert for_own_texts(plan, of(300, 300)) == plan
    threads = replace(OWN, settings=replace(OWN.settings, threads=1))
    assert for_own_texts(threads, of(300, 300)).settings.threads == 1
