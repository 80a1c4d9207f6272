//! HTTP Basic with form-encoded parts (RFC 6749 section 2.3.1, RFC 7617).
//!
//! Id and secret are form-encoded before they are joined by `:`, so `-` may arrive as `%2D`. Ids and secrets
//! of ours have no `%` and no `+`, so a client that does not encode is read correctly, too.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::{PresentedSecret, SecretMethod};
use crate::form;

/// Longest header that is read, in bytes.
const MAX_HEADER: usize = 4096;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn parse(header: &str) -> Option<PresentedSecret> {
    if header.len() > MAX_HEADER {
        return None;
    }
    let (scheme, token) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(BASE64.decode(token.trim_matches(' ')).ok()?);
    let mut parts = decoded.splitn(2, |byte| *byte == b':');
    let client_id = form::decode(parts.next()?).ok()?;
    let secret = Zeroizing::new(form::decode(parts.next()?).ok()?);
    if client_id.is_empty() || secret.is_empty() {
        return None;
    }
    Some(PresentedSecret { client_id, secret, method: SecretMethod::Basic })
}
