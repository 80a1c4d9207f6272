"""An independent verifier of capabilities, standard library only, run against the published vectors.

Written from tests/vectors/README.md. Usage: VECTORS=tests/vectors/capability python capability_vectors.py

A folder of somebody else's cases needs no `secret`, which only the issuer knows, and no `constraints.json`.
With CAPABILITY and VERIFIER (`{"kid", "audience", "key", "issuer"}`) it verifies that one, and prints what it says.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import sys
import time

from mandate_model import (
    Malformed, allows, below, canonical, check, limits_below, normal, read_argument_map, read_json,
    read_map, read_names, read_tools, tools_below,
)

MAX_LEN = 64 * 1024
MAX_DEPTH = 16
MAX_SAFE = 2**53 - 1
YEAR_10000 = 253_402_300_800
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class Refused(Exception):
    """The capability is refused; the argument is the reason code."""


def unbase64(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise Malformed("base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if tobase64(data) != text:
        raise Malformed("a base64url text has one spelling")
    return data


def tobase64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


class Members:
    """Takes members out one by one; what is left over is unknown."""

    def __init__(self, value):
        if not isinstance(value, dict):
            raise Malformed("an object")
        self.rest = dict(value)

    def need(self, name, read):
        if name not in self.rest:
            raise Malformed(f"missing {name}")
        return read(self.rest.pop(name))

    def find(self, name, read, otherwise=None):
        return read(self.rest.pop(name)) if name in self.rest else otherwise

    def end(self):
        if self.rest:
            raise Malformed(f"unknown {sorted(self.rest)}")


def text(value):
    if not isinstance(value, str):
        raise Malformed("a string")
    return value


def texts(value):
    if not isinstance(value, list):
        raise Malformed("an array")
    return [text(item) for item in value]


def flag(value):
    if not isinstance(value, bool):
        raise Malformed("a truth value")
    return value


def integer(value):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SAFE:
        raise Malformed("a non-negative integer")
    return value


def depth(value):
    if integer(value) > 255:
        raise Malformed("a depth")
    return value


def seconds(value):
    if integer(value) >= YEAR_10000:
        raise Malformed("an instant")
    return value


def scopes(value):
    tokens = text(value).split(" ") if value != "" else []
    if not all(SCOPE.fullmatch(token) for token in tokens):
        raise Malformed("a scope list")
    return {token for token in tokens if token != "identity"}


def binding(value):
    members = Members(value)
    found = {name: members.find(name, text) for name in ("contract", "session", "task")}
    members.end()
    return {name: bound for name, bound in found.items() if bound is not None}


def confirmation(value):
    members = Members(value)
    jkt = members.need("jkt", text)
    members.end()
    return {"jkt": jkt}


def actor(value):
    members = Members(value)
    found = {"sub": members.need("sub", text)}
    inner = members.find("act", actor)
    members.end()
    return {**found, "act": inner} if inner else found


def may_act(value):
    members = Members(value)
    found = {"client_ids": members.need("client_ids", texts)}
    members.end()
    return found


def agent(value):
    members = Members(value)
    found = {name: members.need(name, text) for name in ("id", "name", "spiffe_id")}
    found["owners"] = members.need("owners", texts)
    members.end()
    return found


def hop(value):
    members = Members(value)
    found = {
        "agent": members.need("agent", text),
        "bind": members.find("bind", binding),
        "crit": members.find("crit", flag) or None,
        "id": members.need("id", text),
        "jkt": members.find("jkt", text),
        "rt": members.find("rt", text),
        "seq": members.need("seq", integer),
        "sub": members.find("sub", text),
    }
    members.end()
    return {name: member for name, member in found.items() if member is not None}


def verify_bounds(tools, limits):
    if len(tools) > 256 or any(nodes(arguments) > 64 for arguments in tools.values()) or nodes(limits) > 64:
        raise Malformed("a bound")


def nodes(constraints):
    def count(constraint):
        clauses = constraint.get("constraints", []) if constraint["constraint_type"] in ("all", "any") else []
        return 1 + sum(map(count, clauses))

    return sum(map(count, constraints.values()))


def details(value):
    if not isinstance(value, list) or len(value) != 1:
        raise Malformed("an array of one entry")
    members = Members(value[0])
    if members.need("type", text) != "deputy_mandate":
        raise Malformed("the entry's type")
    found = {
        "binding": members.need("binding", binding),
        "blocked_tools": members.need("blocked_tools", read_names),
        "declared": members.need("declared", lambda value: read_map(value, read_names)),
        "limit_required": members.need("limit_required", lambda value: read_map(value, read_names)),
        "limits": members.need("limits", read_argument_map),
        "max_depth": members.need("max_depth", depth),
        "may_delegate": members.need("may_delegate", flag),
        "tools": members.need("tools", read_tools),
        "uses": members.find("uses", integer),
    }
    members.end()
    verify_bounds(found["tools"], found["limits"])
    found["limits"] = {name: normal(limit) for name, limit in found["limits"].items()}
    found["tools"] = normal_tools(found["tools"], found["blocked_tools"])
    found["limit_required"] = {tool: names for tool, names in found["limit_required"].items() if names}
    return found


def normal_tools(tools, blocked):
    return {
        tool: {name: normal(constraint) for name, constraint in arguments.items()}
        for tool, arguments in tools.items()
        if tool not in blocked
    }


def read_root(block):
    """The claims of block 0, with the mandate apart."""
    members = Members(block)
    claims = {
        "iss": members.need("iss", text), "sub": members.need("sub", text),
        "iat": members.need("iat", seconds), "client_id": members.need("client_id", text),
        "act": members.find("act", actor), "may_act": members.find("may_act", may_act),
        "cnf": members.find("cnf", confirmation), "agent": members.need("agent", agent),
    }
    value = members.need("chain", lambda value: value)
    if not isinstance(value, list):
        raise Malformed("chain")
    claims["chain"] = chain = [hop(each) for each in value]
    mandate = members.need("authorization_details", details)
    mandate["audience"] = members.need("aud", text)
    mandate["exp"], mandate["nbf"] = members.need("exp", seconds), members.need("nbf", seconds)
    mandate["scopes"] = members.need("scope", scopes)
    kid = members.need("kid", text)
    jti = members.need("jti", text)
    stated = (members.need("del_depth", depth), members.need("del_max_depth", depth))
    members.end()
    if not re.fullmatch(r"[A-Za-z0-9._~-]{1,128}", kid):
        raise Malformed("kid")
    if jti != (chain[-1]["id"] if chain else "") or stated != (max(len(chain) - 1, 0), mandate["max_depth"]):
        raise Malformed("a claim contradicts another")
    return kid, claims, mandate


def read_block(block):
    """A later block: only what it states."""
    members = Members(block)
    name, nonce = members.need("name", text), members.need("nonce", text)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", name) or len(unbase64(nonce)) != 16:
        raise Malformed("name or nonce")
    stated = {
        "binding": members.find("binding", binding),
        "blocked_tools": members.find("blocked_tools", read_names),
        "cnf": members.find("cnf", confirmation),
        "exp": members.find("exp", seconds),
        "limits": members.find("limits", read_argument_map),
        "max_depth": members.find("max_depth", depth),
        "may_delegate": members.find("may_delegate", flag),
        "nbf": members.find("nbf", seconds),
        "scopes": members.find("scope", scopes),
        "tools": members.find("tools", read_tools),
        "uses": members.find("uses", integer),
    }
    members.end()
    if stated["cnf"] and len(unbase64(stated["cnf"]["jkt"])) != 32:
        raise Malformed("jkt")
    verify_bounds(stated["tools"] or {}, stated["limits"] or {})
    if stated["limits"] is not None:
        stated["limits"] = {each: normal(limit) for each, limit in stated["limits"].items()}
    if stated["tools"] is not None:
        stated["tools"] = normal_tools(stated["tools"], ())
    return name, {each: value for each, value in stated.items() if value is not None}


def verify_chain(claims, mandate):
    """That the claims of block 0 agree with each other."""
    chain = claims["chain"]
    if not chain:
        raise Refused("malformed")
    if mandate["max_depth"] > MAX_DEPTH or len(chain) - 1 > mandate["max_depth"]:
        raise Refused("depth_exceeded")
    last = chain[-1]
    registered = [each["agent"].split("/")[0] for each in chain]
    agrees = (
        all(each["id"] for each in chain)
        and all(registered)
        and all(each.get("sub") == last.get("sub") for each in chain)
        and registered[-1] == claims["agent"]["id"] == claims["client_id"]
        and last.get("jkt") == (claims["cnf"] or {}).get("jkt")
        and last.get("bind", {}) == mandate["binding"]
        and last.get("bind") != {}
    )
    if not agrees:
        raise Refused("malformed")


def extend(claims, mandate, name, stated, block):
    """One delegation: in this order, too deep, not allowed, too wide, deeper than it says itself."""
    depth_now = len(claims["chain"])
    if depth_now > min(mandate["max_depth"], MAX_DEPTH):
        raise Refused("depth_exceeded")
    if not mandate["may_delegate"]:
        raise Refused("delegation_not_allowed")
    own = dict(mandate)
    own.update({each: value for each, value in stated.items() if each != "cnf"})
    own["binding"] = {**mandate["binding"], **stated.get("binding", {})}
    narrower = (
        not (claims["cnf"] and "cnf" in stated)
        and own["scopes"] <= mandate["scopes"]
        and own["blocked_tools"] >= mandate["blocked_tools"]
        and tools_below(own["tools"], mandate["tools"])
        and limits_below(own["limits"], mandate["limits"])
        and all(own["binding"][each] == bound for each, bound in mandate["binding"].items())
        and own["nbf"] >= mandate["nbf"]
        and own["exp"] <= mandate["exp"]
        and own["max_depth"] <= mandate["max_depth"]
        and (mandate["uses"] is None or own["uses"] <= mandate["uses"])
    )
    if not narrower:
        raise Refused("not_attenuated")
    if depth_now > own["max_depth"]:
        raise Refused("depth_exceeded")
    own["tools"] = normal_tools(own["tools"], own["blocked_tools"])
    claims["cnf"] = claims["cnf"] or stated.get("cnf")
    parent = claims["chain"][-1]
    digest = hashlib.sha256(parent["id"].encode() + block).digest()
    link = {"agent": f"{parent['agent']}/{name}", "id": tobase64(digest), "seq": parent["seq"]}
    link.update({each: parent[each] for each in ("crit", "sub") if each in parent})
    if claims["cnf"]:
        link["jkt"] = claims["cnf"]["jkt"]
    if own["binding"]:
        link["bind"] = own["binding"]
    claims["chain"].append(link)
    for each in ("name", "spiffe_id"):
        claims["agent"][each] += f"/{name}"
    return own


def verify(capability, verifier, now=None, leeway=0):
    """The effective claims and mandate, the number of issued hops, and the meters."""
    try:
        if len(capability.encode()) > MAX_LEN or not capability.startswith("dpyc1."):
            raise Malformed("length or prefix")
        *parts, tag = capability.removeprefix("dpyc1.").split(".")
        if not parts:
            raise Malformed("no block")
        if len(parts) > MAX_DEPTH + 1:
            raise Refused("depth_exceeded")
        blocks, tag = [unbase64(part) for part in parts], unbase64(tag)
        if len(tag) != 32:
            raise Malformed("tag")
        values = [read_json(block) for block in blocks]
        kid, claims, mandate = read_root(values[0])
        later = [read_block(value) for value in values[1:]]
    except Malformed as error:
        raise Refused("malformed") from error
    if (kid, mandate["audience"]) != (verifier["kid"], verifier["audience"]):
        raise Refused("signature_invalid")
    key = unbase64(verifier["key"])
    for block in blocks:
        key = mac(key, block)
    if not hmac.compare_digest(key, tag) or claims["iss"] != verifier["issuer"]:
        raise Refused("signature_invalid")
    verify_chain(claims, mandate)
    issued = len(claims["chain"])
    meters = []

    def meter(uses):
        if uses is not None:
            meters.append({"credential": claims["chain"][-1]["id"], "uses": uses})

    meter(mandate["uses"])
    for (name, stated), block in zip(later, blocks[1:]):
        mandate = extend(claims, mandate, name, stated, block)
        meter(stated.get("uses"))
    if now is not None and now >= mandate["exp"] + leeway:
        raise Refused("expired")
    if now is not None and now + leeway < mandate["nbf"]:
        raise Refused("not_yet_valid")
    return claims, mandate, issued, meters


def as_token(claims, mandate):
    """The effective claims in the form of an access token."""
    ordered = lambda names: sorted(names, key=lambda name: name.encode())  # noqa: E731
    entry = {
        "type": "deputy_mandate",
        **{name: mandate[name] for name in ("binding", "limits", "max_depth", "may_delegate", "tools")},
        "blocked_tools": ordered(mandate["blocked_tools"]),
        "declared": {tool: ordered(names) for tool, names in mandate["declared"].items()},
        "limit_required": {tool: ordered(names) for tool, names in mandate["limit_required"].items()},
    }
    if mandate["uses"] is not None:
        entry["uses"] = mandate["uses"]
    scope = " ".join(ordered(mandate["scopes"]))
    token = {
        **claims,
        "aud": mandate["audience"],
        "exp": mandate["exp"],
        "nbf": mandate["nbf"],
        "scope": scope if mandate["scopes"] or mandate["tools"] else "identity",
        "authorization_details": [entry],
        "jti": claims["chain"][-1]["id"],
        "del_depth": len(claims["chain"]) - 1,
        "del_max_depth": mandate["max_depth"],
    }
    return {name: member for name, member in token.items() if member is not None}


def same(what, found, wanted):
    if canonical(found) != canonical(wanted):
        raise SystemExit(f"{what}:\n  found  {canonical(found)}\n  wanted {canonical(wanted)}")


def run_valid(file):
    if "secret" in file:
        secret = unbase64(file["secret"])
        same("key", tobase64(mac(secret, f"dpyc1|{file['kid']}|{file['audience']}".encode())), file["key"])
    for case in file["cases"]:
        try:
            claims, mandate, issued, meters = verify(case["capability"], file)
        except Refused as error:
            raise SystemExit(f"{case['name']}: refused, {error} ({error.__cause__})") from error
        same(case["name"], as_token(claims, mandate), case["claims"])
        same(case["name"], [issued, meters], [case["issued_hops"], case["meters"]])
        for decision in case["decisions"]:
            reasons = allows(mandate, decision["request"], decision["now"])
            same(f"{case['name']} {decision['request']}", reasons, decision["reasons"])
            same(case["name"], not reasons, decision["allow"])
    return len(file["cases"])


def run_invalid(file):
    for case in file["cases"]:
        verifier = case.get("verifier", file)
        try:
            verify(case["capability"], verifier, case.get("now"), case.get("leeway", 0))
            reason = None
        except Refused as error:
            reason = str(error)
        same(case["name"], reason, case["reason"])
    return len(file["cases"])


def run_constraints(file):
    constraints = [case["constraint"] for case in file["constraints"]]
    normals = [normal(constraint) for constraint in constraints]
    for case, form in zip(file["constraints"], normals):
        same(f"normal form of {case['constraint']}", form, case["normal_form"])
        outcomes = [check(case["constraint"], value) for value in file["values"]]
        same(f"outcomes of {case['constraint']}", outcomes, case["outcomes"])
        same(f"below {case['constraint']}", [i for i, p in enumerate(normals) if below(form, p)], case["below"])
    return len(constraints)


def run_one(capability, verifier):
    try:
        claims, mandate, issued, meters = verify(capability, verifier, int(time.time()))
    except Refused as error:
        return {"refused": str(error)}
    return {"claims": as_token(claims, mandate), "issued_hops": issued, "meters": meters}


def main():
    if "CAPABILITY" in os.environ:
        verifier = read_json(os.environ["VERIFIER"].encode(), strict=False)
        print(canonical(run_one(os.environ["CAPABILITY"], verifier)))
        return
    folder = pathlib.Path(os.environ["VECTORS"])
    for name, run in (("valid", run_valid), ("invalid", run_invalid), ("constraints", run_constraints)):
        if name == "constraints" and not (folder / f"{name}.json").exists():
            continue
        # The files are for reading; only what is sealed has to be canonical.
        file = read_json((folder / f"{name}.json").read_bytes(), strict=False)
        print(f"{name}: {run(file)}")


if __name__ == "__main__":
    sys.exit(main())
