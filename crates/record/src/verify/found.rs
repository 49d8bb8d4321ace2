//! What a verification can find: each with a code that stays, what it needs to be said in any language, and a sentence.

use serde::Serialize;

/// Something that was found. Its codes and their meanings are listed in `docs/record.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Found {
    /// The key of the house cannot be read, or is not named as its hash demands.
    #[error("The key of the house does not hold: {why}.")]
    HouseKeyUnsound {
        /// For those who know keys.
        why: String,
    },
    /// Not the house whose key was given.
    #[error("The record is kept by another house than the one whose key was given.")]
    OtherHouse,
    /// The head of the record cannot be read, or the house has not signed it.
    #[error("The head of the record does not hold: {why}.")]
    HeadUnsound {
        /// For those who know checkpoints.
        why: String,
    },
    /// The house has signed more entries, or fewer.
    #[error("The house has signed {signed} entries, and {here} are here: some are missing or too many.")]
    HeadOfOtherLength {
        /// Entries under the head.
        signed: u64,
        /// Entries that there are.
        here: u64,
    },
    /// The house has signed other entries.
    #[error("The entries are not those that the house has signed: the root of their tree is another.")]
    HeadOfOtherEntries,
    /// What the log of the house says of the meeting is not here.
    #[error("The log of the house was not looked at.")]
    HouseLogUnseen,
    /// The log of the house cannot be read, was not signed, or does not hold what is said to be in it.
    #[error("The log of the house does not hold: {why}.")]
    HouseLogUnsound {
        /// For those who know logs.
        why: String,
    },
    /// The log of the house has another end of the record.
    #[error("The log of the house says that the record ended otherwise than it does here.")]
    HouseLogEndsOtherwise,
    /// The log of the house does not know of the meeting.
    #[error("The log of the house does not have this meeting.")]
    HouseLogLacksMeeting,
    /// The meeting is over, and the log of the house does not have that yet.
    #[error("The log of the house does not say yet that the meeting is over.")]
    HouseLogLags,
    /// It came from another house than the one that kept it.
    #[error("The house that gives this record out is not the one that kept it.")]
    GivenOutElsewhere,
    /// More than there may be.
    #[error("The record has more entries than any.")]
    TooManyEntries,
    /// It is empty, or does not begin with its charter.
    #[error("The record does not begin with its charter.")]
    NoBeginning,
    /// An entry that is none.
    #[error("The entry cannot be used: {why}.")]
    EntryUnreadable {
        /// For those who know entries.
        why: String,
    },
    /// Not the meeting that was asked for.
    #[error("It is the record of another meeting than the one that was asked for.")]
    OtherMeeting,
    /// The charter is not the meeting's, or its signatures do not hold.
    #[error("The charter does not hold: {why}")]
    CharterUnsound {
        /// In the words of the rules.
        why: String,
    },
    /// What an entry names by its hash is not here.
    #[error("What it names is missing: attachment {sum}.")]
    AttachmentMissing {
        /// Its SHA-256.
        sum: String,
    },
    /// What an entry names by its hash has another.
    #[error("What it names was altered: attachment {sum}.")]
    AttachmentAltered {
        /// The SHA-256 that it should have.
        sum: String,
    },
    /// Time ran back.
    #[error("It is dated before the entry that it follows.")]
    DatedBefore,
    /// The rules of the meeting do not let it happen where it stands.
    #[error("{why}")]
    AgainstRules {
        /// In the words of the rules.
        why: String,
    },
    /// The message of the group does not hold, or does something else than its entry says.
    #[error("{why}")]
    HandshakeUnsound {
        /// For those who know MLS.
        why: String,
    },
    /// What rests on an entry that does not hold.
    #[error("{rest} entries after entry {after} were not looked at: they rest on it.")]
    EntriesUnseen {
        /// How many.
        rest: u64,
        /// The one that does not hold.
        after: u64,
    },
    /// The house's date of a change of phase is far from its mover's, and nobody else bears the house out.
    #[error("The house dates it {seconds} s from the date that its mover has signed.")]
    DatedOtherwise {
        /// How far.
        seconds: u64,
    },
    /// The same, and other members bear the house out.
    #[error("Entry {number} is dated {seconds} s from its mover's clock; other members' clocks agree with the house.")]
    DatedOtherwiseAgreed {
        /// Which entry.
        number: u64,
        /// How far.
        seconds: u64,
    },
    /// Countersigned before it was.
    #[error(
        "Every countersignature is dated before the entries that it covers: the house's clock or those of all members were wrong."
    )]
    CountersignedBefore,
    /// A head that somebody has seen cannot be read, or the house has not signed it.
    #[error("A checkpoint that somebody has seen does not hold: {why}.")]
    CheckpointUnsound {
        /// For those who know checkpoints.
        why: String,
    },
    /// Somebody has seen more entries.
    #[error("A record of {seen} entries {}; here are only {here}: the last are missing.", whose(*.members))]
    RecordCut {
        /// Entries that somebody has seen.
        seen: u64,
        /// Entries that there are.
        here: u64,
        /// How many members have countersigned what was seen.
        members: u64,
    },
    /// Somebody has seen other entries.
    #[error(
        "Another history {}: at {seen} entries its root was another. Something before entry {seen} was altered, dropped, put in or moved.",
        whose(*.members)
    )]
    OtherHistory {
        /// After how many entries.
        seen: u64,
        /// How many members have countersigned what was seen.
        members: u64,
    },
    /// The record rests on the house.
    #[error("No member has countersigned the record: it rests on the house's signature and on those in it.")]
    CountersignedByNobody,
    /// The end of the record rests on the house.
    #[error("The last {rest} entries, from entry {from} on, are countersigned by no member.")]
    CountersignedInPart {
        /// How many.
        rest: u64,
        /// The first of them.
        from: u64,
    },
    /// Who countersigned was not there.
    #[error("A countersignature is by a letter of which this record does not know.")]
    CountersignerUnknown,
    /// A countersignature that is none.
    #[error("The countersignature of {name} over {entries} entries does not hold.")]
    CountersignatureUnsound {
        /// Whose it is said to be.
        name: String,
        /// Over how many.
        entries: u64,
    },
    /// Nobody has looked at the recordings.
    #[error("The recordings were not looked at.")]
    RecordingsUnseen,
    /// An archive without recordings.
    #[error("This archive was made without the recordings that the record names.")]
    RecordingsLeftOut,
    /// The meeting goes on.
    #[error("The recordings are offered once the meeting is adjourned, and were not looked at.")]
    RecordingsNotOffered,
    /// Not there, and not deleted.
    #[error("{file} is missing, and the record does not say that it was deleted.")]
    RecordingMissing {
        /// Its name.
        file: String,
    },
    /// It cannot be fetched, or read where it lies.
    #[error("{file}: {why}.")]
    RecordingUnfetched {
        /// Its name.
        file: String,
        /// What the network or the disk says.
        why: String,
    },
    /// Larger than any.
    #[error("{file} is larger than any recording.")]
    RecordingTooLarge {
        /// Its name.
        file: String,
    },
    /// Another file, or an altered one.
    #[error("{file} is not the file that the record names.")]
    RecordingAltered {
        /// Its name.
        file: String,
    },
    /// It ends too soon.
    #[error("{file} is not the file that the record names: it ends after {bytes} of {of} bytes.")]
    RecordingCut {
        /// Its name.
        file: String,
        /// How many there are.
        bytes: u64,
        /// How many the record names.
        of: u64,
    },
    /// No file of sealed frames.
    #[error("{file} cannot be read from byte {at} on.")]
    RecordingUnreadable {
        /// Its name.
        file: String,
        /// Where.
        at: u64,
    },
    /// Of another meeting, part or piece.
    #[error("{file} is of another part or meeting than the record says.")]
    RecordingOfAnother {
        /// Its name.
        file: String,
    },
    /// Longer or shorter than the record says, or than its part was.
    #[error("{file} is of another length than the record says, or than its part was.")]
    RecordingOfOtherLength {
        /// Its name.
        file: String,
    },
    /// Other keys than those that were disclosed.
    #[error("No frame of {file} can be opened with the keys that were disclosed.")]
    RecordingShut {
        /// Its name.
        file: String,
    },
    /// Not where the fins of the close say.
    #[error("In the recording of part {part} somebody's frames end elsewhere than they have signed for the close.")]
    RecordingEndsElsewhere {
        /// Of which part.
        part: u32,
    },
    /// Altered, put in, or beyond the end.
    #[error(
        "{frames} frames in the recording of part {part} are not those that their senders have signed, the first about {seconds} s after the part began."
    )]
    FramesContradicted {
        /// Of which part.
        part: u32,
        /// How many.
        frames: u64,
        /// How long the part had lasted when the first came, or its sender's signature did.
        seconds: u64,
    },
    /// Signed by nobody.
    #[error("{frames} frames in the recording of part {part} are signed by nobody.")]
    FramesUnsigned {
        /// Of which part.
        part: u32,
        /// How many.
        frames: u64,
    },
    /// Sound that was sent is not there.
    #[error("{frames} frames of sound that were sent are missing in the recording of part {part}.")]
    FramesMissing {
        /// Of which part.
        part: u32,
        /// How many.
        frames: u64,
    },
}

fn whose(members: u64) -> String {
    match members {
        0 => "was signed by the house".to_owned(),
        1 => "was countersigned by a member".to_owned(),
        many => format!("was countersigned by {many} members"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// The codes, as the source of this module has their variants.
    fn codes() -> BTreeSet<String> {
        let source = include_str!("found.rs");
        let all = source.split_once("pub enum Found {").unwrap().1;
        let all = all.split_once("\n}\n").unwrap().0;
        let variants = all.lines().filter_map(|line| line.strip_prefix("    "));
        let variants = variants.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
        let kebab = |variant: &str| {
            let name = variant.trim_end_matches([' ', '{', ',']);
            let cut = name.chars().flat_map(|it| {
                let dash = it.is_ascii_uppercase().then_some('-');
                dash.into_iter().chain([it.to_ascii_lowercase()])
            });
            cut.collect::<String>().trim_start_matches('-').to_owned()
        };
        variants.map(kebab).collect()
    }

    /// What stands between these two at the beginnings of lines.
    fn named<'a>(text: &'a str, before: &'a str, after: char) -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(before));
        lines
            .filter_map(|line| Some(line.split_once(after)?.0.trim().to_owned()))
            .collect()
    }

    #[test]
    fn every_code_stands_in_the_document_and_is_said_on_the_page() {
        let codes = codes();
        assert!(codes.len() > 40 && codes.contains("recording-cut"), "{codes:?}");
        let document = include_str!("../../../../docs/record.md");
        let section = document.split_once("## What can be found").unwrap().1;
        let section = section.split_once("\n## ").unwrap().0;
        assert_eq!(named(section, "| `", '`'), codes);
        let words = include_str!("../../../../words/en/findings.ftl");
        assert_eq!(named(words, "found-", '='), codes);
    }
}
