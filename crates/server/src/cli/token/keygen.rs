//! `deputy token keygen`: an Ed25519 key for a holder. The private part goes to a file that only its owner can
//! read and the public part to stdout, to be handed to whoever delegates.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use deputy_engine::Sources;
use deputy_token::keys::{Alg, Kid, SigningKey};
use zeroize::Zeroizing;

use crate::cli::{Failure, output};

/// `token keygen`.
#[derive(Debug, Args)]
pub struct Keygen {
    /// The file for the private key, PKCS#8 PEM; it must not exist yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Keygen {
    pub(super) fn run(self, sources: &Sources) -> Result<(), Failure> {
        let key = Kid::new("holder")
            .and_then(|kid| SigningKey::generate(kid, Alg::EdDsa, &*sources.random))
            .and_then(|key| Ok((key.pkcs8()?, key)));
        let (pkcs8, key) = key.map_err(|error| Failure::Negative(error.to_string()))?;
        let failed = |error| Failure::io(format!("`{}` (--out)", self.out.display()), error);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.out).map_err(failed)?;
        let body = Zeroizing::new(STANDARD.encode(&pkcs8));
        // 48 bytes are one line of PEM.
        write!(file, "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.as_str())
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        eprintln!(
            "the private key is in `{}`; its thumbprint is {}",
            self.out.display(),
            key.jwk().thumbprint()
        );
        output::line(&key.jwk().bare())
    }
}
