//! Redirects end where they begin.

use super::loopback::{Loopback, Then, answer};
use super::outbound;
use crate::fetch::{Fetch as _, FetchError, FormPost};

#[tokio::test]
async fn no_redirect_is_followed() {
    let goal = Loopback::says(answer("200 OK", "", "secret"), Then::Close).await;
    let refused = || FetchError::Redirect { host: "127.0.0.1".to_owned() };
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let location = format!("Location: {}\r\n", goal.url("/"));
        let server = Loopback::says(answer(&format!("{status} X"), &location, ""), Then::Close).await;
        assert_eq!(outbound().get(&server.url("/")).await, Err(refused()), "{status}");
        let posted = outbound().post_form(&server.url("/"), FormPost::default()).await;
        assert_eq!(posted.map(|_| ()), Err(refused()), "{status}");
        assert_eq!(server.hits(), 2);
    }
    assert_eq!(goal.hits(), 0);
    assert!(outbound().get(&goal.url("/")).await.is_ok());
    assert_eq!(goal.hits(), 1);
}
