"""Every text that a schema's grammar lets through is JSON that the schema accepts."""

import json

import jsonschema
import pytest

from engine.errors import BadGrammar, BadSchema
from engine.grammar import checked
from engine.json_schema import schema_grammar
from tests.fakes.grammar_texts import text_of

PERSON = {
    "title": "Person",
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 12},
        "age": {"type": "integer"},
        "born": {"type": "string", "format": "date"},
        "mood": {"enum": ["good", "bad\n", '"so"', "\\", 3, None, {"a": [1]}]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
    },
    "required": ["age", "tags"],
}
TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "number"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["value", "next"],
        }
    },
    "$ref": "#/$defs/node",
}
SCHEMAS = {
    "person": PERSON,
    "tree": TREE,
    "anything": {},
    "true": True,
    "string": {"type": "string"},
    "several": {"type": ["string", "null", "boolean"], "maxLength": 4},
    "const": {"const": {"ñ": ["\u2028", "é"]}},
    "one of": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "array", "maxItems": 1}]},
    "any of": {"anyOf": [{"const": 1}, {"type": "object", "properties": {"a": {"type": "null"}}}]},
    "tuple": {"prefixItems": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "items": False},
    "tuple and more": {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}, "minItems": 2},
    "tuple of some": {
        "type": "array",
        "prefixItems": [{"type": "boolean"}, {"type": "boolean"}],
        "maxItems": 1,
    },
    "exact": {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "maxItems": 3},
    "empty list": {"type": "array", "items": {"type": "boolean"}, "maxItems": 0},
    "list": {"type": "array"},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "nothing in it": {"type": "object", "additionalProperties": False},
    "all optional": {"properties": {name: {"type": "boolean"} for name in ("a", 'b"', "c\\", "d/~e")}},
    "undeclared": {"type": "object", "required": ["x"], "additionalProperties": {"type": "null"}},
    "formats": {
        "prefixItems": [{"format": kind} for kind in ("date", "time", "date-time", "uuid")],
        "items": False,
    },
    "long": {"type": "string", "minLength": 3, "maxLength": 500},
    "definitions": {"definitions": {"a": {"type": "null"}}, "items": {"$ref": "#/definitions/a"}},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_text_of_the_grammar_is_json_that_the_schema_accepts(name: str) -> None:
    schema = SCHEMAS[name]
    grammar = checked(schema_grammar(json.dumps(schema)))
    validator = jsonschema.Draft202012Validator(schema)
    texts = {text for seed in range(60) if (text := text_of(grammar, seed, 600)) is not None}
    assert texts
    for text in texts:
        validator.validate(json.loads(text))
        text.encode()


def test_optional_properties_come_and_go_and_required_ones_stay() -> None:
    grammar = checked(schema_grammar(json.dumps(PERSON)))
    found = [json.loads(text) for seed in range(80) if (text := text_of(grammar, seed, 900)) is not None]
    assert all({"age", "tags"} <= one.keys() for one in found)
    assert any("name" in one for one in found)
    assert any("name" not in one for one in found)


@pytest.mark.parametrize(
    ("schema", "reason", "name", "place"),
    [
        ("{", "not_json", "", "#"),
        ("3", "no_schema", "", "#"),
        ('{"type": "thing"}', "type", "thing", "#"),
        ('{"type": "string", "pattern": "^a$"}', "unsupported", "pattern", "#"),
        ('{"properties": {"a": {"minimum": 0}}}', "unsupported", "minimum", "#/properties/a"),
        ('{"$ref": "https://example.org/s"}', "remote", "https://example.org/s", "#"),
        ('{"$ref": "other.json#/a"}', "remote", "other.json#/a", "#"),
        ('{"$ref": "#/$defs/a"}', "leads_nowhere", "#/$defs/a", "#"),
        ('{"$ref": "#/$defs/a", "type": "string"}', "beside", "$ref, type", "#"),
        ('{"anyOf": []}', "list_expected", "anyOf", "#/anyOf"),
        ('{"enum": []}', "list_expected", "enum", "#"),
        ('{"type": "integer", "enum": ["a"]}', "no_value", "enum", "#"),
        ('{"oneOf": [{"type": "string"}, {"const": "a"}]}', "one_of", "oneOf", "#"),
        ('{"oneOf": [{"type": "number"}, {"type": "integer"}]}', "one_of", "oneOf", "#"),
        ('{"type": "string", "format": "email"}', "format", "email", "#"),
        ('{"type": "string", "minLength": -1}', "size", "minLength", "#"),
        ('{"type": "array", "maxItems": 100000}', "size", "maxItems", "#"),
        ('{"type": "array", "minItems": 3, "maxItems": 2}', "backwards", "minItems", "#"),
        ('{"type": "string", "minLength": 3, "maxLength": 2}', "backwards", "minLength", "#"),
        ('{"properties": []}', "object_expected", "properties", "#"),
        ('{"required": "a"}', "list_expected", "required", "#"),
        ('{"required": ["a"], "additionalProperties": false}', "never", "a", "#"),
        ('{"anyOf": [{"type": "string"}, {"not": {}}]}', "unsupported", "not", "#/anyOf/1"),
    ],
)
def test_what_cannot_be_promised_is_refused_with_its_place(
    schema: str, reason: str, name: str, place: str
) -> None:
    with pytest.raises(BadSchema) as failed:
        schema_grammar(schema)
    params = failed.value.params
    assert (params["reason"], params["name"], params["place"]) == (reason, name, place)


def test_a_schema_that_leads_to_itself_without_end_is_refused() -> None:
    for schema in ({"$ref": "#"}, {"properties": {"a": {"$ref": "#"}}, "required": ["a"]}):
        with pytest.raises(BadGrammar):
            checked(schema_grammar(json.dumps(schema)))


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: dict[str, object] = {}
    for _ in range(80):
        schema = {"items": schema}
    with pytest.raises(BadSchema) as failed:
        schema_grammar(json.dumps(schema))
    assert failed.value.params["reason"] == "nested_deep"
    with pytest.raises(BadSchema) as failed:
        schema_grammar("[" * 100_000)
    assert failed.value.params["reason"] == "not_json"
