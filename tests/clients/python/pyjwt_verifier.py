"""PyJWT: a resource server that verifies an access token (RFC 9068) by the tenant's JWKS."""

import os

import jwt
import requests

issuer, scope = os.environ["ISSUER"], os.environ["SCOPE"]
client = (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
metadata = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()
form = {"grant_type": "client_credentials", "scope": scope}
token = requests.post(metadata["token_endpoint"], data=form, auth=client, timeout=10).json()["access_token"]

key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token).key
header = jwt.get_unverified_header(token)
assert header["typ"] == "at+jwt" and header["alg"] == "ES256", header
required = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"]


def verify(text, audience=issuer):
    options = {"require": required}
    return jwt.decode(text, key, algorithms=["ES256"], audience=audience, issuer=issuer, options=options)


claims = verify(token)
assert claims["client_id"] == client[0] and claims["scope"] == scope, claims
assert claims["sub"].startswith("spiffe://"), claims

head, payload, signature = token.split(".")
forged = ".".join((head, payload, ("B" if signature[0] == "A" else "A") + signature[1:]))
for text, audience, expected in (
    (forged, issuer, jwt.InvalidSignatureError),
    (token, "https://elsewhere.example.com/", jwt.InvalidAudienceError),
):
    try:
        verify(text, audience)
    except expected:
        pass
    else:
        raise AssertionError(f"{expected.__name__} was expected")
