//! The options of `incamera serve` that name a relay.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use incamera_server::{Relay, RelaySecret, RelayUrl};

/// A relay for people whose network lets no UDP through.
#[derive(Args)]
pub(crate) struct Turn {
    /// A TURN relay's address, such as turns:relay.example:443?transport=tcp; may be given several times. See
    /// docs/turn.md.
    #[arg(long, env = "INCAMERA_TURN_URL", value_name = "URL", value_delimiter = ',')]
    turn_url: Vec<RelayUrl>,

    /// The secret that the relay shares with this house (coturn's static-auth-secret). Whoever may list processes
    /// reads it here: rather use the file, or the variable.
    #[arg(
        long,
        env = "INCAMERA_TURN_SECRET",
        hide_env_values = true,
        value_name = "SECRET",
        conflicts_with = "turn_secret_file"
    )]
    turn_secret: Option<RelaySecret>,

    /// A file with that secret.
    #[arg(long, env = "INCAMERA_TURN_SECRET_FILE", value_name = "FILE")]
    turn_secret_file: Option<PathBuf>,
}

impl Turn {
    /// The relay, if one is named.
    pub(crate) fn relay(self) -> Result<Option<Relay>> {
        let secret = match (self.turn_secret, self.turn_secret_file) {
            (Some(secret), _) => Some(secret),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                Some(text.parse().with_context(|| format!("in {}", file.display()))?)
            }
            (None, None) => None,
        };
        match (self.turn_url.is_empty(), secret) {
            (true, None) => Ok(None),
            (false, Some(secret)) => Ok(Some(Relay::new(self.turn_url, secret)?)),
            (true, Some(_)) => bail!("a relay's secret is given, but no --turn-url"),
            (false, None) => bail!("--turn-url needs --turn-secret-file (or --turn-secret, or INCAMERA_TURN_SECRET)"),
        }
    }
}
