"""A verifier of attenuating agent tokens, written from tests/vectors/aat/README.md alone, against its vectors.

Usage: VECTORS=tests/vectors python aat_vectors.py; any folder with files in the same form will do.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
from decimal import Decimal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

VECTORS = pathlib.Path(os.environ["VECTORS"]) / "aat"
TYPE = "attenuating_agent_token"
URI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
ROOT_CLAIMS = set(
    "act agent aud authorization_details chain client_id cnf del_depth del_max_depth exp iat iss jti may_act nbf sub".split()
)
MEMBERS = {
    "exact": {"value"},
    "range": {"min", "max", "min_inclusive", "max_inclusive"},
    "one_of": {"values"},
    "not_one_of": {"excluded"},
    "contains": {"required"},
    "subset": {"allowed"},
    "wildcard": set(),
    "all": {"constraints"},
    "any": {"constraints"},
}


class Refused(Exception):
    """Carries the reason code."""


def need(condition, reason="malformed"):
    if not condition:
        raise Refused(reason)


def unb64(text):
    need(re.fullmatch(r"[A-Za-z0-9_-]*", text))
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(b64(raw) == text)
    return raw


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def strict(raw):
    def members(pairs):
        need(len({name for name, _ in pairs}) == len(pairs))
        return dict(pairs)

    value = json.loads(raw, object_pairs_hook=members, parse_float=Decimal)
    need(isinstance(value, dict))
    return value


def integer(value):
    return type(value) is int


def is_number(value):
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def same(a, b):
    if is_number(a) and is_number(b):
        return a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    return type(a) is type(b) and a == b


def holds(values, value):
    return any(same(each, value) for each in values)


def digest(token):
    return b64(hashlib.sha256(token.rsplit(".", 1)[0].encode()).digest())


def thumbprint(jwk):
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())


def verify_ed25519(jwk, signature, signed):
    Ed25519PublicKey.from_public_bytes(unb64(jwk["x"])).verify(signature, signed)


def verify_es256(jwk, signature, signed):
    x, y = (int.from_bytes(unb64(jwk[name]), "big") for name in ("x", "y"))
    need(len(signature) == 64, "signature_invalid")
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))


def verified(token, jwk, typ):
    """The claims of a token that the key signed: Ed25519, or ES256 where the key is a trust anchor on P-256."""
    parts = token.split(".")
    need(len(parts) == 3)
    header = strict(unb64(parts[0]))
    need(header.get("typ") == typ)
    need(not set(header) & {"jwk", "jku", "x5u", "x5c", "crit", "b64"})
    p256 = jwk.get("crv") == "P-256"
    need(header.get("alg") in (("ES256",) if p256 else ("Ed25519", "EdDSA")))
    try:
        (verify_es256 if p256 else verify_ed25519)(jwk, unb64(parts[2]), ".".join(parts[:2]).encode())
    except InvalidSignature:
        raise Refused("signature_invalid") from None
    return strict(unb64(parts[1]))


def check_constraint(constraint):
    need(isinstance(constraint, dict) and isinstance(constraint.get("constraint_type"), str))
    kind, members = constraint["constraint_type"], set(constraint) - {"constraint_type"}
    need(kind in MEMBERS, "unknown_constraint")
    need(members <= MEMBERS[kind] and (kind == "range" or members == MEMBERS[kind]))
    if kind == "range":
        low, high = constraint.get("min"), constraint.get("max")
        need(all(bound is None or is_number(bound) for bound in (low, high)))
        need(low is None or high is None or low <= high)
    elif kind == "one_of":
        need(isinstance(constraint["values"], list) and constraint["values"])
    elif kind in ("all", "any"):
        need(constraint["constraints"])
        for clause in constraint["constraints"]:
            check_constraint(clause)


def tools_of(claims, between=False):
    details = claims.get("authorization_details")
    need(isinstance(details, list))
    entries = [each for each in details if isinstance(each, dict) and each.get("type") == TYPE]
    if between and not entries:
        return {}
    need(len(entries) == 1 and set(entries[0]) == {"type", "tools"})
    for arguments in entries[0]["tools"].values():
        need("*" not in arguments)
        for constraint in arguments.values():
            check_constraint(constraint)
    return entries[0]["tools"]


def within(child, parent):
    for side, tighter in (("min", 1), ("max", -1)):
        own, outer = child.get(side), parent.get(side)
        if outer is None:
            continue
        if own is None or (own - outer) * tighter < 0:
            return False
        closed = f"{side}_inclusive"
        if own == outer and child.get(closed, True) and not parent.get(closed, True):
            return False
    return True


def below(child, parent):
    """The table of the draft's section 4.5."""
    kinds = child["constraint_type"], parent["constraint_type"]
    if kinds[1] == "wildcard":
        return True
    if kinds == ("exact", "exact"):
        return same(child["value"], parent["value"])
    if kinds == ("exact", "one_of"):
        return holds(parent["values"], child["value"])
    if kinds == ("exact", "range"):
        value = child["value"]
        return is_number(value) and within({"min": value, "max": value}, parent)
    if kinds == ("range", "range"):
        return within(child, parent)
    for kind, member, wider in (
        ("one_of", "values", False),
        ("subset", "allowed", False),
        ("contains", "required", True),
        ("not_one_of", "excluded", True),
    ):
        if kinds == (kind, kind):
            few, many = (parent[member], child[member]) if wider else (child[member], parent[member])
            return all(holds(many, value) for value in few)
    own, outer = child.get("constraints", []), parent.get("constraints", [])
    if kinds == ("all", "all"):
        return all(any(below(clause, each) for clause in own) for each in outer)
    if kinds == ("any", "any"):
        return all(any(below(clause, each) for each in outer) for clause in own)
    return False


def attenuates(child, parent):
    for tool, arguments in child.items():
        if tool not in parent:
            return False
        outer = parent[tool]
        if outer and (arguments.keys() != outer.keys() or not all(below(arguments[n], outer[n]) for n in outer)):
            return False
    return True


def check_common(claims):
    for name in ("iat", "exp", "del_depth", "del_max_depth"):
        need(integer(claims.get(name)) and claims[name] >= 0)
    need(claims["exp"] > claims["iat"])
    need(isinstance(claims.get("jti"), str) and 0 < len(claims["jti"].encode()) <= 256)
    jwk = claims.get("cnf", {}).get("jwk", {})
    need(jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519" and "d" not in jwk and len(unb64(jwk["x"])) == 32)


def audience(claims):
    value = claims["aud"]
    return {value} if isinstance(value, str) else set(value)


def verify(document, chain):
    """What the chain says, or `Refused`."""
    tokens = chain.split("~")
    need(len(chain) <= 65536 and len(tokens) <= 17, "depth_exceeded")
    anchor = document["trust_anchor"]
    need(strict(unb64(tokens[0].split(".")[0])).get("kid") == anchor["kid"], "signature_invalid")
    root = verified(tokens[0], anchor["jwk"], "aat+jwt")
    check_common(root)
    tools = tools_of(root)
    need(root.get("iss") == document["issuer"], "signature_invalid")
    need(set(root) <= ROOT_CLAIMS and set(root) >= ROOT_CLAIMS - {"act", "may_act"})
    need(root["del_depth"] == 0 and root["exp"] - root["iat"] <= 86400)
    hops = [dict(hop) for hop in root["chain"]]
    issued, last = len(hops), dict(hops[-1])
    need(issued - 1 + root["del_max_depth"] <= 16, "depth_exceeded")
    need(last["id"] == root["jti"] and last["jkt"] == thumbprint(root["cnf"]["jwk"]))
    need(last["agent"].split("/")[0] == root["agent"]["id"] == root["client_id"])
    agent, allowed, not_before = dict(root["agent"]), audience(root), root["nbf"]
    parent, seen = root, {root["jti"]}
    for i, token in enumerate(tokens[1:], start=1):
        key = parent["cnf"]["jwk"]
        child = verified(token, key, "aat+jwt")
        check_common(child)
        own = tools_of(child, between=i + 1 < len(tokens))
        need(child.get("iss") == URI + thumbprint(key), "signature_invalid")
        need(child["del_depth"] == parent["del_depth"] + 1)
        need(child["del_depth"] <= min(parent["del_max_depth"], child["del_max_depth"]), "depth_exceeded")
        need(child["del_max_depth"] <= parent["del_max_depth"], "not_attenuated")
        need(child["exp"] <= parent["exp"], "not_attenuated")
        need(child["iat"] >= parent["iat"])
        need(attenuates(own, tools), "not_attenuated")
        need(child.get("par_hash") == digest(tokens[i - 1]), "signature_invalid")
        jkt = thumbprint(child["cnf"]["jwk"])
        need(jkt != thumbprint(key))
        name = child.get("name")
        need(isinstance(name, str) and re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", name))
        need(child["jti"] not in seen)
        seen.add(child["jti"])
        agent["name"] += f"/{name}"
        agent["spiffe_id"] += f"/{name}"
        inherited = {member: last[member] for member in ("sub", "crit", "seq") if member in last}
        hops.append({"id": digest(token), "agent": f"{hops[-1]['agent']}/{name}", "jkt": jkt, **inherited})
        if "aud" in child:
            allowed &= audience(child)
        not_before = max(not_before, child.get("nbf", 0))
        parent, tools = child, own
    need(allowed, "audience_mismatch")
    effective = {
        "sub": root["sub"],
        "agent": agent,
        "chain": hops,
        "tools": tools,
        "audience": sorted(allowed),
        "not_before": not_before,
        "expires_at": parent["exp"],
        "max_depth": issued - 1 + parent["del_max_depth"],
        "may_delegate": parent["del_depth"] < parent["del_max_depth"],
        "issued_hops": issued,
    }
    return effective, parent, tokens[-1]


def verify_time(effective, leaf, now):
    need(now < effective["expires_at"], "expired")
    need(now >= effective["not_before"] and leaf["iat"] <= now + 30, "not_yet_valid")


def verify_proof(document, leaf, token, proof):
    try:
        claims = verified(proof, leaf["cnf"]["jwk"], "aat-pop+jwt")
    except Refused:
        raise Refused("proof_invalid") from None
    now, window, call = document["now"], document["window"], document["call"]
    holds = (
        isinstance(claims.get("jti"), str)
        and integer(claims.get("iat"))
        and claims.get("aat_id") == leaf["jti"]
        and claims.get("aat_hash") == digest(token)
        and claims.get("aat_aud") == document["audience"]
        and claims.get("aat_tool") == call["tool"]
        and same(claims.get("hta"), call["arguments"])
        and now < claims["iat"] + window["past"]
        and claims["iat"] <= now + window["ahead"]
    )
    need(holds, "proof_invalid")
    return claims["jti"]


def load(name):
    return strict((VECTORS / name).read_text())


valid = load("valid.json")
for case in valid["cases"]:
    effective, leaf, _ = verify(valid, case["chain"])
    verify_time(effective, leaf, valid["now"])
    assert same(effective, case["effective"]), (case["name"], effective)
    assert [digest(token) for token in case["chain"].split("~")] == case["digests"], case["name"]

refused = load("refused.json")
for case in refused["cases"]:
    try:
        effective, leaf, _ = verify(refused, case["chain"])
        verify_time(effective, leaf, refused["now"])
    except Refused as reason:
        assert str(reason) == case["reason"], (case["rule"], case["name"], str(reason))
    else:
        raise AssertionError(f"passes: {case['rule']}: {case['name']}")

proofs = load("proofs.json")
_, leaf, token = verify(proofs, proofs["chain"])
for case in proofs["cases"]:
    try:
        assert verify_proof(proofs, leaf, token, case["proof"]) == case["jti"], case["name"]
    except Refused as reason:
        assert str(reason) == case.get("reason"), (case["name"], str(reason))
    else:
        assert "reason" not in case, case["name"]

print(f"{len(valid['cases'])} valid, {len(refused['cases'])} refused, {len(proofs['cases'])} proofs")
