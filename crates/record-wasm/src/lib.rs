//! The reader's browser's shell over [`incamera_record`] and [`incamera_recording`]: what to fetch, what came, and what it
//! proves. The same rules as `incamera verify`, and no logic of its own.

use incamera_protocol::MeetingId;
use incamera_record::{Download, Known, Report, verify};
use incamera_recording::Look;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

fn refuse(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

fn written(report: &Report) -> Result<String, JsError> {
    serde_json::to_string(report).map_err(refuse)
}

/// A check of the record of one meeting.
#[wasm_bindgen]
pub struct Verifier {
    meeting: MeetingId,
    download: Download,
}

/// Something to fetch from the house.
#[wasm_bindgen]
pub struct Wanted {
    /// To be given back with what came.
    pub ticket: f64,
    /// More bytes than these are no answer.
    pub bytes_max: f64,
    path: String,
}

#[wasm_bindgen]
impl Wanted {
    /// The path on the house, with its slash in front.
    #[wasm_bindgen(getter)]
    pub fn path(&self) -> String {
        self.path.clone()
    }
}

#[wasm_bindgen]
impl Verifier {
    /// Of this meeting: its id, as in the address of its page.
    #[wasm_bindgen(constructor)]
    pub fn new(meeting: &str) -> Result<Self, JsError> {
        let meeting: MeetingId = meeting.parse().map_err(refuse)?;
        let download = Download::new(meeting);
        Ok(Self { meeting, download })
    }

    /// The next thing to fetch; undefined while it hangs on what is being fetched, and when all is there.
    pub fn wanted(&mut self) -> Option<Wanted> {
        let wanted = self.download.wanted()?;
        Some(Wanted {
            ticket: wanted.ticket as f64,
            bytes_max: wanted.bytes_max as f64,
            path: wanted.path,
        })
    }

    /// Takes what came.
    pub fn take(&mut self, ticket: f64, bytes: Vec<u8>) -> Result<(), JsError> {
        self.download.take(ticket as u64, bytes).map_err(refuse)
    }

    /// Checks what was fetched, when all has come.
    pub fn check(self) -> Result<Verified, JsError> {
        let bundle = self
            .download
            .bundle()
            .ok_or_else(|| refuse("The record is not whole."))?;
        let known = Known {
            meeting: Some(self.meeting),
            house: None,
        };
        Ok(Verified {
            meeting: self.meeting,
            look: Look::new(verify(&bundle, known)),
        })
    }
}

/// A record that was checked, and the recordings that it names, which may be checked as well.
#[wasm_bindgen]
pub struct Verified {
    meeting: MeetingId,
    look: Look,
}

#[wasm_bindgen]
impl Verified {
    /// How many bytes of recordings are left to be fetched.
    pub fn bytes_left(&self) -> f64 {
        self.look.bytes_left() as f64
    }

    /// The path on the house of the next file of a recording; undefined when none is left.
    pub fn wanted(&mut self) -> Option<String> {
        let named = self.look.wanted()?;
        Some(format!("/m/{}/recordings/{}", self.meeting, named.kind.name()))
    }

    /// Takes what came next of it. False: it is not the file, whatever else comes.
    pub fn take(&mut self, bytes: &[u8]) -> bool {
        self.look.take(bytes)
    }

    /// Nothing more comes of it.
    pub fn end(&mut self) {
        self.look.end();
    }

    /// The house does not have it.
    pub fn missing(&mut self) {
        self.look.give_up(None);
    }

    /// What was found of the record: the JSON that `incamera verify --json` ends with.
    pub fn report(&self) -> Result<String, JsError> {
        written(self.look.so_far())
    }

    /// What was found of the record and of its recordings, when none is left.
    pub fn finish(self) -> Result<String, JsError> {
        written(&self.look.report())
    }
}
