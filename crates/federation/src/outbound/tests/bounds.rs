//! How long an exchange and its answer may be.

use std::time::Duration;

use super::loopback::{Loopback, Then, answer};
use super::{outbound, patient};
use crate::fetch::{Fetch as _, FetchError, FormPost};
use crate::outbound::answer::MOST;

const SHORT: Duration = Duration::from_millis(300);

fn timeout() -> FetchError {
    FetchError::Timeout { host: "127.0.0.1".to_owned() }
}

fn too_long() -> FetchError {
    FetchError::TooLong { host: "127.0.0.1".to_owned() }
}

#[tokio::test]
async fn neither_a_silent_server_nor_a_slow_one_is_waited_for() {
    for (said, then) in [
        ("", Then::Hold),
        ("HTTP/1.1 200 OK\r\nX-Slow: ", Then::Drip),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", Then::Hold),
        ("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", Then::Drip),
        ("HTTP/1.1 200 OK\r\n\r\n", Then::Drip),
    ] {
        let server = Loopback::says(said, then).await;
        assert_eq!(patient(SHORT).get(&server.url("/")).await, Err(timeout()), "{said:?}");
        let posted = patient(SHORT).post_form(&server.url("/"), FormPost::default()).await;
        assert_eq!(posted.map(|_| ()), Err(timeout()), "{said:?}");
        assert_eq!(server.hits(), 2);
    }
}

#[tokio::test]
async fn a_slow_answer_that_ends_in_time_is_read() {
    let server = Loopback::says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Then::Drip).await;
    let fetched = outbound().get(&server.url("/")).await.unwrap();
    assert_eq!(fetched.text, "xxxxx");
}

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_not_read() {
    let said = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", MOST + 1);
    // The server sends no byte of it: who waits for the body ends in a timeout.
    let server = Loopback::says(said, Then::Hold).await;
    assert_eq!(outbound().get(&server.url("/")).await, Err(too_long()));
    let posted = outbound().post_form(&server.url("/"), FormPost::default()).await;
    assert_eq!(posted.map(|_| ()), Err(too_long()));
}

#[tokio::test]
async fn a_body_without_a_length_is_read_to_the_bound() {
    let chunk = format!("{:x}\r\n{}\r\n", 1024, "x".repeat(1024));
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(MOST / 1024));
    let plain = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(MOST));
    for (whole, more) in [
        (format!("{chunked}0\r\n\r\n"), format!("{chunked}1\r\nx\r\n")),
        (plain.clone(), format!("{plain}x")),
    ] {
        let server = Loopback::says(whole, Then::Close).await;
        assert_eq!(outbound().get(&server.url("/")).await.unwrap().text.len(), MOST);
        // It would never end.
        let server = Loopback::says(more, Then::Hold).await;
        assert_eq!(outbound().get(&server.url("/")).await, Err(too_long()));
        let posted = outbound().post_form(&server.url("/"), FormPost::default()).await;
        assert_eq!(posted.map(|_| ()), Err(too_long()));
    }
}

#[tokio::test]
async fn the_longest_body_with_a_length_is_read() {
    let server = Loopback::says(answer("200 OK", "", &"x".repeat(MOST)), Then::Close).await;
    assert_eq!(outbound().get(&server.url("/")).await.unwrap().text.len(), MOST);
}
