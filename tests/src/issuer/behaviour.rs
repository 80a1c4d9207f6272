//! How a path is answered when it is not answered well, and the body that can be slow about it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Either;
use hyper::Response;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc::{Receiver, channel};

/// What a test wants of one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// The right answer.
    #[default]
    Right,
    /// This status, and the right body nevertheless.
    Status(u16),
    /// 302 to there.
    Redirect(String),
    /// Never an answer; the connection stays open.
    Hang,
    /// The right answer, one byte at a time with this pause after each.
    Drip(Duration),
    /// The right answer, with a member of 2 MiB more; its length is announced.
    Huge,
    /// White space without end or announced length (64 MiB, in case that the other side takes it).
    Endless,
    /// 200 with this as the body.
    Text(String),
    /// The connection is closed without an answer.
    Close,
}

pub(super) type Answer = Response<Either<http_body_util::Full<Bytes>, Slow>>;

/// A body that comes in pieces.
pub(super) struct Slow(Receiver<Bytes>);

impl Body for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

/// The sender stops when nobody reads any more.
pub(super) fn drip(text: String, pause: Duration) -> Slow {
    let (send, receive) = channel(1);
    tokio::spawn(async move {
        for byte in text.into_bytes() {
            if send.send(Bytes::from(vec![byte])).await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    });
    Slow(receive)
}

pub(super) fn endless() -> Slow {
    let (send, receive) = channel(1);
    tokio::spawn(async move {
        let piece = Bytes::from(vec![b' '; 64 * 1024]);
        for _ in 0..1024 {
            if send.send(piece.clone()).await.is_err() {
                return;
            }
        }
    });
    Slow(receive)
}
