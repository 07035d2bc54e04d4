"""How well a page reads."""

from rag.reading.quality import GOOD_ENOUGH, readability


def test_plain_prose_reads_well_and_an_empty_page_is_no_reason_to_look_further() -> None:
    assert readability(["La", "guía", "de", "referencia", "de", "Debian"]) == 1.0
    assert readability([]) == 1.0


def test_glued_words_read_badly() -> None:
    assert readability(["GuíadereferenciadeDebianparatodos", "capítulo"]) < GOOD_ENOUGH


def test_characters_without_meaning_read_badly() -> None:
    assert readability(["\ufffd\ufffd\ue001", "ok"]) < GOOD_ENOUGH


def test_addresses_rules_and_scripts_without_spaces_are_no_fault() -> None:
    words = [
        "https://www.debian.org/doc/manuals/reference",
        "." * 60,
        "光明莫斯利安巴氏杀菌酸牛奶" * 4,
        "text",
    ]
    assert readability(words) == 1.0
