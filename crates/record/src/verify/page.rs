//! The report as a page for people.

use std::fmt::Write as _;

use super::{PartReport, Report};

impl Report {
    /// A page that needs no knowledge of cryptography.
    pub fn page(&self) -> String {
        let mut page = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut page);
        page
    }

    fn write(&self, page: &mut String) -> std::fmt::Result {
        let verdict = if self.ok {
            "This record holds."
        } else {
            "THIS RECORD DOES NOT HOLD."
        };
        writeln!(page, "{verdict}\n")?;
        for problem in &self.problems {
            match problem.entry {
                Some(entry) => writeln!(page, "  ✗ entry {entry}: {}", problem.what)?,
                None => writeln!(page, "  ✗ {}", problem.what)?,
            }
        }
        if !self.problems.is_empty() {
            writeln!(page)?;
        }
        if let Some(meeting) = self.meeting {
            writeln!(page, "Meeting    {}", self.title)?;
            writeln!(page, "           {meeting}")?;
            writeln!(page, "Sides      {}", self.delegations.join(", "))?;
            writeln!(page, "Convened   {}", date(self.convened_at_ms))?;
            match self.adjourned_at_ms {
                Some(at) => writeln!(page, "Adjourned  {}", date(at))?,
                None => writeln!(page, "Adjourned  not yet, as far as this record goes")?,
            }
            if self.duties.reports {
                let kept = match self.adjourned_at_ms {
                    Some(_) => "it was adjourned in public, as its charter demands",
                    None => "not yet: its charter has it adjourned in public",
                };
                writeln!(page, "Report     {kept}")?;
            }
            if self.duties.pauses {
                writeln!(page, "Pauses     while the public does not hear, says its charter")?;
            }
            writeln!(page, "Kept by    house {}\n", self.house)?;
        }
        for part in &self.parts {
            write_part(page, part)?;
        }
        self.write_recordings(page)?;
        self.write_people(page)?;
        self.write_proofs(page)
    }

    fn write_people(&self, page: &mut String) -> std::fmt::Result {
        if self.people.is_empty() {
            return Ok(());
        }
        writeln!(page, "Who was there")?;
        for person in &self.people {
            let came = date(person.came_at_ms);
            let left = person
                .left_at_ms
                .map_or_else(|| "to the end".to_owned(), |at| format!("until {}", date(at)));
            let (name, delegation, role) = (&person.name, &person.delegation, person.role);
            writeln!(page, "  {name}, {role}, {delegation}: from {came} {left}")?;
        }
        writeln!(page)
    }

    fn write_recordings(&self, page: &mut String) -> std::fmt::Result {
        if self.recordings.is_empty() {
            return Ok(());
        }
        writeln!(page, "What was recorded")?;
        for it in &self.recordings {
            let recorded = &it.recorded;
            let length = lasted(recorded.length_ms as f64 / 1_000.0);
            let begins = lasted(recorded.offset_ms as f64 / 1_000.0);
            let became = match (it.deleted_at_ms, it.checked) {
                (Some(at), _) => format!("deleted by the house, {}", date(at)),
                (None, true) => "every file is the one that the record names".to_owned(),
                (None, false) => "not checked".to_owned(),
            };
            let (part, piece) = (recorded.part, recorded.piece);
            writeln!(
                page,
                "  Part {part}, piece {piece}: {length} from {begins} on, {became}"
            )?;
        }
        writeln!(page)
    }

    fn write_proofs(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "What this rests on")?;
        writeln!(
            page,
            "  {} entries, under one root that the house has signed: {}",
            self.entries, self.root
        )?;
        writeln!(
            page,
            "  Every opening and closing bears the signatures of those who moved it and consented to it;"
        )?;
        writeln!(
            page,
            "  everybody's letter leads back to the charter, whose hash is the meeting's id."
        )?;
        let mls = self.handshakes;
        writeln!(page, "  {} handshakes of the group were followed with MLS.", mls.by_mls)?;
        if mls.by_rules_only > 0 {
            writeln!(
                page,
                "  {} handshakes are older than the lifetimes in them: they were checked by the rules, the signed evidence\n  and the countersignatures, and not by MLS.",
                mls.by_rules_only
            )?;
        }
        if self.covered > 0 {
            writeln!(
                page,
                "  The first {} entries are countersigned by members:",
                self.covered
            )?;
            for it in &self.cosigned {
                let at = date(it.at.saturating_mul(1_000));
                writeln!(
                    page,
                    "    {} ({}): {} entries, {at} by their clock",
                    it.name, it.delegation, it.entries
                )?;
            }
        }
        for remark in &self.remarks {
            writeln!(page, "  Note: {}", remark.what)?;
        }
        writeln!(page, "\nWhat it does not show")?;
        writeln!(
            page,
            "  What was said behind closed doors, and whether anybody listened at somebody's own device."
        )?;
        writeln!(
            page,
            "  Times are the house's clock where nobody's signature bears one."
        )?;
        if self.recordings.iter().any(|it| !it.checked) || self.recordings.is_empty() {
            writeln!(page, "  What was said in public, where no recording was checked.")?;
        }
        Ok(())
    }
}

fn write_part(page: &mut String, part: &PartReport) -> std::fmt::Result {
    let ended = part.ended_at_ms.map_or_else(|| "not ended here".to_owned(), date);
    writeln!(
        page,
        "Part {}, {}: {} – {ended}, {}",
        part.n,
        part.phase,
        date(part.started_at_ms),
        lasted(part.seconds)
    )?;
    writeln!(page, "  Item: {}", part.item)?;
    let open = part.phase == "open";
    if !open && !part.ground.is_empty() {
        writeln!(page, "  The public was excluded on the ground: {}", part.ground)?;
    }
    match (open, part.moved_by.is_empty()) {
        (true, false) => {
            let consents = if part.consents.is_empty() {
                "nobody else".to_owned()
            } else {
                part.consents.join(", ")
            };
            writeln!(page, "  Opened by {}, with the consent of {consents}", part.moved_by)?;
            for gap in &part.unheard {
                let until = gap
                    .until_ms
                    .or(part.ended_at_ms)
                    .map_or_else(|| "not restored here".to_owned(), date);
                writeln!(
                    page,
                    "  The public did not hear it, says the house: {} – {until}",
                    date(gap.from_ms)
                )?;
            }
            writeln!(page, "  {} keys disclosed, each over its sender's signature", part.keys)?;
            if part.frames_checked > 0 {
                let frames = part.frames;
                writeln!(page, "  {} recorded frames opened with them:", part.frames_checked)?;
                writeln!(
                    page,
                    "  {} are as their senders have signed them, {} are not; {} of the sound that was sent are missing",
                    frames.matched, frames.unmatched, frames.missing
                )?;
            }
        }
        (false, false) => writeln!(page, "  Closed by {}", part.moved_by)?,
        _ => writeln!(page, "  Began closed, as every meeting does")?,
    }
    writeln!(page)
}

fn lasted(seconds: f64) -> String {
    let whole = seconds as u64;
    match (whole / 3_600, whole / 60 % 60, whole % 60) {
        (0, 0, _) => format!("{seconds:.1} s"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, minutes, rest) => format!("{hours} h {minutes} min {rest} s"),
    }
}

/// A moment in UTC.
fn date(at_ms: u64) -> String {
    let seconds = at_ms / 1_000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Civil from days, for years after 1970 (Hinnant).
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(951_827_696_000), "2000-02-29 12:34:56 UTC");
        assert_eq!(date(1_800_000_000_000), "2027-01-15 08:00:00 UTC");
    }
}
