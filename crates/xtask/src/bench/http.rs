//! As little HTTP/1.1 as a load generator needs: one connection, kept alive, requests that are bytes already.
//! It must cost less than what it measures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::failure::Failure;

/// A request, ready to be written as often as wanted.
#[derive(Clone)]
pub(super) struct Request {
    asked: String,
    bytes: Vec<u8>,
}

/// Who asks.
pub(super) enum Auth<'a> {
    Bearer(&'a str),
    Basic { id: &'a str, secret: &'a str },
}

impl Request {
    pub(super) fn post(path: &str, auth: &Auth<'_>, content_type: &str, body: &str) -> Self {
        let auth = match auth {
            Auth::Bearer(key) => format!("Bearer {key}"),
            Auth::Basic { id, secret } => format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))),
        };
        let length = body.len();
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {auth}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        Self { asked: format!("POST {path}"), bytes: bytes.into_bytes() }
    }

    pub(super) fn json(path: &str, auth: &Auth<'_>, body: &Value) -> Self {
        Self::post(path, auth, "application/json", &body.to_string())
    }

    pub(super) fn form(path: &str, auth: &Auth<'_>, body: &str) -> Self {
        Self::post(path, auth, "application/x-www-form-urlencoded", body)
    }
}

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await.map_err(Failure::Connection)?;
        stream.set_nodelay(true).map_err(Failure::Connection)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and reads the whole answer, which must be a success; its body.
    pub(super) async fn ask(&mut self, request: &Request) -> Result<&[u8], Failure> {
        self.stream.write_all(&request.bytes).await.map_err(Failure::Connection)?;
        self.buffer.clear();
        let (status, head, length) = loop {
            self.read().await?;
            if let Some(parsed) = parse_head(&self.buffer)? {
                break parsed;
            }
        };
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        let body = self.buffer.get(head..head + length).unwrap_or_default();
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let body = String::from_utf8_lossy(body).into_owned();
        Err(Failure::Answer { asked: request.asked.clone(), status, body })
    }

    /// The same, of a JSON body.
    pub(super) async fn ask_json(&mut self, request: &Request) -> Result<Value, Failure> {
        let body = self.ask(request).await?;
        serde_json::from_slice(body).map_err(|error| Failure::Http(error.to_string()))
    }

    async fn read(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await.map_err(Failure::Connection)? {
            0 => Err(Failure::Http("the server closed the connection".to_owned())),
            _ => Ok(()),
        }
    }
}

/// Status, length of the head and length of the body, once the head is complete.
fn parse_head(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>, Failure> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let odd = || Failure::Http(head.clone());
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(odd)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Ok(Some((status, end + 4, length.ok_or_else(odd)?)))
}

#[cfg(test)]
mod tests {
    use super::parse_head;

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(parse_head(answer).unwrap(), Some((200, answer.len() - 2, 2)));
        assert_eq!(parse_head(&answer[..20]).unwrap(), None);
        assert!(parse_head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
