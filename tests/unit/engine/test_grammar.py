"""Grammars are read as llama.cpp reads them, and refused with place and reason where it could not go on."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import BadGrammar
from engine.grammar import MAX_KEPT_STACKS, Watch, checked
from engine.grammar_parser import parse
from tests.fakes.grammar_texts import grammars, text_of

CHESS = r"""
# a game in short
root ::= "1. " move " " move "\n" ([1-9] [0-9]? ". " move " " move "\n")+
move ::= (pawn | nonpawn | castle) [+#]?
nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
pawn ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
castle ::= "O-O" "-O"?
"""
ARITHMETIC = """root  ::= (expr "=" ws term "\\n")+
expr  ::= term ([-+*/] term)*
term  ::= ident | num | "(" ws expr ")" ws
ident ::= [a-z] [a-z0-9_]* ws
num   ::= [0-9]+ ws
ws    ::= [ \\t\\n]*
"""
JSON = r"""root ::= object
value ::= object | array | string | number | ("true" | "false" | "null") ws
object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
array ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\"" ([^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}))* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
ws ::= | " " | "\n" [ \t]{0,20}
"""


def refusal(grammar: str) -> tuple[object, object, object, object]:
    with pytest.raises(BadGrammar) as failed:
        checked(grammar)
    params = failed.value.params
    return params["reason"], params["name"], params["line"], params["column"]


@pytest.mark.parametrize("grammar", [CHESS, ARITHMETIC, JSON], ids=["chess", "arithmetic", "json"])
def test_grammars_as_people_write_them_are_taken(grammar: str) -> None:
    assert checked(grammar) == grammar
    assert any(text_of(grammar, seed) for seed in range(20))


@pytest.mark.parametrize(
    ("grammar", "reason", "name", "line", "column"),
    [
        ("", "empty", "", 1, 1),
        ("  # only this\n", "empty", "", 2, 1),
        ('a ::= "x"', "no_root", "", 1, 1),
        ('root = "x"', "define_expected", "root", 1, 6),
        ('::= "x"', "name_expected", "", 1, 1),
        ('root ::= "x" )', "unexpected", ")", 1, 14),
        ('root ::= "x\n', "string_open", "", 1, 10),
        ("root ::= [a-z", "set_open", "", 1, 10),
        ("root ::= []", "set_empty", "", 1, 10),
        ("root ::= [\\x00]", "set_empty", "", 1, 10),
        ("root ::= [^\\x00-\\U0010FFFF]", "set_empty", "", 1, 10),
        ("root ::= [\\uD800-\\uDFFF]", "set_empty", "", 1, 10),
        ('root ::= "\\q"', "escape", "\\q", 1, 11),
        ('root ::= "\\x4"', "hex", "2", 1, 11),
        ('root ::= "\\U00110000"', "code_point", "", 1, 11),
        ('root ::= "\\uD800"', "code_point", "", 1, 11),
        ('root ::= "\\x00"', "code_point", "", 1, 11),
        ("root ::= [z-a]", "range_backwards", "", 1, 11),
        ("root ::= *", "nothing_to_repeat", "*", 1, 10),
        ('root ::= ""+', "nothing_to_repeat", "+", 1, 12),
        ('root ::= "a"{}', "number_expected", "", 1, 14),
        ('root ::= "a"{1', "repeat_open", "", 1, 13),
        ('root ::= "a"{3,1}', "repeat_backwards", "", 1, 13),
        ('root ::= "a"{2000}', "repeat_many", "1999", 1, 14),
        ('root ::= ("a"{0,50}){50}', "repeat_many", "1999", 1, 21),
        ('root ::= ("a" | ', "group_open", "", 1, 10),
        (f'root ::= {"(" * 65}"a"{")" * 65}', "nested_deep", "64", 1, 74),
        ("root ::= <think>", "token_refused", "", 1, 10),
        ("root ::= !<[3]>", "token_refused", "", 1, 10),
        ('root ::= "a"\nroot ::= "b"', "defined_twice", "root", 2, 1),
        ('root ::= "a" |\n  other', "undefined", "other", 2, 3),
        ('root ::= root "a" | "b"', "left_recursion", "root", 1, 1),
        ('root ::= a\na ::= b\nb ::= ws a | "x"\nws ::= " "*', "left_recursion", "a", 2, 1),
        ('root ::= ("a"?)*', "left_recursion", "root", 1, 1),
        ('root ::= "a" root', "endless", "root", 1, 1),
        ('root ::= "a" | b\nb ::= "(" b ")"', "endless", "b", 2, 1),
        ('root ::= "a" root "y" | "a" root "z" | ""', "ambiguous", "root", 1, 1),
        ("root ::= \0", "zero_character", "", 1, 10),
        ("x" * 200_001, "too_long", "", 1, 1),
        ('root ::= "' + "x" * 100 + '"{1500}', "too_large", "100000", 1, 118),
    ],
)
def test_what_native_code_must_not_see_is_refused_with_place_and_reason(
    grammar: str, reason: str, name: str, line: int, column: int
) -> None:
    assert refusal(grammar) == (reason, name, line, column)


def test_beginnings_that_multiply_from_rule_to_rule_are_refused_at_once() -> None:
    rules = [f"a{number} ::= a{number + 1} | a{number + 1}" for number in range(40)]
    grammar = "\n".join(["root ::= a0", *rules, 'a40 ::= "x"'])
    assert refusal(grammar)[0] == "beginnings"


def test_a_long_list_of_words_is_no_multiplication() -> None:
    words = " | ".join(f'"word{number}"' for number in range(900))
    assert checked(f'root ::= word (", " word)*\nword ::= {words}')


def test_a_reply_that_finds_an_ambiguity_ends_before_memory_does() -> None:
    grammar = 'root ::= "abc" root "y" | "abc" root "z" | [a-z] root | ""'
    watch = Watch(grammar)
    with pytest.raises(BadGrammar) as failed:
        watch.push(b"abc" * 40)
    assert failed.value.params["reason"] == "ambiguous"


def test_following_a_deep_text_costs_no_recursion() -> None:
    watch = Watch('root ::= "(" root ")" | "x"')
    for _ in range(20_000):
        watch.push(b"(")
    watch.push(b"x)")
    assert MAX_KEPT_STACKS > 2


def test_characters_that_come_in_several_tokens_are_followed_whole() -> None:
    watch = Watch('root ::= "é"* "y"')
    for byte in "éé".encode():
        watch.push(bytes([byte]))
    watch.push(b"y")


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grammar=st.one_of(grammars, st.text('root:=|()[]{}*+?"abc-^\\xu0 \n#.<>!,1', max_size=60)))
def test_whatever_is_typed_is_taken_or_refused_and_never_anything_else(grammar: str) -> None:
    try:
        checked(grammar)
    except BadGrammar as error:
        line, column = int(error.params["line"]), int(error.params["column"])
        rows = grammar.split("\n")
        assert 1 <= line <= len(rows)
        assert 1 <= column <= len(rows[line - 1]) + 1
    else:
        assert "root" in parse(grammar).alternatives
        text_of(grammar, 1, 60)
