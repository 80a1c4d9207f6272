//! What is sent, and what is given back.

use zeroize::Zeroizing;

use super::loopback::{Loopback, Then, answer};
use super::{deaf, outbound};
use crate::fetch::{Fetch as _, FetchError, Fetched, FormPost};

fn field(name: &'static str, value: &str) -> (&'static str, Zeroizing<String>) {
    (name, Zeroizing::new(value.to_owned()))
}

#[tokio::test]
async fn a_document_comes_with_its_age() {
    let server =
        Loopback::says(answer("200 OK", "Cache-Control: max-age=60\r\n", "{\"ö\":1}"), Then::Hold).await;
    let fetched = outbound().get(&server.url("/a?b=c")).await;
    assert_eq!(fetched, Ok(Fetched { text: "{\"ö\":1}".to_owned(), max_age: Some(60) }));
    let request = server.request().to_ascii_lowercase();
    assert!(request.starts_with("get /a?b=c http/1.1\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: deputy/", env!("CARGO_PKG_VERSION"), "\r\n")), "{request}");
    for absent in ["referer", "accept-encoding", "authorization", "cookie"] {
        assert!(!request.contains(absent), "{absent}: {request}");
    }
}

#[tokio::test]
async fn an_answer_without_a_length_ends_with_its_connection() {
    let server = Loopback::says("HTTP/1.1 200 OK\r\n\r\nall of it", Then::Close).await;
    let fetched = outbound().get(&server.url("/")).await;
    assert_eq!(fetched, Ok(Fetched { text: "all of it".to_owned(), max_age: None }));
}

#[tokio::test]
async fn any_other_status_is_an_error_of_a_document() {
    for status in [201, 204, 400, 401, 404, 500, 503] {
        let server = Loopback::says(answer(&format!("{status} X"), "", ""), Then::Close).await;
        let host = "127.0.0.1".to_owned();
        assert_eq!(outbound().get(&server.url("/")).await, Err(FetchError::Status { host, status }));
    }
}

#[tokio::test]
async fn what_is_not_text_or_broken_off_is_malformed() {
    let refused = Err(FetchError::Malformed { host: "127.0.0.1".to_owned() });
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n".as_slice();
    let answers =
        [[head, b"\xff\xfe\xfd\xfc"].concat(), [head, b"ab"].concat(), b"nonsense\r\n\r\n".to_vec(), vec![]];
    for bytes in answers {
        let server = Loopback::says(bytes.clone(), Then::Close).await;
        assert_eq!(outbound().get(&server.url("/")).await, refused, "{bytes:?}");
        let posted = outbound().post_form(&server.url("/"), FormPost::default()).await;
        assert_eq!(posted.map(|_| ()), Err(FetchError::Malformed { host: "127.0.0.1".to_owned() }));
    }
    let server = Loopback::says([head, b"abcd"].concat(), Then::Close).await;
    assert!(outbound().get(&server.url("/")).await.is_ok());
}

#[tokio::test]
async fn nobody_at_the_port_is_no_connection() {
    let server = Loopback::says(answer("200 OK", "", ""), Then::Close).await;
    let deaf = deaf();
    let gone = deaf.local_addr().unwrap();
    let refused = outbound().get(&format!("http://{gone}/")).await;
    assert_eq!(refused, Err(FetchError::Connect { host: "127.0.0.1".to_owned() }));
    assert!(outbound().get(&server.url("/")).await.is_ok());
}

#[tokio::test]
async fn a_form_is_posted_with_form_encoded_credentials() {
    let server = Loopback::says(answer("200 OK", "", "{}"), Then::Close).await;
    let form = FormPost {
        basic: Some(("my app:1".to_owned(), Zeroizing::new("p%w+ö".to_owned()))),
        fields: vec![field("grant_type", "authorization_code"), field("code", "a&b=c d")],
    };
    let answered = outbound().post_form(&server.url("/token"), form).await.unwrap();
    assert_eq!((answered.status, answered.body.as_str()), (200, "{}"));
    let request = server.request();
    assert!(request.starts_with("POST /token HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\ngrant_type=authorization_code&code=a%26b%3Dc+d"), "{request}");
    let lower = request.to_ascii_lowercase();
    assert!(lower.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(lower.contains("accept: application/json\r\n"), "{request}");
    // base64 of `my+app%3A1:p%25w%2B%C3%B6`
    assert!(request.contains("Basic bXkrYXBwJTNBMTpwJTI1dyUyQiVDMyVCNg==\r\n"), "{request}");
}

#[tokio::test]
async fn a_form_without_credentials_has_no_authorization() {
    let server = Loopback::says(answer("200 OK", "", "{}"), Then::Close).await;
    let form = FormPost { basic: None, fields: vec![field("a", "b")] };
    outbound().post_form(&server.url("/"), form).await.unwrap();
    assert!(!server.request().to_ascii_lowercase().contains("authorization"));
}

#[tokio::test]
async fn the_answer_to_a_form_is_given_back_whatever_its_status() {
    for status in [200, 201, 400, 401, 429, 500] {
        let body = "{\"error\":\"invalid_grant\"}";
        let server = Loopback::says(answer(&format!("{status} X"), "", body), Then::Close).await;
        let answered = outbound().post_form(&server.url("/"), FormPost::default()).await.unwrap();
        assert_eq!((answered.status, answered.body.as_str()), (status, body));
    }
}
