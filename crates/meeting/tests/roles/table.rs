//! The table, and how it is read.

use std::collections::BTreeMap;

use incamera_meeting::{Event, Refusal, Role};

use crate::deeds::{Deed, DependsOn};
use crate::scene::{Chair, Chairs, Phase, Standing};

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Yes,
    /// Not with this role, or not the chair.
    Role,
    /// Not now.
    Phase,
    /// Whoever does it is not in the group.
    Nobody,
    /// It answers nothing that waits.
    Void,
    /// A delegation has not consented.
    Consent,
    /// A commit that this meeting does not allow.
    Commit,
    /// A chain or an act that does not hold.
    Letter,
    /// The letter was revoked.
    Revoked,
    /// The letter is in the group already.
    Twice,
    /// The delegation has another key.
    Taken,
    /// There is no evidence.
    Unread,
    /// The meeting is adjourned.
    Over,
}

impl Outcome {
    pub fn of(decided: &Result<Vec<Event>, Refusal>) -> Self {
        match decided {
            Ok(_) => Self::Yes,
            Err(Refusal::Role) => Self::Role,
            Err(Refusal::Phase) => Self::Phase,
            Err(Refusal::NotAMember | Refusal::Motion("its signer is not in the group")) => Self::Nobody,
            Err(Refusal::Motion("it has lapsed")) => Self::Void,
            Err(Refusal::ConsentMissing) => Self::Consent,
            Err(Refusal::Commit(_)) => Self::Commit,
            Err(Refusal::Credential(_)) => Self::Letter,
            Err(Refusal::LetterRevoked) => Self::Revoked,
            Err(Refusal::LetterInUse) => Self::Twice,
            Err(Refusal::SlotTaken) => Self::Taken,
            Err(Refusal::Malformed) => Self::Unread,
            Err(Refusal::Adjourned) => Self::Over,
            Err(
                other @ (Refusal::TooLarge(_)
                | Refusal::Charter(_)
                | Refusal::CharterAltered
                | Refusal::LetterExpired
                | Refusal::NotLetIn
                | Refusal::Forked
                | Refusal::Disclosure
                | Refusal::Motion(_)
                | Refusal::Text(_)
                | Refusal::Booth(_)
                | Refusal::Whisper(_)
                | Refusal::DocumentAltered
                | Refusal::DocumentKeyless
                | Refusal::DocumentPart
                | Refusal::DocumentChanged
                | Refusal::Recording(_)
                | Refusal::ReportDue
                | Refusal::StaleEpoch),
            ) => panic!("the scene is not as it should be: {other}"),
        }
    }

    fn of_word(word: &str) -> Self {
        match word {
            "yes" => Self::Yes,
            "role" => Self::Role,
            "phase" => Self::Phase,
            "nobody" => Self::Nobody,
            "void" => Self::Void,
            "consent" => Self::Consent,
            "commit" => Self::Commit,
            "letter" => Self::Letter,
            "revoked" => Self::Revoked,
            "twice" => Self::Twice,
            "taken" => Self::Taken,
            "unread" => Self::Unread,
            "over" => Self::Over,
            other => panic!("no such outcome: {other}"),
        }
    }
}

/// A deed; then lines of: who (members by their role, others by their standing, whatever their role), the chair that
/// the charter names for it (`none`, `own`: theirs, `other`, or `any`: it makes no difference), and what comes of it in
/// each phase. `asked`: a motion to open waits. `closing`: a close was called.
const TABLE: &str = "
                                  |                | closed  asked   open    closing over
move to open
  principal                       | none own       | yes     phase   phase   phase   over
  principal                       | other          | role    role    role    role    over
  adviser                         | any            | role    role    role    role    over
  interpreter                     | any            | role    role    role    role    over
  secretary                       | any            | role    role    role    role    over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

call a close
  principal                       | none own       | phase   phase   yes     phase   over
  principal                       | other          | role    role    role    role    over
  adviser                         | any            | role    role    role    role    over
  interpreter                     | any            | role    role    role    role    over
  secretary                       | any            | role    role    role    role    over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

move to adjourn
  principal                       | none own       | yes     yes     phase   phase   over
  principal                       | other          | role    role    role    role    over
  adviser                         | any            | role    role    role    role    over
  interpreter                     | any            | role    role    role    role    over
  secretary                       | any            | role    role    role    role    over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

consent
  principal                       | any            | void    yes     void    phase   over
  adviser                         | any            | void    role    void    phase   over
  interpreter                     | any            | void    role    void    phase   over
  secretary                       | any            | void    role    void    phase   over
  removed revoked outsider stranger | any          | void    nobody  void    phase   over

give a fin
  principal                       | any            | phase   phase   phase   yes     over
  adviser                         | any            | phase   phase   phase   yes     over
  interpreter                     | any            | phase   phase   phase   yes     over
  secretary                       | any            | phase   phase   phase   yes     over
  removed revoked outsider stranger | any          | phase   phase   phase   nobody  over

give a heartbeat
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

say goodbye
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

disclose keys
  principal                       | any            | phase   phase   yes     yes     over
  adviser                         | any            | phase   phase   yes     yes     over
  interpreter                     | any            | phase   phase   yes     yes     over
  secretary                       | any            | phase   phase   yes     yes     over
  removed revoked outsider stranger | any          | phase   phase   nobody  nobody  over

commit nothing but new keys
  principal                       | any            | yes     yes     yes     commit  over
  adviser                         | any            | yes     yes     yes     commit  over
  interpreter                     | any            | yes     yes     yes     commit  over
  secretary                       | any            | yes     yes     yes     commit  over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit an addition
  principal                       | any            | yes     yes     yes     commit  over
  adviser                         | any            | yes     yes     yes     commit  over
  interpreter                     | any            | yes     yes     yes     commit  over
  secretary                       | any            | yes     yes     yes     commit  over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit the removal of one who said goodbye
  principal                       | any            | yes     yes     yes     commit  over
  adviser                         | any            | yes     yes     yes     commit  over
  interpreter                     | any            | yes     yes     yes     commit  over
  secretary                       | any            | yes     yes     yes     commit  over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit the removal of one who is here
  principal                       | any            | commit  commit  commit  commit  over
  adviser                         | any            | commit  commit  commit  commit  over
  interpreter                     | any            | commit  commit  commit  commit  over
  secretary                       | any            | commit  commit  commit  commit  over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit from outside the group
  principal                       | any            | commit  commit  commit  commit  over
  adviser                         | any            | commit  commit  commit  commit  over
  interpreter                     | any            | commit  commit  commit  commit  over
  secretary                       | any            | commit  commit  commit  commit  over
  removed revoked outsider stranger | any          | commit  commit  commit  commit  over

commit an opening that others moved and consented to
  principal                       | any            | yes     yes     phase   phase   over
  adviser                         | any            | yes     yes     phase   phase   over
  interpreter                     | any            | yes     yes     phase   phase   over
  secretary                       | any            | yes     yes     phase   phase   over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit an opening that lacks a consent
  principal                       | none           | consent consent phase   phase   over
  adviser                         | none           | consent consent phase   phase   over
  interpreter                     | none           | consent consent phase   phase   over
  secretary                       | none           | consent consent phase   phase   over
  principal                       | own other      | yes     yes     phase   phase   over
  adviser                         | own other      | yes     yes     phase   phase   over
  interpreter                     | own other      | yes     yes     phase   phase   over
  secretary                       | own other      | yes     yes     phase   phase   over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit a close that others called
  principal                       | any            | phase   phase   yes     yes     over
  adviser                         | any            | phase   phase   yes     yes     over
  interpreter                     | any            | phase   phase   yes     yes     over
  secretary                       | any            | phase   phase   yes     yes     over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit an adjournment that others moved
  principal                       | any            | yes     yes     phase   phase   over
  adviser                         | any            | yes     yes     phase   phase   over
  interpreter                     | any            | yes     yes     phase   phase   over
  secretary                       | any            | yes     yes     phase   phase   over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

commit an open phase without a motion
  principal                       | any            | unread  unread  unread  unread  over
  adviser                         | any            | unread  unread  unread  unread  over
  interpreter                     | any            | unread  unread  unread  unread  over
  secretary                       | any            | unread  unread  unread  unread  over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

have an opening committed that they moved
  principal                       | none own       | yes     yes     phase   phase   over
  principal                       | other          | role    role    role    role    over
  adviser                         | any            | role    role    role    role    over
  interpreter                     | any            | role    role    role    role    over
  secretary                       | any            | role    role    role    role    over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

have an opening committed with their consent
  principal                       | any            | yes     yes     phase   phase   over
  adviser                         | any            | role    role    phase   phase   over
  interpreter                     | any            | role    role    phase   phase   over
  secretary                       | any            | role    role    phase   phase   over
  removed revoked outsider stranger | any          | nobody  nobody  phase   phase   over

have a close committed that they called
  principal                       | none own       | phase   phase   yes     yes     over
  principal                       | other          | role    role    role    role    over
  adviser                         | any            | role    role    role    role    over
  interpreter                     | any            | role    role    role    role    over
  secretary                       | any            | role    role    role    role    over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

have an adjournment committed that they moved
  principal                       | none own       | yes     yes     phase   phase   over
  principal                       | other          | role    role    role    role    over
  adviser                         | any            | role    role    role    role    over
  interpreter                     | any            | role    role    role    role    over
  secretary                       | any            | role    role    role    role    over
  removed revoked outsider stranger | any          | nobody  nobody  nobody  nobody  over

be added by a member
  principal                       | any            | twice   twice   twice   commit  over
  adviser                         | any            | twice   twice   twice   commit  over
  interpreter                     | any            | twice   twice   twice   commit  over
  secretary                       | any            | twice   twice   twice   commit  over
  removed outsider                | any            | yes     yes     yes     commit  over
  revoked                         | any            | revoked revoked revoked commit  over
  stranger                        | any            | letter  letter  letter  commit  over

show their chain
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed outsider                | any            | yes     yes     yes     yes     over
  revoked                         | any            | revoked revoked revoked revoked over
  stranger                        | any            | letter  letter  letter  letter  over

show their delegation's claim
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed revoked outsider        | any            | yes     yes     yes     yes     over
  stranger                        | any            | letter  letter  letter  letter  over

show a second claim with another key
  principal                       | any            | taken   taken   taken   taken   over
  adviser                         | any            | taken   taken   taken   taken   over
  interpreter                     | any            | taken   taken   taken   taken   over
  secretary                       | any            | taken   taken   taken   taken   over
  removed revoked outsider        | any            | taken   taken   taken   taken   over
  stranger                        | any            | letter  letter  letter  letter  over

found a group anew
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed outsider                | any            | yes     yes     yes     yes     over
  revoked                         | any            | revoked revoked revoked revoked over
  stranger                        | any            | letter  letter  letter  letter  over

revoke a letter with the delegation's key
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed revoked outsider        | any            | yes     yes     yes     yes     over
  stranger                        | any            | letter  letter  letter  letter  over

revoke a letter with their letter's key
  principal                       | any            | letter  letter  letter  letter  over
  adviser                         | any            | letter  letter  letter  letter  over
  interpreter                     | any            | letter  letter  letter  letter  over
  secretary                       | any            | letter  letter  letter  letter  over
  removed revoked outsider stranger | any          | letter  letter  letter  letter  over

revoke a letter for another delegation
  principal                       | any            | letter  letter  letter  letter  over
  adviser                         | any            | letter  letter  letter  letter  over
  interpreter                     | any            | letter  letter  letter  letter  over
  secretary                       | any            | letter  letter  letter  letter  over
  removed revoked outsider stranger | any          | letter  letter  letter  letter  over

admit a device with the delegation's key
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed revoked outsider        | any            | yes     yes     yes     yes     over
  stranger                        | any            | letter  letter  letter  letter  over

admit a device with their letter's key
  principal                       | any            | letter  letter  letter  letter  over
  adviser                         | any            | letter  letter  letter  letter  over
  interpreter                     | any            | letter  letter  letter  letter  over
  secretary                       | any            | letter  letter  letter  letter  over
  removed revoked outsider stranger | any          | letter  letter  letter  letter  over

have a notebook kept
  principal                       | any            | yes     yes     yes     yes     over
  adviser                         | any            | yes     yes     yes     yes     over
  interpreter                     | any            | yes     yes     yes     yes     over
  secretary                       | any            | yes     yes     yes     yes     over
  removed revoked outsider stranger | any          | yes     yes     yes     yes     over

publish a readout with the delegation's key
  principal                       | any            | yes     yes     yes     yes     yes
  adviser                         | any            | yes     yes     yes     yes     yes
  interpreter                     | any            | yes     yes     yes     yes     yes
  secretary                       | any            | yes     yes     yes     yes     yes
  removed revoked outsider        | any            | yes     yes     yes     yes     yes
  stranger                        | any            | letter  letter  letter  letter  letter

sign a joint statement with the delegation's key
  principal                       | any            | yes     yes     yes     yes     yes
  adviser                         | any            | yes     yes     yes     yes     yes
  interpreter                     | any            | yes     yes     yes     yes     yes
  secretary                       | any            | yes     yes     yes     yes     yes
  removed revoked outsider        | any            | yes     yes     yes     yes     yes
  stranger                        | any            | letter  letter  letter  letter  letter

publish a readout with their letter's key
  principal                       | any            | letter  letter  letter  letter  letter
  adviser                         | any            | letter  letter  letter  letter  letter
  interpreter                     | any            | letter  letter  letter  letter  letter
  secretary                       | any            | letter  letter  letter  letter  letter
  removed revoked outsider stranger | any          | letter  letter  letter  letter  letter

sign a joint statement for another delegation
  principal                       | any            | letter  letter  letter  letter  letter
  adviser                         | any            | letter  letter  letter  letter  letter
  interpreter                     | any            | letter  letter  letter  letter  letter
  secretary                       | any            | letter  letter  letter  letter  letter
  removed revoked outsider stranger | any          | letter  letter  letter  letter  letter

announce the meeting with the delegation's key
  principal                       | any            | letter  letter  letter  letter  over
  adviser                         | any            | letter  letter  letter  letter  over
  interpreter                     | any            | letter  letter  letter  letter  over
  secretary                       | any            | letter  letter  letter  letter  over
  removed revoked outsider stranger | any          | letter  letter  letter  letter  over
";

/// By deed, who, chair and phase.
pub struct Table(BTreeMap<(Deed, &'static str, Chair, Phase), Outcome>);

impl Table {
    /// Fails if a word is unknown or a cell stands there twice.
    pub fn read() -> Self {
        let mut cells = BTreeMap::new();
        let mut deed = None;
        for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
            let Some([who, chairs, outcomes]) = columns(line) else {
                let named = Deed::ALL.iter().find(|deed| deed.name() == line);
                deed = Some(*named.unwrap_or_else(|| panic!("no such deed: {line}")));
                continue;
            };
            if who.is_empty() {
                assert_eq!(outcomes, "closed  asked   open    closing over");
                continue;
            }
            let outcomes: Vec<Outcome> = outcomes.split_whitespace().map(Outcome::of_word).collect();
            assert_eq!(outcomes.len(), Phase::ALL.len(), "{line}");
            for who in who.split_whitespace() {
                for chair in chairs_of(chairs) {
                    for (phase, outcome) in Phase::ALL.iter().zip(&outcomes) {
                        let cell = (deed.unwrap(), who, chair, *phase);
                        assert!(cells.insert(cell, *outcome).is_none(), "twice: {cell:?}");
                    }
                }
            }
        }
        Self(cells)
    }

    pub fn cell(&self, deed: Deed, standing: Standing, role: Role, chairs: Chairs, phase: Phase) -> Outcome {
        let who = match (standing, role) {
            (Standing::Member, Role::Principal) => "principal",
            (Standing::Member, Role::Adviser) => "adviser",
            (Standing::Member, Role::Interpreter) => "interpreter",
            (Standing::Member, Role::Secretary) => "secretary",
            (Standing::Removed, _) => "removed",
            (Standing::Revoked, _) => "revoked",
            (Standing::Outsider, _) => "outsider",
            (Standing::Stranger, _) => "stranger",
        };
        let chair = match deed.depends() {
            DependsOn::Nobody => Chair::None,
            DependsOn::Opener => chairs.opening,
            DependsOn::Closer => chairs.closing,
        };
        let cell = (deed, who, chair, phase);
        *self.0.get(&cell).unwrap_or_else(|| panic!("no cell for {cell:?}"))
    }
}

fn columns(line: &'static str) -> Option<[&'static str; 3]> {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    columns.try_into().ok()
}

fn chairs_of(words: &str) -> Vec<Chair> {
    let chair = |word| match word {
        "any" => Chair::ALL.to_vec(),
        "none" => vec![Chair::None],
        "own" => vec![Chair::Own],
        "other" => vec![Chair::Other],
        other => panic!("no such chair: {other}"),
    };
    words.split_whitespace().flat_map(chair).collect()
}
