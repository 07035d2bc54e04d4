"""From a JSON schema to a grammar whose every text is JSON that the schema accepts. Runs no native code.

Takes the part of JSON Schema that can be promised, and says plainly what it does not take; nothing is
fetched. `llama_cpp.json_schema_to_gbnf` is not used: see packaging/decisions/0080. Source:
https://json-schema.org/draft/2020-12
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import msgspec

from engine.errors import BadSchema

MAX_BYTES: Final = 200_000
MAX_DEPTH: Final = 64
MAX_COUNT: Final = 500  # of items or characters: each becomes a rule

ANNOTATIONS: Final = frozenset(
    (
        *("$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "title", "description"),
        *("default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("contentMediaType", "contentEncoding"),
    )
)
SUPPORTED: Final = frozenset(
    (
        *("type", "enum", "const", "$ref", "anyOf", "oneOf"),
        *("properties", "required", "additionalProperties"),
        *("items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "format"),
    )
)

_PRIMITIVES: Final = {
    "space": '" "?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "number": 'integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
    # no control characters, and no half of a surrogate pair, which is no text
    "char": r'[^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" ([0-9a-cA-CeEfF] [0-9a-fA-F]{3} | '
    r"[dD] [0-7] [0-9a-fA-F]{2}))",
    "string": r'"\"" char* "\""',
    "value": "object | array | string | number | boolean | null",
    "array": '"[" space (value ("," space value)*)? "]"',
    "object": '"{" space (string ":" space value ("," space string ":" space value)*)? "}"',
    "date": r'[1-9] [0-9]{3} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])',
    "time": r'([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? '
    r'("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])',
    "date-time": 'date "T" time',
    "uuid": '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
}
_NEEDS: Final = {
    "number": ("integer",),
    "string": ("char",),
    "value": ("object", "array", "string", "number", "boolean", "null"),
    "array": ("value", "space"),
    "object": ("string", "value", "space"),
    "date-time": ("date", "time"),
}
_TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")
_FORMATS: Final = ("date", "time", "date-time", "uuid")

Schema = Mapping[str, Any]


def schema_grammar(text: str) -> str:
    """The grammar of the texts that the schema in `text` accepts. Raises BadSchema."""
    if len(text) > MAX_BYTES:
        raise BadSchema(reason="too_long", name="", place="#")
    try:
        schema = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise BadSchema(str(error), reason="not_json", name="", place="#") from error
    return _Writer(schema).grammar()


class _Writer:
    """Writes rules as it goes through the schema. A place is a JSON pointer into it."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._rules: dict[str, str] = {}
        self._of_place: dict[str, str] = {}  # where a $ref leads -> its rule
        self._depth = 0

    def grammar(self) -> str:
        self._rules["root"] = self._rule_at("#", self._schema)
        return "\n".join(f"{name} ::= {body}" for name, body in self._rules.items()) + "\n"

    # ── schemas ──

    def _rule_at(self, place: str, schema: Any) -> str:
        """The name of the rule for what stands at `place`."""
        known = self._of_place.get(place)
        if known is not None:
            return known
        name = self._of_place[place] = f"r{len(self._of_place)}"
        self._rules[name] = ""  # it may refer to itself
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail("nested_deep", str(MAX_DEPTH), place)
        self._rules[name] = self._body(schema, place)
        self._depth -= 1
        return name

    def _body(self, schema: Any, place: str) -> str:
        if schema is True or schema == {}:
            return self._primitive("value")
        if not isinstance(schema, dict):
            self._fail("no_schema", "", place)
        for key in schema:
            if key not in SUPPORTED and key not in ANNOTATIONS:
                self._fail("unsupported", key, place)
        for key, write in self._whole().items():
            if key in schema:
                self._alone(schema, key, place)
                return write(schema, place)
        return self._of_types(schema, place)

    def _whole(self) -> dict[str, Callable[[Schema, str], str]]:
        """Keywords that say all there is to say, each with how it is written."""
        return {
            "$ref": self._ref,
            "anyOf": lambda schema, place: self._any_of(schema["anyOf"], f"{place}/anyOf"),
            "oneOf": self._one_of,
            "const": lambda schema, place: self._values([schema["const"]], schema, place),
            "enum": lambda schema, place: self._values(schema["enum"], schema, place),
        }

    def _alone(self, schema: Schema, key: str, place: str) -> None:
        """What stands beside such a keyword would narrow it further. A type may stand beside values."""
        allowed = {key, "type"} if key in ("const", "enum") else {key}
        for other in schema:
            if other in SUPPORTED and other not in allowed:
                self._fail("beside", f"{key}, {other}", place)

    def _ref(self, schema: Schema, place: str) -> str:
        ref = schema["$ref"]
        if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
            self._fail("remote", str(ref), place)
        target = self._schema
        for step in ref.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(target, list) and step.isdigit() and int(step) < len(target):
                target = target[int(step)]
            elif isinstance(target, dict) and step in target:
                target = target[step]
            else:
                self._fail("leads_nowhere", ref, place)
        return self._rule_at(ref, target)

    def _any_of(self, schemas: Any, place: str) -> str:
        if not isinstance(schemas, list) or not schemas:
            self._fail("list_expected", "anyOf", place)
        return " | ".join(self._rule_at(f"{place}/{number}", one) for number, one in enumerate(schemas))

    def _one_of(self, schema: Schema, place: str) -> str:
        """Exactly one may hold: promised only where their types tell them apart."""
        schemas = schema["oneOf"]
        kinds: list[str] = []
        for one in schemas if isinstance(schemas, list) else []:
            found = one.get("type", "") if isinstance(one, dict) else ""
            kinds.append("number" if found == "integer" else found if isinstance(found, str) else "")
        if "" in kinds or len(set(kinds)) < len(kinds):
            self._fail("one_of", "oneOf", place)
        return self._any_of(schemas, f"{place}/oneOf")

    def _values(self, values: Any, schema: Schema, place: str) -> str:
        if not isinstance(values, list) or not values:
            self._fail("list_expected", "enum", place)
        types = self._types(schema, place) if "type" in schema else _TYPES
        fitting = [value for value in values if any(_is(value, kind) for kind in types)]
        if not fitting:
            self._fail("no_value", "enum", place)
        return " | ".join(_quoted(_json(value)) for value in fitting)

    def _of_types(self, schema: Schema, place: str) -> str:
        types = self._types(schema, place)
        bodies = [self._of_type(kind, schema, place) for kind in types]
        return bodies[0] if len(bodies) == 1 else " | ".join(f"({body})" for body in bodies)

    def _types(self, schema: Schema, place: str) -> tuple[str, ...]:
        found = schema.get("type")
        if found is None:
            return self._implied(schema)
        types = tuple(found) if isinstance(found, list) else (found,)
        for kind in types:
            if kind not in _TYPES:
                self._fail("type", str(kind), place)
        if not types:
            self._fail("list_expected", "type", place)
        return types

    def _implied(self, schema: Schema) -> tuple[str, ...]:
        """Without a type, what its keywords are about; a text of another type would be accepted as well."""
        if {"properties", "required", "additionalProperties"} & schema.keys():
            return ("object",)
        if {"items", "prefixItems", "minItems", "maxItems"} & schema.keys():
            return ("array",)
        if {"minLength", "maxLength", "format"} & schema.keys():
            return ("string",)
        return ("value",)

    def _of_type(self, kind: str, schema: Schema, place: str) -> str:
        match kind:
            case "object" if {"properties", "required", "additionalProperties"} & schema.keys():
                return self._object(schema, place)
            case "array" if {"items", "prefixItems", "minItems", "maxItems"} & schema.keys():
                return self._array(schema, place)
            case "string" if {"minLength", "maxLength", "format"} & schema.keys():
                return self._string(schema, place)
        return self._primitive(kind)

    # ── objects, arrays, strings ──

    def _object(self, schema: Schema, place: str) -> str:
        """The declared properties in their order; others only where none are declared."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, dict):
            self._fail("object_expected", "properties", place)
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            self._fail("list_expected", "required", place)
        others = schema.get("additionalProperties", True)
        properties = {**properties, **{name: others for name in required if name not in properties}}
        space = self._primitive("space")
        if properties:
            pairs = [(self._pair(name, one, place), name in required) for name, one in properties.items()]
            return f'"{{" {space} {self._pairs(pairs)} "}}"'
        if others is False:
            return f'"{{" {space} "}}"'
        text, value = self._primitive("string"), self._rule_at(f"{place}/additionalProperties", others)
        pair = f'{text} ":" {space} {value}'
        return f'"{{" {space} ({pair} ("," {space} {pair})*)? "}}"'

    def _pair(self, name: str, schema: Any, place: str) -> str:
        if schema is False:
            self._fail("never", name, place)
        pointer = name.replace("~", "~0").replace("/", "~1")
        value = self._rule_at(f"{place}/properties/{pointer}", schema)
        return f'{_quoted(_json(name))} ":" {self._primitive("space")} {value}'

    def _pairs(self, pairs: list[tuple[str, bool]]) -> str:
        """Optional ones may be left out, and the commas with them."""
        comma = f'"," {self._primitive("space")}'
        rests = [""]  # what may follow each of them
        for pair, required in reversed(pairs):
            step = f"{comma} {pair}"
            rests.insert(0, self._named(f"{step} {rests[0]}" if required else f"({step})? {rests[0]}"))
        ways: list[str] = []  # with each of them as the first, until one that must be there
        for number, (pair, required) in enumerate(pairs):
            ways.append(f"{pair} {rests[number + 1]}")
            if required:
                return f"({' | '.join(ways)})"
        return f"({' | '.join(ways)})?"

    def _array(self, schema: Schema, place: str) -> str:
        space = self._primitive("space")
        fixed = schema.get("prefixItems", [])
        if not isinstance(fixed, list):
            self._fail("list_expected", "prefixItems", place)
        low = self._size(schema, "minItems", 0, place)
        high = self._size(schema, "maxItems", None, place)
        heads = [self._rule_at(f"{place}/prefixItems/{number}", one) for number, one in enumerate(fixed)]
        others = schema.get("items", not fixed or low > len(fixed))
        if low > (len(heads) if others is False else high if high is not None else low):
            self._fail("backwards", "minItems", place)
        if others is False:
            high = min(len(heads), high if high is not None else len(heads))
            item = ""
        else:
            item = self._rule_at(f"{place}/items", others)
        return f'"[" {space} {self._items(heads, item, low, high)} "]"'

    def _items(self, heads: list[str], item: str, low: int, high: int | None) -> str:
        """From the last to the first: each with what may follow it, or nothing once there are enough."""
        comma = f'"," {self._primitive("space")}'
        if high is not None:
            heads = heads[:high]
        body = ""
        if item and (high is None or high > len(heads)):
            most = "" if high is None else str(high - len(heads))
            least = max(0, low - len(heads))
            if not heads:
                if most == "0":
                    return ""
                more = f"({comma} {item}){{{max(0, least - 1)},{'' if high is None else high - 1}}}"
                return f"{item} {more}" if low else f"({item} {more})?"
            body = f"({comma} {item}){{{least},{most}}}"
        for number in range(len(heads) - 1, 0, -1):
            body = f"{comma} {heads[number]} {body}"
            if number >= low:
                body = f"({body})?"
        if not heads:
            return ""
        body = f"{heads[0]} {body}"
        return body if low else f"({body})?"

    def _string(self, schema: Schema, place: str) -> str:
        kind = schema.get("format")
        low = self._size(schema, "minLength", 0, place)
        high = self._size(schema, "maxLength", None, place)
        if kind is not None:
            if kind not in _FORMATS:
                self._fail("format", str(kind), place)
            if "minLength" in schema or "maxLength" in schema:
                self._fail("beside", "format, minLength", place)
            return f'"\\"" {self._primitive(kind)} "\\""'
        if high is not None and high < low:
            self._fail("backwards", "minLength", place)
        char = self._primitive("char")
        return f'"\\"" {char}{{{low},{"" if high is None else high}}} "\\""'

    # ── small things ──

    def _size(self, schema: Schema, key: str, default: Any, place: str) -> Any:
        value = schema.get(key, default)
        if value is default:
            return value
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_COUNT:
            self._fail("size", key, place)
        return value

    def _primitive(self, name: str) -> str:
        if name not in self._rules:
            self._rules[name] = _PRIMITIVES[name]
            for needed in _NEEDS.get(name, ()):
                self._primitive(needed)
        return name

    def _named(self, body: str) -> str:
        name = f"s{len(self._rules)}"
        self._rules[name] = body
        return name

    def _fail(self, reason: str, name: str, place: str) -> NoReturn:
        raise BadSchema(reason=reason, name=name, place=place)


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    """A text as a literal of a grammar. JSON has left no control character in it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
