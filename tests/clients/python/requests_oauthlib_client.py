"""requests-oauthlib: the backend application flow, with the secret in the header and in the body."""

import os

import requests
from oauthlib.oauth2 import BackendApplicationClient, InvalidScopeError
from oauthlib.oauth2.rfc6749.errors import InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

issuer, scope = os.environ["ISSUER"], os.environ["SCOPE"]
client_id, secret = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
url = metadata["token_endpoint"]


def session(wanted):
    return OAuth2Session(client=BackendApplicationClient(client_id=client_id, scope=wanted))


token = session(scope).fetch_token(url, auth=HTTPBasicAuth(client_id, secret))
assert token["scope"] == [scope], token
token = session(scope).fetch_token(url, client_id=client_id, client_secret=secret, include_client_id=True)
assert token["token_type"].lower() == "bearer", token

for wanted, given, expected in (
    (scope, secret + "x", InvalidClientError),
    ("delete:everything", secret, InvalidScopeError),
):
    try:
        session(wanted).fetch_token(url, auth=HTTPBasicAuth(client_id, given))
    except expected:
        pass
    else:
        raise AssertionError(f"{expected.__name__} was expected")
