"""The model of authority, written again from tests/vectors/README.md: JSON, constraints, decisions."""

import json
import re
from decimal import Decimal

MAX_NESTING = 32


class Malformed(Exception):
    """Not what belongs here."""


# JSON: canonical text (RFC 8785), numbers as exact decimals.


def read_json(data, strict=True):
    """Reads a text that is its own canonical form."""

    def members(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise Malformed("a repeated member")
        return dict(pairs)

    def number(text):
        value = Decimal(text)
        double = float(text)
        if double in (float("inf"), float("-inf")) or Decimal(repr(double)) != value:
            raise Malformed("a number that a double changes")
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else value

    def constant(_):
        raise Malformed("not a number of JSON")

    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=members, parse_int=number, parse_float=number, parse_constant=constant
        )
        if strict and (canonical(value) != text or nesting(value) > MAX_NESTING):
            raise Malformed("not canonical")
    except (ValueError, UnicodeError, RecursionError, ArithmeticError) as error:
        raise Malformed(str(error)) from error
    return value


def nesting(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(nesting, inner), default=0)


def canonical(value):
    """The RFC 8785 text."""
    if isinstance(value, dict):
        # "surrogatepass" lets a lone surrogate through to the encoder below, which refuses it.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        value.encode("utf-8")
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number_text(Decimal(value))
    return json.dumps(value)


def number_text(value):
    """ECMAScript's text of a number."""
    if not value:
        return "0"
    sign, digits, exponent = value.normalize().as_tuple()
    digits = "".join(map(str, digits))
    count, point = len(digits), len(digits) + exponent
    if count <= point <= 21:
        body = digits + "0" * (point - count)
    elif 0 < point <= 21:
        body = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        body = "0." + "0" * -point + digits
    else:
        body = digits[0] + (f".{digits[1:]}" if count > 1 else "") + f"e{point - 1:+}"
    return "-" * sign + body


def kind(value):
    if isinstance(value, bool):
        return "boolean"
    for each, name in ((dict, "object"), (list, "array"), (str, "string"), (type(None), "null")):
        if isinstance(value, each):
            return name
    return "number"


def scalar(value):
    return kind(value) not in ("array", "object")


def within(value, values):
    """Membership by type and value; numbers as decimals."""
    return canonical(value) in {canonical(each) for each in values}


# Constraints.

MEMBERS = {
    "exact": {"value"}, "range": {"min", "max", "min_inclusive", "max_inclusive"}, "one_of": {"values"},
    "not_one_of": {"excluded"}, "contains": {"required"}, "subset": {"allowed"}, "wildcard": set(),
    "all": {"constraints"}, "any": {"constraints"}, "path_containment": {"root"},
}


def read_constraint(value):
    """Verifies the wire form; a type that is not known here is kept."""
    if not isinstance(value, dict) or not isinstance(value.get("constraint_type"), str):
        raise Malformed("a constraint")
    name = value["constraint_type"]
    if name not in MEMBERS:
        return value
    members = {each: member for each, member in value.items() if each != "constraint_type"}
    if not set(members) <= MEMBERS[name]:
        raise Malformed("an unknown member of a constraint")
    if name == "range":
        flags = ("min_inclusive", "max_inclusive")
        good = all(kind(member) == ("boolean" if each in flags else "number") for each, member in members.items())
    elif name == "wildcard":
        good = True
    else:
        (member,) = [members.get(each) for each in MEMBERS[name]]
        present = set(members) == MEMBERS[name]
        listed = isinstance(member, list)
        good = present and {
            "exact": scalar(member),
            "one_of": listed,
            "subset": listed,
            "contains": listed and bool(member),
            "not_one_of": listed and len({kind(each) for each in member}) == 1 and all(map(scalar, member)),
            "all": listed and bool(member),
            "any": listed and bool(member),
            "path_containment": isinstance(member, str) and resolve(member) is not None,
        }[name]
        if good and name in ("all", "any"):
            for clause in member:
                read_constraint(clause)
    if not good:
        raise Malformed(f"a {name}")
    return value


def resolve(path):
    """The segments of an absolute path; None when readers may disagree on what it means."""
    if not path.startswith("/") or "\\" in path or "\0" in path or re.search("%[0-9a-fA-F]{2}", path):
        return None
    segments = []
    for segment in path.split("/"):
        if segment == "..":
            if not segments:
                return None
            segments.pop()
        elif segment not in ("", "."):
            segments.append(segment)
    return segments


def unknown(constraint):
    name = constraint["constraint_type"]
    return name not in MEMBERS or name in ("all", "any") and any(map(unknown, constraint["constraints"]))


def check(constraint, value):
    """pass, constraint_violated, type_mismatch or unknown_constraint."""
    name = constraint["constraint_type"]
    passes = lambda good: "pass" if good else "constraint_violated"  # noqa: E731
    if unknown(constraint):
        return "unknown_constraint"
    if name == "wildcard":
        return "pass"
    if name in ("exact", "one_of", "not_one_of"):
        values = [constraint["value"]] if name == "exact" else constraint.get("values", constraint.get("excluded"))
        if kind(value) not in map(kind, values):
            return "type_mismatch"
        return passes(within(value, values) == (name != "not_one_of"))
    if name in ("all", "any"):
        outcomes = [check(clause, value) for clause in constraint["constraints"]]
        best = ["type_mismatch", "constraint_violated", "pass"]
        rank = max if name == "any" else min
        return rank(outcomes, key=best.index)
    wanted = {"range": "number", "path_containment": "string"}.get(name, "array")
    if kind(value) != wanted:
        return "type_mismatch"
    if name == "range":
        low, high = constraint.get("min"), constraint.get("max")
        above = low is None or value > low or value == low and constraint.get("min_inclusive", True)
        return passes(above and (high is None or value < high or value == high and constraint.get("max_inclusive", True)))
    if name == "path_containment":
        path, root = resolve(value), resolve(constraint["root"])
        return passes(path is not None and path[: len(root)] == root)
    if name == "contains":
        return passes(all(within(each, value) for each in constraint["required"]))
    return passes(all(within(each, constraint["allowed"]) for each in value))


def below(child, parent):
    """The order: whatever passes the child passes the parent, as far as the rules can tell."""
    if unknown(parent) and not unknown(child):
        return False
    own, other = child["constraint_type"], parent["constraint_type"]
    if other == "wildcard":
        return True
    if own == "exact" and check(parent, child["value"]) == "pass":
        return True
    if own == "one_of" and other == "one_of" and all(within(each, parent["values"]) for each in child["values"]):
        return True
    if own == "one_of" and other != "one_of" and all(check(parent, each) == "pass" for each in child["values"]):
        return True
    if other == "all" and all(below(child, clause) for clause in parent["constraints"]):
        return True
    if own == "any" and all(below(clause, parent) for clause in child["constraints"]):
        return True
    if own == "all" and any(below(clause, parent) for clause in child["constraints"]):
        return True
    if other == "any" and any(below(child, clause) for clause in parent["constraints"]):
        return True
    if own != other:
        return False
    if own == "range":
        return range_within(child, parent)
    if own == "not_one_of":
        return all(within(each, child["excluded"]) for each in parent["excluded"])
    if own == "contains":
        return all(within(each, child["required"]) for each in parent["required"])
    if own == "subset":
        return all(within(each, parent["allowed"]) for each in child["allowed"])
    if own == "path_containment":
        root = resolve(parent["root"])
        return resolve(child["root"])[: len(root)] == root
    return own not in MEMBERS and canonical(child) == canonical(parent)


def range_within(child, parent):
    for bound, tighter in (("min", lambda a, b: a > b), ("max", lambda a, b: a < b)):
        own, outer = child.get(bound), parent.get(bound)
        if outer is None:
            continue
        flag = f"{bound}_inclusive"
        if own is None or not (
            tighter(own, outer) or own == outer and (parent.get(flag, True) or not child.get(flag, True))
        ):
            return False
    return True


def normal(constraint):
    """The normal form."""
    name = constraint["constraint_type"]
    if name == "range":
        kept = {each: constraint[each] for each in ("min", "max") if each in constraint}
        flags = {f"{each}_inclusive": False for each in kept if not constraint.get(f"{each}_inclusive", True)}
        return {"constraint_type": name, **kept, **flags}
    if name == "path_containment":
        return {"constraint_type": name, "root": "/" + "/".join(resolve(constraint["root"]))}
    if name in ("one_of", "not_one_of", "contains", "subset"):
        (member,) = MEMBERS[name]
        values = sorted({canonical(each): each for each in constraint[member]}.items(), key=lambda pair: pair[0].encode())
        values = [value for _, value in values]
        if name == "one_of" and len(values) == 1 and scalar(values[0]):
            return {"constraint_type": "exact", "value": values[0]}
        return {"constraint_type": name, member: values}
    if name not in ("all", "any"):
        return constraint
    flat = []
    for clause in map(normal, constraint["constraints"]):
        flat.extend(clause["constraints"] if clause["constraint_type"] == name else [clause])
    clauses = prune({canonical(clause): clause for clause in flat}, name)
    return clauses[0] if len(clauses) == 1 else {"constraint_type": name, "constraints": clauses}


def prune(clauses, name):
    """In `all` a clause with another below it goes, in `any` one below another."""
    clauses = [clause for _, clause in sorted(clauses.items(), key=lambda pair: pair[0].encode())]

    def preferred(winner, loser):
        # A clause of an unknown type makes its whole tree pass nothing, so `any` keeps it.
        return below(winner, loser) if name == "all" else not unknown(loser) and below(loser, winner)

    return [
        own
        for i, own in enumerate(clauses)
        if not any(
            i != j and preferred(other, own) and (j < i or not preferred(own, other))
            for j, other in enumerate(clauses)
        )
    ]


# Members of a mandate.


def read_map(value, read):
    if not isinstance(value, dict):
        raise Malformed("an object")
    return {name: read(member) for name, member in value.items()}


def read_names(value):
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Malformed("an array of names")
    return set(value)


def read_argument_map(value):
    return read_map(value, read_constraint)


def read_tools(value):
    return read_map(value, read_argument_map)


def limits_below(child, parent):
    return all(name in child and below(child[name], limit) for name, limit in parent.items())


def tools_below(child, parent):
    def arguments(own, outer):
        return not outer or own.keys() == outer.keys() and all(below(own[name], outer[name]) for name in outer)

    return all(tool in parent and arguments(own, parent[tool]) for tool, own in child.items())


# Decisions.

ORDER = [
    "malformed", "expired", "not_yet_valid", "audience_mismatch", "binding_mismatch", "scope_missing",
    "tool_blocked", "tool_not_allowed", "argument_not_declared", "argument_missing",
]


def allows(mandate, request, now):
    """The reasons against a request, the first one first; none when it is allowed."""
    reasons = []

    def deny(code, field=None, limit=False):
        rank = ORDER.index(code) if code in ORDER else len(ORDER) + limit
        # Of one class, by field; type, value and unknown type are one class.
        reasons.append((rank, (field or "").encode(), {"code": code, **({"field": field} if field else {})}))

    if now >= mandate["exp"]:
        deny("expired")
    if now < mandate["nbf"]:
        deny("not_yet_valid")
    if "scope" not in request and "tool" not in request:
        deny("malformed")
    for name in ("arguments", "context"):
        if not isinstance(request.get(name, {}), dict):
            deny("malformed", name)
    if "audience" in request and request["audience"] != mandate["audience"]:
        deny("audience_mismatch", "audience")
    for name, bound in mandate["binding"].items():
        if request.get("binding", {}).get(name) != bound:
            deny("binding_mismatch", name)
    if "scope" in request and request["scope"] not in mandate["scopes"]:
        deny("scope_missing", request["scope"])
    if "tool" in request:
        arguments = request.get("arguments", {})
        deny_tool(mandate, request["tool"], arguments if isinstance(arguments, dict) else {}, deny)
    for name, limit in mandate["limits"].items():
        if unknown(limit):
            deny("unknown_constraint", name, limit=True)
    for part in ("arguments", "context"):
        for name, value in walk(request.get(part, {})):
            limit = mandate["limits"].get(name)
            outcome = "pass" if limit is None or unknown(limit) else check(limit, value)
            if outcome != "pass":
                deny(outcome, name, limit=True)
    return [reason for *_, reason in sorted(reasons, key=lambda reason: reason[:2])]


def deny_tool(mandate, tool, arguments, deny):
    if tool in mandate["blocked_tools"]:
        deny("tool_blocked", tool)
    wanted = mandate["tools"].get(tool)
    if wanted is None:
        deny("tool_not_allowed", tool)
    undeclared, missing = set(), set()
    if wanted:
        undeclared |= arguments.keys() - wanted.keys()
        missing |= wanted.keys() - arguments.keys()
        for name in wanted.keys() & arguments.keys():
            outcome = check(wanted[name], arguments[name])
            if outcome != "pass":
                deny(outcome, name)
    undeclared |= arguments.keys() - mandate["declared"].get(tool, arguments.keys())
    missing |= mandate["limit_required"].get(tool, set()) - arguments.keys()
    for name in undeclared:
        deny("argument_not_declared", name)
    for name in missing:
        deny("argument_missing", name)


def walk(value):
    """Every member at any depth."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name, member
            yield from walk(member)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)
