//! What members write to one another. It is sealed as application data of the group (RFC 9420 §15), under the keys of the
//! epoch and for its members alone: the server carries it and cannot read it, and it is never disclosed, whether the part
//! is open or closed.

use incamera_protocol::limits;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::aside::Aside;
use crate::booth::{Call, Note, Sitting};
use crate::codec::Decode;
use crate::document::Paper;
use crate::floor::{Standing, Turn, Wish};
use crate::prose::Prose;
use crate::refusal::Refusal;
use crate::typed::Typed;

/// Bytes of number and id.
const HEAD_BYTES: usize = 4 + 16;

/// One message of a member to all the others, before it is sealed. Who wrote it, MLS says (RFC 9420 §6.1).
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct TableMessage {
    /// Counts the writer's messages in this epoch from 0: where one is left out, somebody has kept it back.
    pub number: u32,
    /// Drawn by the writer. A message that is sealed anew, because the epoch ended before it was passed on, keeps it.
    pub id: [u8; 16],
    /// What.
    pub body: Saying,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
#[repr(u8)]
pub enum Saying {
    /// A text, as typed: nothing in it is markup.
    #[tls_codec(discriminant = 1)]
    Text(Prose),
    /// What the writer says of itself: whether it asks for the floor, and whether it has given it back.
    #[tls_codec(discriminant = 2)]
    Standing(Standing),
    /// Who has the floor.
    #[tls_codec(discriminant = 3)]
    Turn(Turn),
    /// A wish to somebody.
    #[tls_codec(discriminant = 4)]
    Wish(Wish),
    /// What an interpreter says of itself.
    #[tls_codec(discriminant = 5)]
    Sitting(Sitting),
    /// What an interpreter calls out.
    #[tls_codec(discriminant = 6)]
    Call(Call),
    /// Something for those who sit in a booth.
    #[tls_codec(discriminant = 7)]
    Note(Note),
    /// Something for the writer's own delegation, which nobody else can open.
    #[tls_codec(discriminant = 8)]
    Aside(Aside),
    /// A document is offered, or taken back.
    #[tls_codec(discriminant = 10)]
    Paper(Paper),
    /// A line that is being typed.
    #[tls_codec(discriminant = 11)]
    Typed(Typed),
}

/// What was opened. A kind that this client does not know, or a body that does not hold, still has its number and its id:
/// it has come, and is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// From [`TableMessage::number`].
    pub number: u32,
    /// From [`TableMessage::id`].
    pub id: [u8; 16],
    /// None: nothing that this client knows.
    pub body: Option<Saying>,
}

impl Saying {
    /// What somebody typed, for all or for a booth.
    pub fn typed(text: &str, booth: Option<u8>) -> Result<Self, Refusal> {
        if text.len() > limits::CHAT_BYTES_MAX {
            return Err(Refusal::TooLarge("message"));
        }
        let text = Prose::typed(text)?;
        Ok(match booth {
            Some(booth) => Self::Note(Note { booth, text }),
            None => Self::Text(text),
        })
    }
}

impl TableMessage {
    /// Reads one that was opened.
    pub fn read(bytes: &[u8]) -> Result<Opened, Refusal> {
        // Its own text, filled up where it is an aside, and what stands around it.
        if bytes.len() > limits::CHAT_BYTES_MAX + limits::CHAT_PADDING_BYTES {
            return Err(Refusal::TooLarge("message"));
        }
        let (head, body) = bytes.split_at_checked(HEAD_BYTES).ok_or(Refusal::Malformed)?;
        let (number, id) = Decode::decode(head)?;
        Ok(Opened {
            number,
            id,
            body: Saying::decode(body).ok(),
        })
    }
}
