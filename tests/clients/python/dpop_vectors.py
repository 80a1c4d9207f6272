"""A verifier of DPoP proofs (RFC 9449), written from tests/vectors/dpop/README.md alone, against its vectors."""

import base64
import hashlib
import json
import os
import pathlib
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    pass


def need(condition):
    if not condition:
        raise Refused


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def strict(raw):
    def members(pairs):
        need(len({name for name, _ in pairs}) == len(pairs))
        return dict(pairs)

    return json.loads(raw, object_pairs_hook=members)


def target(uri):
    parts = urllib.parse.urlsplit(uri)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    path = urllib.parse.urlsplit(urllib.parse.urljoin(uri, parts.path)).path
    return parts.scheme, parts.hostname, port, path.replace("/./", "/") or "/"


def verify(document, case):
    parts = case["proof"].split(".")
    need(len(parts) == 3)
    header = strict(unb64(parts[0]))
    need(header.get("typ") == "dpop+jwt" and header.get("alg") in ("EdDSA", "Ed25519"))
    need(not set(header) & {"jku", "x5u", "x5c", "crit", "b64"})
    jwk = header["jwk"]
    need(jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519" and "d" not in jwk)
    try:
        Ed25519PublicKey.from_public_bytes(unb64(jwk["x"])).verify(unb64(parts[2]), ".".join(parts[:2]).encode())
    except InvalidSignature:
        raise Refused from None
    claims = strict(unb64(parts[1]))
    need(all(isinstance(claims.get(name), str) and claims[name] for name in ("jti", "htm", "htu")))
    need(claims["htm"] == document["method"] and target(claims["htu"]) == target(document["uri"]))
    now, window = document["now"], document["window"]
    need(now < claims["iat"] + window["past"] and claims["iat"] <= now + window["ahead"])
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, sort_keys=True, separators=(",", ":"))
    jkt = b64(hashlib.sha256(text.encode()).digest())
    if case["with_token"]:
        need(claims.get("ath") == b64(hashlib.sha256(document["token"]["text"].encode()).digest()))
        need(jkt == document["token"]["jkt"])
    return {"jkt": jkt, "jti": claims["jti"]}


document = json.loads((pathlib.Path(os.environ["VECTORS"]) / "dpop" / "proofs.json").read_text())
for case in document["cases"]:
    try:
        accepted = verify(document, case)
    except Refused:
        assert case.get("reason") == "proof_invalid", case["name"]
    else:
        assert accepted == case.get("accepted"), case["name"]
print(f"{len(document['cases'])} proofs")
