"""Authlib: client_secret_basic and client_secret_post; token, introspection, revocation."""

import os

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

issuer, scope = os.environ["ISSUER"], os.environ["SCOPE"]
client_id, secret = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
metadata = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()
assert metadata["issuer"] == issuer, metadata

for method in ("client_secret_basic", "client_secret_post"):
    session = OAuth2Session(client_id, secret, scope=scope, token_endpoint_auth_method=method)
    token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert token["scope"] == scope, token
    access = token["access_token"]
    live = session.introspect_token(metadata["introspection_endpoint"], token=access).json()
    assert live["active"] is True and live["client_id"] == client_id, live
    assert session.revoke_token(metadata["revocation_endpoint"], token=access).status_code == 200
    dead = session.introspect_token(metadata["introspection_endpoint"], token=access).json()
    assert dead == {"active": False}, dead

    stranger = OAuth2Session(client_id, secret + "x", scope=scope, token_endpoint_auth_method=method)
    try:
        stranger.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    except OAuthError as error:
        assert error.error == "invalid_client", error
    else:
        raise AssertionError("a wrong secret was accepted")
