//! Tokens of other issuers: what is accepted, and each way to get it wrong.

mod any_input;
mod audiences;
mod headers;
mod kinds;
mod texts;
mod times;

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_token::keys::JwkSet;

use crate::assertion::{Assertion, AssertionError, Expected, Purpose, Verified};
use crate::signer::{AUDIENCE, Claims, ES256, ISSUER, NOW, Signer, all, key_set};

const PURPOSES: [Purpose; 6] =
    [Purpose::Subject, Purpose::IdToken, Purpose::Grant, Purpose::Workload, Purpose::Svid, Purpose::Logout];

/// A `typ` that tokens of this purpose have.
fn typ(purpose: Purpose) -> Option<&'static str> {
    match purpose {
        Purpose::Subject => Some("at+jwt"),
        Purpose::IdToken | Purpose::Workload | Purpose::Svid => Some("JWT"),
        Purpose::Grant => Some("oauth-id-jag+jwt"),
        Purpose::Logout => Some("logout+jwt"),
    }
}

fn verify(
    token: &str,
    keys: &JwkSet,
    purpose: Purpose,
    issuer: Option<&str>,
    now: Instant,
) -> Result<Verified, AssertionError> {
    let audiences = BTreeSet::from([AUDIENCE.to_owned(), "client-1".to_owned()]);
    Assertion::parse(token)?.verify(keys, &Expected { issuer, audiences: &audiences, purpose }, now)
}

/// Verifies at [`NOW`] with the signer's own key.
fn check(signer: &Signer, purpose: Purpose, token: &str) -> Result<Verified, AssertionError> {
    verify(token, &key_set(&[signer]), purpose, Some(ISSUER), NOW)
}

/// Signs claims as a token of the purpose, and verifies that.
fn judge(purpose: Purpose, claims: &Claims) -> Result<Verified, AssertionError> {
    check(&ES256, purpose, &ES256.token(typ(purpose), claims))
}

fn refused(purpose: Purpose, claims: &Claims) -> AssertionError {
    judge(purpose, claims).map(|verified| verified.claims).unwrap_err()
}

#[test]
fn a_good_token_of_every_purpose_and_algorithm_holds() {
    for signer in all() {
        for purpose in PURPOSES {
            let token = signer.token(typ(purpose), &Claims::good());
            let parsed = Assertion::parse(&token).unwrap();
            assert_eq!((parsed.issuer(), parsed.subject()), (Some(ISSUER), Some("00u1abc")));
            let wanted = parsed.wanted();
            assert_eq!((wanted.kid, wanted.alg.as_str()), (Some(signer.kid), signer.alg));
            let verified = check(signer, purpose, &token).unwrap();
            assert_eq!(verified.subject, "00u1abc");
            assert_eq!(verified.expires_at, NOW.plus_secs(300));
            assert_eq!(verified.claims.get("jti"), Some(&"j1".into()));
        }
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for purpose in PURPOSES {
        assert!(judge(purpose, &Claims::good()).is_ok());
        for other in
            ["https://id.example/tenant/", "https://ID.example/tenant", "https://id.example", "x", " "]
        {
            let found = other.to_owned();
            let refused = refused(purpose, &Claims::good().with("iss", other));
            assert_eq!(refused, AssertionError::Issuer { found });
        }
        let array = Claims::good().with("iss", vec![ISSUER]);
        for bad in [Claims::good().without("iss"), array, Claims::good().with("iss", 1)] {
            assert_eq!(refused(purpose, &bad), AssertionError::Claim("iss"), "{}", bad.text());
        }
    }
}

#[test]
fn where_the_keys_say_who_issued_it_the_issuer_is_not_asked_for() {
    let unnamed = ES256.token(typ(Purpose::Svid), &Claims::good().without("iss"));
    let keys = key_set(&[&ES256]);
    assert!(verify(&unnamed, &keys, Purpose::Svid, None, NOW).is_ok());
    let refused = verify(&unnamed, &keys, Purpose::Svid, Some(ISSUER), NOW).unwrap_err();
    assert_eq!(refused, AssertionError::Claim("iss"));
}

#[test]
fn what_is_claimed_but_not_text_names_nobody() {
    let token = ES256.token(None, &Claims::good().with("iss", vec![ISSUER]).with("sub", 1));
    let parsed = Assertion::parse(&token).unwrap();
    assert_eq!((parsed.issuer(), parsed.subject()), (None, None));
}
