//! A PostgreSQL cluster of this run's own: private directory, free port, own password, gone at the end.
//!
//! Invariant: it ends with this process, however this process ends. The server's parent is a small shell that
//! waits for the end of its stdin, whose other end is ours, and in a process group of its own, so that
//! an interrupt from the keyboard reaches us and not it.

use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::debian;
use crate::failure::Failure;
use crate::shell;

const SUPERVISOR: &str = r#"
postgres=$1; home=$2; port=$3
"$postgres" -D "$home/data" -c port="$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$home" \
    -c max_connections=400 -c fsync=on -c max_wal_size=4GB -c log_min_messages=warning >"$home/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
cd /
rm -rf "$home"
"#;

const START: Duration = Duration::from_secs(30);

pub(crate) struct Cluster {
    supervisor: Child,
    home: PathBuf,
    port: u16,
    password: String,
}

impl Cluster {
    /// Makes and starts one with the programs in `folder`.
    pub(super) fn start(folder: &Path) -> Result<Self, Failure> {
        let user = Account::for_server();
        let home = tempfile::Builder::new().prefix("deputy-pg-").tempdir();
        let home = home.map_err(Failure::at(std::env::temp_dir()))?.keep();
        let password = random_password()?;
        let secret = home.join("password");
        std::fs::write(&secret, &password).map_err(Failure::at(&secret))?;
        if let Some(user) = &user {
            for path in [&home, &secret] {
                chown(path, Some(user.id), Some(user.group)).map_err(Failure::at(path))?;
            }
        }
        let mut initdb = Command::new(folder.join("initdb"));
        initdb.args(["--no-sync", "--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8"]);
        initdb.args(["--locale=C.UTF-8", "--pwfile"]).arg(&secret).arg("-D").arg(home.join("data"));
        shell::quietly(prepare(&mut initdb, &home, user.as_ref()))?;

        let port = free_port()?;
        let mut supervisor = Command::new("sh");
        supervisor
            .args(["-c", SUPERVISOR, "sh"])
            .arg(folder.join("postgres"))
            .arg(&home)
            .arg(port.to_string());
        supervisor.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let supervisor = prepare(&mut supervisor, &home, user.as_ref())
            .spawn()
            .map_err(|source| Failure::Start { program: "sh".to_owned(), source })?;
        let cluster = Self { supervisor, home, port, password };
        cluster.wait()?;
        Ok(cluster)
    }

    /// The URL of its administrator.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The last line of `postmaster.pid` says when it is ready.
    fn wait(&self) -> Result<(), Failure> {
        let start = Instant::now();
        let state = self.home.join("data/postmaster.pid");
        while start.elapsed() < START {
            if std::fs::read_to_string(&state).is_ok_and(|text| text.trim_end().ends_with("ready")) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
        Err(Failure::Cluster { log })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // The shell has nothing else to do than to stop it and to remove the directory.
        self.supervisor.wait().ok();
    }
}

/// The directory is the server's own, and so is the account when we are root (PostgreSQL refuses root).
fn prepare<'a>(command: &'a mut Command, home: &Path, user: Option<&Account>) -> &'a mut Command {
    command.current_dir(home);
    if let Some(user) = user {
        command.gid(user.group).uid(user.id);
    }
    command
}

struct Account {
    id: u32,
    group: u32,
}

impl Account {
    /// None when this process is not root: then the server runs as we do.
    fn for_server() -> Option<Self> {
        if !debian::is_root() {
            return None;
        }
        let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
        Self::of("postgres", &accounts).or_else(|| Self::of("nobody", &accounts))
    }

    fn of(name: &str, accounts: &str) -> Option<Self> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Self { id: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
    }
}

fn free_port() -> Result<u16, Failure> {
    let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    port.map(|address| address.port()).map_err(Failure::Connection)
}

fn random_password() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    let source = Path::new("/dev/urandom");
    let mut file = std::fs::File::open(source).map_err(Failure::at(source))?;
    file.read_exact(&mut bytes).map_err(Failure::at(source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn an_account_is_read_by_its_whole_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:8::/:\npostgres:x:105:109:,,,:/var:/bin/sh\n";
        let found = Account::of("postgres", accounts).unwrap();
        assert_eq!((found.id, found.group), (105, 109));
        assert!(Account::of("post", accounts).is_none());
    }
}
