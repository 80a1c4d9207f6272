//! The key set of an issuer follows its keys at once.

use deputy_tests::issuer::{Alg, Foreign, JWKS, Key, SPIFFE_BUNDLE};
use deputy_tests::{Issuer, jwt};
use serde_json::json;

use super::{kids, read};

#[tokio::test]
async fn a_rotation_withdraws_and_an_overlap_does_not() {
    let issuer = Issuer::start().await;
    let (url, first) = (issuer.at(JWKS), issuer.key());
    assert_eq!(kids(&read(&url).await), [first.kid()]);

    let second = issuer.rotate();
    assert_eq!(kids(&read(&url).await), [second.kid()]);
    assert_eq!(jwt::header(&issuer.sign(json!({})))["kid"], second.kid());

    let third = issuer.publish_next(Alg::Rs256);
    assert_eq!(kids(&read(&url).await), [second.kid(), third.kid()]);
    assert_eq!(jwt::header(&issuer.sign(json!({})))["kid"], second.kid());
    issuer.sign_with(&third);
    assert_eq!(jwt::header(&issuer.sign(json!({})))["alg"], "RS256");
    issuer.withdraw(second.kid());
    assert_eq!(kids(&read(&url).await), [third.kid()]);

    let fourth = issuer.rotate_to(Alg::EdDsa);
    assert_eq!(read(&url).await["keys"], json!([fourth.jwk()]));
    assert_eq!(issuer.hits(JWKS), 5);
}

#[tokio::test]
async fn living_rsa_keys_are_different() {
    let issuer = Issuer::start_with(Alg::Rs256).await;
    let first = issuer.key();
    let second = issuer.rotate();
    let stranger = Key::generate(Alg::Rs256);
    let moduli = [&first, &second, &stranger].map(|key| key.jwk()["n"].as_str().unwrap().to_owned());
    assert!(moduli[0] != moduli[1] && moduli[1] != moduli[2] && moduli[0] != moduli[2]);
    assert_eq!(first.jwk()["e"], "AQAB");
    assert_eq!(moduli[0].len(), 342, "2048 bits");
}

#[tokio::test]
async fn a_set_holds_what_a_test_puts_there() {
    let issuer = Issuer::start().await;
    for foreign in Foreign::ALL {
        issuer.publish(foreign.jwk(&format!("{foreign:?}")));
    }
    let set = read(&issuer.at(JWKS)).await;
    assert_eq!(kids(&set), ["Encryption", "Secp256k1", "Symmetric", "Unheard", issuer.key().kid()]);

    issuer.keys_without("kid");
    issuer.keys_without("alg");
    let set = read(&issuer.at(JWKS)).await;
    let own = set["keys"][4].as_object().unwrap();
    assert!(!own.contains_key("kid") && !own.contains_key("alg"), "{own:?}");
    assert_eq!(own["use"], "sig");
    assert_eq!(set["keys"][0]["kid"], "Encryption");

    issuer.behave_well();
    assert_eq!(read(&issuer.at(JWKS)).await["keys"], json!([issuer.key().jwk()]));
}

#[tokio::test]
async fn a_bundle_tells_its_keys_apart_by_their_use() {
    let issuer = Issuer::start().await;
    let before = read(&issuer.at(SPIFFE_BUNDLE)).await;
    assert_eq!(before["keys"][0]["use"], "x509-svid");
    assert_eq!(before["keys"][1]["use"], "jwt-svid");
    assert_eq!(before["keys"][1]["x"], issuer.key().jwk()["x"]);
    issuer.rotate();
    let after = read(&issuer.at(SPIFFE_BUNDLE)).await;
    assert!(after["spiffe_sequence"].as_u64() > before["spiffe_sequence"].as_u64());
    assert_eq!(after["keys"][1]["kid"], issuer.key().kid());
}
