//! An issuer's key in the tests, and the tokens that it signs: any header and any payload, good or not.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::Instant;
use deputy_token::keys::{Alg, JwkSet, Kid, SigningKey};
use serde_json::{Value, json};

pub(crate) const NOW: Instant = Instant::from_secs(1_800_000_000);
pub(crate) const ISSUER: &str = "https://id.example/tenant";
pub(crate) const AUDIENCE: &str = "https://deputy.example/t/acme";

pub(crate) static ES256: LazyLock<Signer> = LazyLock::new(|| Signer::own("es", Alg::Es256));
pub(crate) static ED25519: LazyLock<Signer> = LazyLock::new(|| Signer::own("ed", Alg::EdDsa));
pub(crate) static RS256: LazyLock<Signer> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    Signer { kid: "rs", alg: "RS256", pair: Pair::Rsa(pair, &RSA_PKCS1_SHA256) }
});
pub(crate) static PS256: LazyLock<Signer> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    Signer { kid: "ps", alg: "PS256", pair: Pair::Rsa(pair, &RSA_PSS_SHA256) }
});

pub(crate) struct Signer {
    pub(crate) kid: &'static str,
    pub(crate) alg: &'static str,
    pair: Pair,
}

enum Pair {
    Own(SigningKey),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
}

impl Signer {
    pub(crate) fn own(kid: &'static str, alg: Alg) -> Self {
        let key = SigningKey::generate(Kid::new(kid).unwrap(), alg, &SystemRandom::new()).unwrap();
        Self { kid, alg: alg.as_str(), pair: Pair::Own(key) }
    }

    /// Its public key; without `alg`, as many issuers publish theirs.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Own(key) => serde_json::to_value(key.jwk()).unwrap(),
            Pair::Rsa(pair, _) => {
                // PKCS#1 RSAPublicKey of 2048 bits: 9 bytes of header, the modulus, 2 of header, the exponent.
                let der = pair.public_key().as_ref();
                json!({"kty": "RSA", "n": B64.encode(&der[9..265]), "e": B64.encode(&der[267..]), "use": "sig"})
            }
        };
        jwk["kid"] = self.kid.into();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    }

    /// The usual header, with a `typ` if there is one.
    pub(crate) fn header(&self, typ: Option<&str>) -> String {
        let mut header = json!({"alg": self.alg, "kid": self.kid});
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        header.to_string()
    }

    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", B64.encode(header), B64.encode(payload));
        let signature = match &self.pair {
            Pair::Own(key) => key.sign(input.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; 256];
                pair.sign(*padding, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{input}.{}", B64.encode(signature))
    }

    pub(crate) fn token(&self, typ: Option<&str>, claims: &Claims) -> String {
        self.sign(&self.header(typ), &claims.text())
    }
}

pub(crate) fn all() -> [&'static Signer; 4] {
    [&ES256, &ED25519, &RS256, &PS256]
}

pub(crate) fn jwks(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(crate) fn key_set(signers: &[&Signer]) -> JwkSet {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    JwkSet::parse(&jwks(&keys)).unwrap()
}

/// `NOW` and so many seconds, as a NumericDate.
pub(crate) fn at(secs: i64) -> i64 {
    NOW.as_secs_floor() + secs
}

/// Claims in order, each value as it stands in JSON: also twice, and also numbers that no reader keeps.
#[derive(Clone)]
pub(crate) struct Claims(Vec<(String, String)>);

impl Claims {
    /// Good for every purpose but [`crate::assertion::Purpose::Logout`]'s `events`.
    pub(crate) fn good() -> Self {
        Self(Vec::new())
            .with("iss", ISSUER)
            .with("sub", "00u1abc")
            .with("aud", AUDIENCE)
            .with("exp", at(300))
            .with("iat", at(0))
            .with("jti", "j1")
    }

    pub(crate) fn with(self, name: &str, value: impl Into<Value>) -> Self {
        let value: Value = value.into();
        self.with_raw(name, &value.to_string())
    }

    pub(crate) fn with_raw(self, name: &str, json: &str) -> Self {
        self.without(name).and(name, json)
    }

    /// Adds the member even if there is one of that name.
    pub(crate) fn and(mut self, name: &str, json: &str) -> Self {
        self.0.push((name.to_owned(), json.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    pub(crate) fn text(&self) -> String {
        let members: Vec<String> = self.0.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        format!("{{{}}}", members.join(","))
    }
}
