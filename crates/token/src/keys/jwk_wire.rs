//! The members of a JWK as they stand in JSON, and what makes them acceptable (RFC 7517 section 4, RFC 7518
//! section 6, RFC 8037 section 2).
//!
//! Members that no RFC gives a meaning here are ignored, as RFC 7517 demands; members that would make the
//! key private, or not for signatures, are refused.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde::{Deserialize, Serialize};

use super::{Jwk, KeyShape, VerifyAlg};

/// Why a JWK is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not a JSON object, a member twice, or a member of the wrong type.
    #[error("not a JSON Web Key")]
    Malformed,
    /// A private or symmetric key.
    #[error("the key carries the private member `{0}`")]
    Private(&'static str),
    /// A key type or curve other than EC P-256, OKP Ed25519 and RSA.
    #[error("the key must be EC with curve P-256, OKP with curve Ed25519, or RSA")]
    Unsupported,
    /// A member that the key type needs is absent.
    #[error("the key lacks the member `{0}`")]
    Missing(&'static str),
    /// A number that is not canonical base64url, or not of its size.
    #[error("the member `{0}` is not base64url of the right size")]
    Size(&'static str),
    /// `use` is not `sig`, or `key_ops` does not allow verification.
    #[error("the key is not for signatures")]
    Use,
    /// `alg` is unknown or does not fit the key type.
    #[error("the member `alg` does not fit the key")]
    Alg,
    /// `kid` is empty or longer than 256 bytes.
    #[error("the member `kid` is empty or too long")]
    Kid,
    /// The numbers are no key: a point off its curve, a bad exponent.
    #[error("the numbers are not a public key")]
    NotAKey,
}

type Text<'a> = Option<Cow<'a, str>>;
type Secret = Option<serde::de::IgnoredAny>;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct JwkWire<'a> {
    #[serde(borrow)]
    kty: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    crv: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    x: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    y: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    n: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    e: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    kid: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    alg: Text<'a>,
    #[serde(borrow, rename = "use", skip_serializing_if = "Option::is_none")]
    purpose: Text<'a>,
    #[serde(skip_serializing)]
    key_ops: Option<Vec<String>>,
    #[serde(skip_serializing)]
    d: Secret,
    #[serde(skip_serializing)]
    p: Secret,
    #[serde(skip_serializing)]
    q: Secret,
    #[serde(skip_serializing)]
    dp: Secret,
    #[serde(skip_serializing)]
    dq: Secret,
    #[serde(skip_serializing)]
    qi: Secret,
    #[serde(skip_serializing)]
    oth: Secret,
    #[serde(skip_serializing)]
    k: Secret,
}

impl<'a> JwkWire<'a> {
    pub(super) fn of(jwk: &'a Jwk) -> Self {
        let number = |bytes: &[u8]| Some(Cow::Owned(B64.encode(bytes)));
        let common = Self {
            kid: jwk.kid().map(Cow::Borrowed),
            alg: jwk.alg().map(|alg| alg.as_str().into()),
            purpose: Some("sig".into()),
            ..Self::default()
        };
        match jwk.shape() {
            KeyShape::P256 { x, y } => {
                Self { kty: "EC".into(), crv: Some("P-256".into()), x: number(x), y: number(y), ..common }
            }
            KeyShape::Ed25519 { x } => {
                Self { kty: "OKP".into(), crv: Some("Ed25519".into()), x: number(x), ..common }
            }
            KeyShape::Rsa { n, e } => Self { kty: "RSA".into(), n: number(n), e: number(e), ..common },
        }
    }

    pub(super) fn check(self) -> Result<Jwk, JwkError> {
        self.refuse_private()?;
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return Err(JwkError::Use);
        }
        if self.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "verify")) {
            return Err(JwkError::Use);
        }
        if self.kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > 256) {
            return Err(JwkError::Kid);
        }
        let shape = self.shape()?;
        let alg = match self.alg.as_deref() {
            None => None,
            Some(name) => Some(VerifyAlg::from_name(name).ok_or(JwkError::Alg)?),
        };
        let fits = match (&shape, alg) {
            (_, None) => true,
            (KeyShape::P256 { .. }, Some(alg)) => alg == VerifyAlg::Es256,
            (KeyShape::Ed25519 { .. }, Some(alg)) => alg == VerifyAlg::EdDsa,
            (KeyShape::Rsa { .. }, Some(alg)) => matches!(alg, VerifyAlg::Rs256 | VerifyAlg::Ps256),
        };
        if !fits {
            return Err(JwkError::Alg);
        }
        Jwk::checked(self.kid.map(Cow::into_owned), alg, shape)
    }

    fn refuse_private(&self) -> Result<(), JwkError> {
        let secrets = [
            ("d", &self.d),
            ("p", &self.p),
            ("q", &self.q),
            ("dp", &self.dp),
            ("dq", &self.dq),
            ("qi", &self.qi),
            ("oth", &self.oth),
            ("k", &self.k),
        ];
        match secrets.into_iter().find(|(_, member)| member.is_some()) {
            Some((name, _)) => Err(JwkError::Private(name)),
            None => Ok(()),
        }
    }

    fn shape(&self) -> Result<KeyShape, JwkError> {
        match (self.kty.as_ref(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => {
                Ok(KeyShape::P256 { x: coordinate("x", &self.x)?, y: coordinate("y", &self.y)? })
            }
            ("OKP", Some("Ed25519")) => Ok(KeyShape::Ed25519 { x: coordinate("x", &self.x)? }),
            ("RSA", None) => {
                let (n, e) = (number("n", &self.n)?, number("e", &self.e)?);
                let bits = n.len() * 8 - n.first().map_or(0, |top| top.leading_zeros() as usize);
                if !(2048..=8192).contains(&bits) {
                    return Err(JwkError::Size("n"));
                }
                if e.len() > 4 {
                    return Err(JwkError::Size("e"));
                }
                // With the exponent 1 anybody can sign; an even number has no inverse.
                let odd = |number: &[u8]| number.last().is_some_and(|low| low % 2 == 1);
                if e == [1] || !odd(&e) || !odd(&n) {
                    return Err(JwkError::NotAKey);
                }
                Ok(KeyShape::Rsa { n, e })
            }
            _ => Err(JwkError::Unsupported),
        }
    }
}

fn bytes(name: &'static str, text: &Text<'_>) -> Result<Vec<u8>, JwkError> {
    let text = text.as_deref().ok_or(JwkError::Missing(name))?;
    B64.decode(text).map_err(|_| JwkError::Size(name))
}

fn coordinate(name: &'static str, text: &Text<'_>) -> Result<[u8; 32], JwkError> {
    bytes(name, text)?.try_into().map_err(|_| JwkError::Size(name))
}

/// A Base64urlUInt (RFC 7518 section 2): no leading zero, never empty.
fn number(name: &'static str, text: &Text<'_>) -> Result<Vec<u8>, JwkError> {
    let bytes = bytes(name, text)?;
    match bytes.first() {
        Some(1..) => Ok(bytes),
        _ => Err(JwkError::Size(name)),
    }
}
