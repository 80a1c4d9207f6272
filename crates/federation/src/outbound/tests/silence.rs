//! Errors and logs say where something failed, not what was asked.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;
use zeroize::Zeroizing;

use super::loopback::{Loopback, Then, answer};
use super::{deaf, patient};
use crate::fetch::{Fetch as _, FormPost};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn neither_query_nor_form_reaches_an_error_or_a_log() {
    let log = Log::default();
    let to_log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    // For every thread: what one thread alone listens to may be switched off by another that listens to nothing.
    tracing::subscriber::set_global_default(to_log.finish()).unwrap();
    let deaf = deaf();
    let closed = deaf.local_addr().unwrap();
    let broken = Loopback::says("nonsense\r\n\r\n", Then::Close).await;
    let absent = Loopback::says(answer("404 Not Found", "", "hunter2"), Then::Close).await;
    let silent = Loopback::says("", Then::Hold).await;
    let outbound = patient(Duration::from_millis(300));
    let secret = || Zeroizing::new("hunter2".to_owned());
    for (address, answers) in
        [(closed, false), (broken.address, false), (absent.address, true), (silent.address, false)]
    {
        let url = format!("http://{address}/?code=hunter2");
        let got = outbound.get(&url).await.unwrap_err();
        assert!(!format!("{got} {got:?}").contains("hunter2"), "{got:?}");
        let form =
            FormPost { basic: Some(("me".to_owned(), secret())), fields: vec![("client_secret", secret())] };
        assert_eq!(format!("{form:?}"), r#"FormPost { fields: ["client_secret"], .. }"#);
        let posted = outbound.post_form(&url, form).await;
        assert!(!format!("{posted:?}").contains("hunter2"), "{posted:?}");
        assert_eq!(posted.is_ok(), answers);
        let told = posted.map_or_else(|error| error.to_string(), |_| String::new());
        assert!(!told.contains("hunter2"), "{told}");
    }
    let log = String::from_utf8(log.0.lock().clone()).unwrap();
    assert!(log.contains("nothing was fetched") && log.contains("127.0.0.1"), "{log}");
    assert!(!log.contains("hunter2") && !log.contains("aHVudGVyMg"), "{log}");
}
