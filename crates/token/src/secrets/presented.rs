//! The secrets that callers present: API keys (`dpy_…`) and client secrets (`dps_…`).
//!
//! Text form: prefix, 43 base-62 digits (256 random bits), 6 base-62 digits of checksum (the first 32 bits of
//! SHA-256 over all before it). Prefix and checksum let a scanner recognise a leaked key without asking
//! anybody, and a typing error is found before a look-up.

use std::fmt;
use std::marker::PhantomData;

use aws_lc_rs::rand::SecureRandom;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Sha256Digest, base62};

const RANDOM_DIGITS: usize = 43;
const CHECK_DIGITS: usize = 6;

/// Longest secret that is looked at, in bytes.
const MAX_LEN: usize = 256;

/// Why a text is not a secret of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The prefix, the length or the alphabet is wrong.
    #[error("not a secret that starts with `{0}`")]
    Form(&'static str),
    /// The checksum does not match: the text was mistyped or cut.
    #[error("the checksum does not match")]
    Checksum,
    /// The random generator failed.
    #[error("the random generator failed")]
    Random,
}

/// A kind of secret; it fixes the prefix.
pub trait SecretKind {
    /// What the text starts with.
    const PREFIX: &'static str;
}

/// The kind of [`ApiKey`].
#[derive(Debug, Clone, Copy)]
pub enum ApiKeyKind {}

impl SecretKind for ApiKeyKind {
    const PREFIX: &'static str = "dpy_";
}

/// The kind of [`ClientSecret`].
#[derive(Debug, Clone, Copy)]
pub enum ClientSecretKind {}

impl SecretKind for ClientSecretKind {
    const PREFIX: &'static str = "dps_";
}

/// A key of the management API.
pub type ApiKey = Secret<ApiKeyKind>;

/// The secret that an OAuth client authenticates with.
pub type ClientSecret = Secret<ClientSecretKind>;

/// A secret in its text form.
pub struct Secret<K> {
    text: Zeroizing<String>,
    kind: PhantomData<K>,
}

impl<K: SecretKind> Secret<K> {
    /// Draws a new one.
    ///
    /// # Errors
    /// [`SecretError::Random`].
    pub fn generate(rng: &dyn SecureRandom) -> Result<Self, SecretError> {
        let mut random = Zeroizing::new([0u8; 32]);
        rng.fill(random.as_mut_slice()).map_err(|_| SecretError::Random)?;
        Ok(Self::from_random(&mut random))
    }

    fn from_random(random: &mut [u8; 32]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(K::PREFIX.len() + RANDOM_DIGITS + CHECK_DIGITS));
        text.push_str(K::PREFIX);
        base62::encode_into(&mut text, random, RANDOM_DIGITS);
        random.zeroize();
        let mut check = checksum(&text);
        base62::encode_into(&mut text, &mut check, CHECK_DIGITS);
        Self { text, kind: PhantomData }
    }

    /// Reads the text form, strictly.
    ///
    /// # Errors
    /// [`SecretError::Form`] or [`SecretError::Checksum`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let form = SecretError::Form(K::PREFIX);
        let digits = text.strip_prefix(K::PREFIX).ok_or(form)?;
        if digits.len() != RANDOM_DIGITS + CHECK_DIGITS || !digits.is_ascii() {
            return Err(form);
        }
        let (random, check) = digits.split_at_checked(RANDOM_DIGITS).ok_or(form)?;
        Zeroizing::new(base62::decode::<32>(random).ok_or(form)?);
        let stated: [u8; 4] = base62::decode(check).ok_or(SecretError::Checksum)?;
        let signed = text.strip_suffix(check).ok_or(form)?;
        if stated != checksum(signed) {
            return Err(SecretError::Checksum);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), kind: PhantomData })
    }

    /// Reads a secret that an operator chose: the prefix and at least 43 characters of `A-Z a-z 0-9 - _`,
    /// without a checksum. For the bootstrap key alone.
    ///
    /// # Errors
    /// [`SecretError::Form`].
    pub fn parse_chosen(text: &str) -> Result<Self, SecretError> {
        let form = SecretError::Form(K::PREFIX);
        let rest = text.strip_prefix(K::PREFIX).ok_or(form)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(RANDOM_DIGITS..=MAX_LEN).contains(&rest.len()) || !rest.bytes().all(plain) {
            return Err(form);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), kind: PhantomData })
    }

    /// The text, to be shown once or sent; never to be logged.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored of it.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.text.as_bytes())
    }
}

fn checksum(text: &str) -> [u8; 4] {
    let digest = Sha256Digest::of(text);
    digest.as_bytes().first_chunk().copied().unwrap_or_default()
}

impl<K> Clone for Secret<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K: SecretKind> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..", K::PREFIX)
    }
}
