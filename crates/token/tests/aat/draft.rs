//! The draft's own test vectors (its appendix E): what it prints is what comes out here, byte for byte.

use deputy_mandate::{Instant, Value};
use deputy_token::aat::{self, Pop, UnverifiedAat};

use super::fixture::ed25519;

/// Vector J.1: the root issuer's key is the seed 0x01, the orchestrator's 0x02.
const ROOT: &str = "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiYWF0K2p3dCJ9.eyJhdXRob3JpemF0aW9uX2RldGFpbHMiOlt7InRvb2xzIjp7InJlYWRfZmlsZSI6eyJwYXRoIjp7ImNvbnN0cmFpbnRfdHlwZSI6IndpbGRjYXJkIn19fSwidHlwZSI6ImF0dGVudWF0aW5nX2FnZW50X3Rva2VuIn1dLCJjbmYiOnsiandrIjp7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoiZ1RsM0RxaDlGMTlXbzFSbXcweC16TXVOaXBHMDdqZWlYZllQVzRfSnM1USJ9fSwiZGVsX2RlcHRoIjowLCJkZWxfbWF4X2RlcHRoIjozLCJleHAiOjE3MDQwNzA4MDAsImlhdCI6MTcwNDA2NzIwMCwiaXNzIjoiaHR0cHM6Ly9hdXRoLmV4YW1wbGUuY29tIiwianRpIjoiMDE5NDcxZjgtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIn0.G2ZIeMAY5H1nbG0j2f6R9hW8WsP98CC8ZA9-dLpNATy-i7DMR6iAHzgSrAhpdTVt1Y5urMK9iE0ZXMcLHzrHBg";
const PROOF: &str = "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiYWF0LXBvcCtqd3QifQ.eyJhYXRfYXVkIjoiaHR0cHM6Ly90b29scy5leGFtcGxlLmNvbSIsImFhdF9oYXNoIjoicXowNUNqTzFTLWlUazkzQ0dLbWlCOHk3YlJVZFVBZTY3a1h6VXd5TXpVVSIsImFhdF9pZCI6IjAxOTQ3MWY4LTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMSIsImFhdF90b29sIjoicmVhZF9maWxlIiwiaHRhIjp7InBhdGgiOiIvZGF0YS9xMy1yZXBvcnQucGRmIn0sImlhdCI6MTcwNDA2NzUwMCwianRpIjoiMDE5NDcxZjgtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwYTAxIn0.Dod0rnn_6OlvM2upQlbY0trWOJPM80GEuZn6gUJr0vOmWrjdWEg_voQT-f-iKsgqGJ1KRdQqisbNgaNJ5OBOAQ";

#[test]
fn keys_and_thumbprints_are_the_drafts() {
    assert_eq!(ed25519(2).jwk().thumbprint(), "aVBtapLd11SUVKIMGJfPzOEDuN0sXcmzJQNVT-_sKEU");
    let issuer = ed25519(1).jwk().bare();
    assert!(issuer.contains("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"), "{issuer}");
}

#[test]
fn a_digest_is_the_drafts() {
    let aat = UnverifiedAat::parse(ROOT).unwrap();
    assert_eq!(aat.tokens().next().unwrap().digest(), "qz05CjO1S-iTk93CGKmiB8y7bRUdUAe67kXzUwyMzUU");
}

#[test]
fn a_proof_is_the_drafts() {
    let arguments = Value::parse(r#"{"path": "/data/q3-report.pdf"}"#).unwrap();
    let pop = Pop {
        jti: "019471f8-0000-7000-8000-000000000a01",
        iat: Instant::from_secs(1_704_067_500),
        audience: "https://tools.example.com",
        tool: "read_file",
        arguments: &arguments,
        nonce: None,
    };
    assert_eq!(aat::seal_pop(ROOT, &pop, &ed25519(2)).unwrap(), PROOF);
}
