//! Capabilities as anybody could make them from the published page (`tests/vectors/README.md`): taken apart,
//! narrowed without a server, and forged by whoever holds the key of an audience.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Tenant, jwt};

/// The token type of capabilities.
pub const TOKEN_TYPE: &str = "urn:deputy:token-type:capability";

/// The blocks, root first, unverified.
#[track_caller]
pub fn blocks(text: &str) -> Vec<Value> {
    let (blocks, _) = parts(text);
    blocks.iter().map(|block| serde_json::from_slice(block).expect("a block is JSON")).collect()
}

/// One delegation below a capability, made without asking: a worker of this name, with these narrowed members.
#[track_caller]
pub fn narrowed(text: &str, name: &str, mut members: Value) -> String {
    members["name"] = json!(name);
    members["nonce"] = json!(jwt::nonce());
    let block = members.to_string();
    let (_, tag) = parts(text);
    let (before, _) = text.rsplit_once('.').expect("a tag");
    let tag = mac(&tag, block.as_bytes());
    format!("{before}.{}.{}", B64.encode(block), B64.encode(tag))
}

/// A capability of these blocks under the key of an audience, whoever made them.
pub fn sealed(key: &[u8], blocks: &[Value]) -> String {
    let texts: Vec<String> = blocks.iter().map(Value::to_string).collect();
    let tag = texts.iter().fold(key.to_vec(), |tag, block| mac(&tag, block.as_bytes()));
    let blocks: Vec<String> = texts.iter().map(|block| B64.encode(block)).collect();
    format!("dpyc1.{}.{}", blocks.join("."), B64.encode(tag))
}

/// The blocks with a tag of somebody's.
pub fn with_tag(blocks: &[Value], tag: &[u8]) -> String {
    let blocks: Vec<String> = blocks.iter().map(|block| B64.encode(block.to_string())).collect();
    format!("dpyc1.{}.{}", blocks.join("."), B64.encode(tag))
}

/// The tag at the end.
#[track_caller]
pub fn tag(text: &str) -> Vec<u8> {
    parts(text).1
}

/// The ids of the hops: those of the first block, then the computed ones.
#[track_caller]
pub fn ids(text: &str) -> Vec<String> {
    let (blocks, _) = parts(text);
    let root: Value = serde_json::from_slice(&blocks[0]).expect("a block is JSON");
    let hops = root["chain"].as_array().expect("a chain");
    let mut ids: Vec<String> = hops.iter().map(|hop| hop["id"].as_str().expect("an id").to_owned()).collect();
    for block in &blocks[1..] {
        let parent = ids.last().expect("a parent").clone();
        ids.push(B64.encode(Sha256::digest([parent.as_bytes(), block].concat())));
    }
    ids
}

/// The id of the credential that the text is.
#[track_caller]
pub fn id(text: &str) -> String {
    ids(text).pop().expect("a hop")
}

/// The key of an audience, as the tenant shows it to an administrator.
pub async fn key(tenant: &Tenant, audience: &str) -> Value {
    let audience: String = url(audience);
    tenant.api.post(&format!("/resources/{audience}/capability-key"), json!({})).await.is(200).json
}

/// The bytes of a shown key.
#[track_caller]
pub fn bytes(key: &Value) -> Vec<u8> {
    B64.decode(key["key"].as_str().expect("a key")).expect("base64url")
}

/// A URI as one segment of a path.
fn url(uri: &str) -> String {
    uri.replace(':', "%3A").replace('/', "%2F")
}

#[track_caller]
fn parts(text: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
    let rest = text.strip_prefix("dpyc1.").unwrap_or_else(|| panic!("no capability: {text}"));
    let mut parts: Vec<Vec<u8>> = rest.split('.').map(|part| B64.decode(part).expect("base64url")).collect();
    let tag = parts.pop().expect("a tag");
    (parts, tag)
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), data).as_ref().to_vec()
}
