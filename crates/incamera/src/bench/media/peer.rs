//! With whom our server is compared.

use clap::{Args, ValueEnum};
use incamera_bench::{Peer, Token, WhipPeer};

#[derive(Args)]
pub(super) struct PeerPlan {
    /// Another server, in turns with ours.
    #[arg(long = "peer", value_name = "NAME")]
    name: Option<Name>,

    /// Event loops of Janus; 0 is its default, a thread for each connection.
    #[arg(long, value_name = "N", default_value_t = 0)]
    janus_event_loops: usize,

    /// A line for the shell that starts the server for `--peer whip`, and ends when it does. It is run anew for each
    /// round on the server's processor; what it starts is measured with it, what a daemon does for it is not.
    #[arg(long, value_name = "LINE", required_if_eq("name", "whip"))]
    peer_command: Option<String>,

    /// Where a sender publishes by WHIP; `{stream}` stands for its name.
    #[arg(long, value_name = "URL", required_if_eq("name", "whip"))]
    whip_url: Option<String>,

    /// Where a sender's stream is played by WHEP, likewise.
    #[arg(long, value_name = "URL", required_if_eq("name", "whip"))]
    whep_url: Option<String>,

    /// A bearer token for both; `{stream}` stands for the sender's name here, too.
    #[arg(long, value_name = "TOKEN", env = "INCAMERA_PEER_TOKEN", hide_env_values = true)]
    peer_token: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Debian's, with its VideoRoom plugin.
    Janus,
    /// Any that speaks WHIP and WHEP, with a connection for each whom one hears or sees.
    Whip,
}

impl PeerPlan {
    pub(super) fn peer(self) -> Option<Peer> {
        match self.name? {
            Name::Janus => Some(Peer::Janus {
                event_loops: self.janus_event_loops,
            }),
            Name::Whip => Some(Peer::Whip(WhipPeer {
                command: self.peer_command?,
                whip_url: self.whip_url?,
                whep_url: self.whep_url?,
                token: self.peer_token.as_deref().map(Token::from),
            })),
        }
    }
}
