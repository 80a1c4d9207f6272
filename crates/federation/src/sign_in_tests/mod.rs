//! Signing in with a code, against an identity provider in memory.

mod authorization;
mod ended_sessions;
mod id_tokens;
mod redeeming;

use crate::keys::Metadata;
use crate::sign_in::Client;
use crate::signer::ISSUER;

const CLIENT: &str = "client-1";
const NONCE: &str = "n-0S6_WzA2Mj";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn metadata() -> Metadata {
    Metadata {
        issuer: ISSUER.to_owned(),
        jwks_uri: "https://id.example/keys".to_owned(),
        authorization_endpoint: Some("https://id.example/authorize".to_owned()),
        token_endpoint: Some("https://id.example/token".to_owned()),
        ..Metadata::default()
    }
}

fn client(secret: Option<&str>) -> Client<'_> {
    Client { id: CLIENT, secret, redirect_uri: "https://deputy.example/t/acme/callback?x=1" }
}
