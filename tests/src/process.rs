//! A child process that prints where it listens, and dies with its handle.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const START: Duration = Duration::from_secs(60);

pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` and waits until `announced` finds what it looks for in a line of its stdout.
    /// Its stderr goes to the file `log`.
    pub(crate) fn start<T: Send + 'static>(
        mut command: Command,
        log: &Path,
        announced: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> (Self, T) {
        command.stdin(Stdio::null());
        let (process, found, _) = Self::launch(command, log, announced);
        (process, found)
    }

    /// The same for a process that takes commands on its stdin: also that, and whatever `announced` finds later.
    pub(crate) fn start_commanded<T: Send + 'static>(
        mut command: Command,
        log: &Path,
        announced: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> (Self, T, ChildStdin, Receiver<T>) {
        command.stdin(Stdio::piped());
        let (mut process, found, more) = Self::launch(command, log, announced);
        let input = process.child.stdin.take().expect("it is piped");
        (process, found, input, more)
    }

    fn launch<T: Send + 'static>(
        mut command: Command,
        log: &Path,
        announced: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> (Self, T, Receiver<T>) {
        let file = File::options().create(true).append(true).open(log).expect("the log opens");
        command.stdout(Stdio::piped()).stderr(file);
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("`{command:?}` does not start: {error}"));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, receive) = channel();
        std::thread::spawn(move || {
            // Read to the end, or the child blocks on a full pipe.
            for line in stdout.lines().map_while(Result::ok) {
                if let Some(found) = announced(&line) {
                    send.send(found).ok();
                }
            }
        });
        let mut process = Self { child, log: log.to_owned() };
        match receive.recv_timeout(START) {
            Ok(found) => (process, found, receive),
            Err(RecvTimeoutError::Timeout) => {
                panic!("no word in {START:?} from {command:?}\n{}", process.tail())
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = process.child.wait();
                panic!("{command:?} ended ({status:?}) before it listened\n{}", process.tail());
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The last lines of its log.
    pub(crate) fn tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// SIGKILL, and waits for the end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// SIGTERM, and waits for the end for at most `patience`.
    pub(crate) fn terminate(&mut self, patience: Duration) -> ExitStatus {
        // A shell's own `kill`: a bare Debian has no executable of that name.
        let signal = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.id())]).status();
        assert!(signal.expect("sh runs").success());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                return status;
            }
            assert!(start.elapsed() < patience, "still running {patience:?} after SIGTERM\n{}", self.tail());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- end of the log of process {}\n{}\n---", self.id(), self.tail());
        }
    }
}
