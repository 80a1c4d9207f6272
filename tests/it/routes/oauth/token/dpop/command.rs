//! `deputy token request` and `exchange` with `--dpop-key`.

use deputy_tests::{Client, Holder, Server, Tenant, jwt, on_both_databases};
use serde_json::json;

use super::agent;

fn run(
    server: &Server,
    tenant: &Tenant,
    client: &Client,
    verb: &str,
    more: &[&str],
) -> (i32, String, String) {
    let mut command = server.command(&["token", verb, "--scope", "read:docs"]);
    command.args(more).env("DEPUTY_TENANT", &tenant.slug);
    command.env("DEPUTY_CLIENT_ID", &client.id).env("DEPUTY_CLIENT_SECRET", &client.secret);
    let output = command.output().expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

on_both_databases!(a_key_file_binds_the_token, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({"require_dpop": true})).await;
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (one, other) = (Holder::ed25519(), Holder::p256());
    let (one_file, other_file) = (file("one.pem", &one.pem()), file("other.pem", &other.pem()));
    let (status, token, said) = run(&server, &tenant, &client, "request", &["--dpop-key", &one_file]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(jwt::claims(&token)["cnf"]["jkt"], one.thumbprint());
    let narrower = ["--subject-token", &token, "--dpop-key"];
    let (status, child, said) =
        run(&server, &tenant, &client, "exchange", &[&narrower[..], &[&one_file]].concat());
    assert_eq!((status, &jwt::claims(&child)["cnf"]["jkt"]), (0, &json!(one.thumbprint())), "{said}");
    let two_keys = [&narrower[..], &[&other_file, "--subject-dpop-key", &one_file]].concat();
    let (status, child, said) = run(&server, &tenant, &client, "exchange", &two_keys);
    assert_eq!((status, &jwt::claims(&child)["cnf"]["jkt"]), (0, &json!(other.thumbprint())), "{said}");
    // The twins: no key, the wrong key, no key in the file.
    let (status, out, said) = run(&server, &tenant, &client, "request", &[]);
    assert_eq!((status, out.as_str()), (1, ""), "{said}");
    let (status, _, said) =
        run(&server, &tenant, &client, "exchange", &[&narrower[..], &[&other_file]].concat());
    assert!(status == 1 && said.contains("proof_invalid"), "{said}");
    let empty = file("empty.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let (status, _, said) = run(&server, &tenant, &client, "request", &["--dpop-key", &empty]);
    assert!(status == 2 && said.contains("PKCS#8"), "{said}");
});

on_both_databases!(an_attenuating_token_is_asked_for_and_brought_online_by_its_key, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let role = json!({"may_delegate": true, "tools": {"search": {}}});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let home = tempfile::tempdir().unwrap();
    let (top, worker) = (Holder::ed25519(), Holder::ed25519());
    let file = |name: &str, holder: &Holder| {
        let path = home.path().join(name);
        std::fs::write(&path, holder.pem()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (top_file, worker_file) = (file("top.pem", &top), file("worker.pem", &worker));
    let run = |verb: &str, more: &[&str], with_secret: bool| {
        let mut command = server.command(&["token", verb]);
        command.args(more).env("DEPUTY_TENANT", &tenant.slug);
        if with_secret {
            command.env("DEPUTY_CLIENT_ID", &client.id).env("DEPUTY_CLIENT_SECRET", &client.secret);
        }
        let output = command.output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let asked = r#"[{"type":"attenuating_agent_token","tools":{"search":{}}}]"#;
    let (status, chain, said) = run("request", &["--details", asked, "--dpop-key", &top_file], true);
    assert_eq!(status, 0, "{said}");
    assert_eq!(jwt::claims(&chain)["cnf"]["jwk"], top.jwk());
    let (status, _, said) = run("request", &["--details", asked], true);
    assert!(status == 2 && said.contains("--dpop-key"), "{said}");
    let leaf = top.derive(&chain, &worker, "analyzer", |_| {});
    let asked = r#"[{"type":"deputy_mandate","tools":{"search":{}}}]"#;
    let online = ["--subject-token", &leaf, "--details", asked];
    let (status, token, said) =
        run("exchange", &[&online[..], &["--dpop-key", &worker_file]].concat(), false);
    assert_eq!((status, &jwt::claims(&token)["agent"]["name"]), (0, &json!("crawler/analyzer")), "{said}");
    let (status, _, said) = run("exchange", &[&online[..], &["--dpop-key", &top_file]].concat(), false);
    assert!(status == 1 && said.contains("invalid_client"), "{said}");
});
