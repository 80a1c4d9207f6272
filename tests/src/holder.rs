//! A key that proves possession: DPoP proofs (RFC 9449), written here without the server's code.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::jwt::{nonce, now};

#[derive(Debug)]
enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A client's key, to which tokens can be bound.
#[derive(Debug)]
pub struct Holder(Pair);

impl Holder {
    /// A fresh P-256 key.
    pub fn p256() -> Self {
        Self(Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")))
    }

    /// A fresh Ed25519 key.
    pub fn ed25519() -> Self {
        Self(Pair::Ed25519(Ed25519KeyPair::generate().expect("a key")))
    }

    /// Its public part.
    pub fn jwk(&self) -> Value {
        match &self.0 {
            Pair::P256(pair) => {
                // SEC 1, uncompressed: 0x04, x, y.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"crv": "P-256", "kty": "EC", "x": encode(x), "y": encode(y)})
            }
            Pair::Ed25519(pair) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": encode(pair.public_key())})
            }
        }
    }

    /// Its thumbprint (RFC 7638); `serde_json` writes members sorted and without blanks.
    pub fn thumbprint(&self) -> String {
        encode(Sha256::digest(self.jwk().to_string()))
    }

    /// Its private part, PKCS#8 in PEM.
    pub fn pem(&self) -> String {
        let pkcs8 = match &self.0 {
            Pair::P256(pair) => pair.to_pkcs8v1().expect("exported").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().expect("exported").as_ref().to_vec(),
        };
        pem("PRIVATE KEY", &pkcs8)
    }

    /// The header of a good proof.
    pub fn header(&self) -> Value {
        json!({"alg": self.alg(), "typ": "dpop+jwt", "jwk": self.jwk()})
    }

    /// A good proof for a request, and for the token that comes with it.
    pub fn proof(&self, method: &str, uri: &str, token: Option<&str>) -> String {
        self.sign(&self.header(), &proof_claims(method, uri, token))
    }

    /// A JWT of any header and claims.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.signature(input.as_bytes());
        format!("{input}.{}", encode(signature))
    }

    /// Its signature over these bytes, as a JWS carries it.
    pub fn signature(&self, input: &[u8]) -> Vec<u8> {
        match &self.0 {
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), input).expect("a signature").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
        }
    }

    /// Its public part as a SubjectPublicKeyInfo in DER.
    pub fn public_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match &self.0 {
            Pair::P256(pair) => pair.public_key().as_der().expect("exported"),
            Pair::Ed25519(pair) => pair.public_key().as_der().expect("exported"),
        };
        der.as_ref().to_vec()
    }

    /// The name of its algorithm.
    pub fn alg(&self) -> &'static str {
        match self.0 {
            Pair::P256(_) => "ES256",
            Pair::Ed25519(_) => "Ed25519",
        }
    }
}

/// DER as PEM.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The claims of a good proof.
pub fn proof_claims(method: &str, uri: &str, token: Option<&str>) -> Value {
    let mut claims = json!({"jti": nonce(), "htm": method, "htu": uri, "iat": now()});
    if let Some(token) = token {
        claims["ath"] = json!(encode(Sha256::digest(token)));
    }
    claims
}

/// What a chain of attenuating agent tokens (draft-niyikiza-oauth-attenuating-agent-tokens) needs of its holders.
impl Holder {
    /// The chain with one more token, for another key; `change` makes it narrower, or worse.
    pub fn derive(&self, chain: &str, to: &Holder, name: &str, change: impl FnOnce(&mut Value)) -> String {
        let parent = leaf(chain);
        let mut claims = json!({
            "authorization_details": parent["authorization_details"],
            "cnf": {"jwk": to.jwk()},
            "del_depth": parent["del_depth"].as_u64().expect("a depth") + 1,
            "del_max_depth": parent["del_max_depth"],
            "exp": parent["exp"],
            "iat": parent["iat"],
            "iss": format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", self.thumbprint()),
            "jti": nonce(),
            "name": name,
            "par_hash": digest(chain),
        });
        change(&mut claims);
        format!("{chain}~{}", self.sign(&json!({"alg": self.alg(), "typ": "aat+jwt"}), &claims))
    }

    /// The claims of a good proof for one call.
    pub fn pop_claims(chain: &str, audience: &str, tool: &str, arguments: &Value) -> Value {
        json!({
            "aat_aud": audience,
            "aat_hash": digest(chain),
            "aat_id": leaf(chain)["jti"],
            "aat_tool": tool,
            "hta": arguments,
            "iat": now(),
            "jti": nonce(),
        })
    }

    /// A JWT of these claims as a proof for one call.
    pub fn pop(&self, claims: &Value) -> String {
        self.sign(&json!({"alg": self.alg(), "typ": "aat-pop+jwt"}), claims)
    }
}

/// The claims of a chain's last token.
fn leaf(chain: &str) -> Value {
    crate::jwt::claims(last(chain))
}

/// The digest that names a chain's last token.
pub fn digest(chain: &str) -> String {
    let (input, _) = last(chain).rsplit_once('.').expect("a JWT");
    encode(Sha256::digest(input))
}

fn last(chain: &str) -> &str {
    chain.rsplit('~').next().unwrap_or_default()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
