//! Server-sent events, read as they come (WHATWG HTML section 9.2.6).
//!
//! Invariant: an event is handed out whole, after its empty line, or not at all; what is not yet whole is bounded.

/// Longest event: a live set of some hundred thousand revocations.
const MAX_EVENT: usize = 32 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Event {
    /// `event`; empty means `message`.
    pub(super) name: String,
    /// The lines of `data`, joined.
    pub(super) data: String,
}

/// An event is too long or is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event stream is malformed")]
pub(super) struct BadStream;

/// What has come of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
}

impl Events {
    /// Takes in some bytes and gives the events that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, BadStream> {
        let mut whole = Vec::new();
        let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = lines.next() {
            if self.line.len() + self.event.data.len() + part.len() > MAX_EVENT {
                return Err(BadStream);
            }
            self.line.extend_from_slice(part);
            if lines.peek().is_some() {
                whole.extend(self.end_line()?);
            }
        }
        Ok(whole)
    }

    fn end_line(&mut self) -> Result<Option<Event>, BadStream> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| BadStream)?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        // A line that starts with a colon is a comment.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "retry: 2000\n\nid: 7\nevent: revocations\ndata: {\"a\":\ndata: 1}\n\n: alive\n\nevent: heartbeat\r\ndata:é\r\n\r\n";

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.into(), data: data.into() }
    }

    #[test]
    fn events_are_whole_however_they_are_cut() {
        let expected = [event("revocations", "{\"a\":\n1}"), event("heartbeat", "é")];
        for size in [1, 2, 3, 7, 1000] {
            let mut events = Events::default();
            let mut read = Vec::new();
            for chunk in STREAM.as_bytes().chunks(size) {
                read.extend(events.push(chunk).unwrap());
            }
            assert_eq!(read, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_never_ends_is_refused() {
        let mut events = Events::default();
        let piece = vec![b'x'; 1024 * 1024];
        let pushed: Result<Vec<_>, _> = (0..33).map(|_| events.push(&piece)).collect();
        assert_eq!(pushed, Err(BadStream));
        assert_eq!(Events::default().push(b"data: \xff\n"), Err(BadStream));
    }
}
