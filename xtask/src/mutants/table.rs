//! The planted bugs.

/// A bug, and the test that must find it.
pub(super) struct Mutant {
    /// What is broken.
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// Text that stands in the file exactly once, and what takes its place.
    pub(super) edits: &'static [(&'static str, &'static str)],
    pub(super) package: &'static str,
    /// Which of the package's test programs.
    pub(super) target: &'static [&'static str],
    pub(super) test: &'static str,
}

const ATTACKS: &[&str] = &["--test", "attacks"];
const RULES: &[&str] = &["--test", "rules"];

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "I1: a long way from the server to the keys is passed",
        file: "xtask/src/architecture.rs",
        edits: &[(
            "found.extend(graph.path(blind, seeing).map(Violation::Sees));",
            "found.extend(graph.path(blind, seeing).filter(|way| way.len() < 3).map(Violation::Sees));",
        )],
        package: "xtask",
        target: &[],
        test: "i1_a_planted_way_from_the_server_to_the_seal_is_found_however_long",
    },
    Mutant {
        name: "I2: a letter that its delegation has not signed",
        file: "crates/meeting/src/credential.rs",
        edits: &[(
            "if !self.letter.verify(\"letter\", &claim.delegation_key) {",
            "if false {",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_a_letter_signed_by_another_delegation_is_refused_by_server_and_members",
    },
    Mutant {
        name: "I2: a revoked letter lets in",
        file: "crates/meeting/src/meeting.rs",
        edits: &[("if self.is_revoked(&person) {", "if false {")],
        package: "incamera-meeting",
        target: RULES,
        test: "a_revoked_letter_is_dead_and_its_holder_may_be_removed",
    },
    Mutant {
        name: "I2: an external commit is judged as a member's",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "let CommitSender::Member(sender) = facts.sender else {
            return Err(Refusal::Commit(\"it comes from outside the group\"));
        };",
            "let sender = match facts.sender {
            CommitSender::Member(sender) => sender,
            CommitSender::Outsider => Leaf(0),
        };",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_an_external_commit_is_refused_by_server_and_members",
    },
    Mutant {
        name: "I2: somebody is added without the meeting secret",
        file: "crates/meeting/src/commit.rs",
        edits: &[("        if !facts.meeting_secret {", "        if false {")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_somebody_added_without_the_meeting_secret_is_refused",
    },
    Mutant {
        name: "I2: somebody who is here is removed",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "if !replaced && !self.may_be_removed(",
            "if false && !replaced && !self.may_be_removed(",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "nobody_who_is_here_is_removed",
    },
    Mutant {
        name: "I3: a consent is missing",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "if all { Ok(()) } else { Err(Refusal::ConsentMissing) }",
            "let _ = all;\n        Ok(())",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i3_a_commit_that_opens_without_all_consents_is_refused_by_server_and_members",
    },
    Mutant {
        name: "I3: a consent has lapsed",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "if self.is_stale(&motion, now_ms) {",
            "if false && self.is_stale(&motion, now_ms) {",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i3_an_opening_whose_consents_have_lapsed_is_refused_by_server_and_members",
    },
    Mutant {
        name: "I3: a consent to another motion",
        file: "crates/meeting/src/commit.rs",
        edits: &[("if consent.motion != motion.id() {", "if false {")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i3_consents_to_another_motion_or_epoch_open_nothing",
    },
    Mutant {
        name: "I3: public without having said so",
        file: "crates/seal/src/member.rs",
        edits: &[("!self.is_closing() && !self.backstage,", "!self.is_closing(),")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i3_nobody_becomes_public_without_having_said_so",
    },
    Mutant {
        name: "I4: the closer goes on until the network answers",
        file: "crates/seal/src/member.rs",
        edits: &[("!self.out_of_touch && !self.is_closing() &&", "!self.out_of_touch &&")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i4_the_closers_frames_stop_before_the_network_answers",
    },
    Mutant {
        name: "I4: the sending key outlives the close",
        file: "crates/seal/src/media.rs",
        edits: &[
            ("self.sending.clear();\n        let counts", "let counts"),
            (
                "for stream in Stream::ALL {\n            let parts",
                "for stream in Stream::ALL {\n            if counts.is_some() {\n                continue;\n            }\n            let parts",
            ),
        ],
        package: "incamera-seal",
        target: &["--test", "first_meeting"],
        test: "two_sides_meet_closed_open_close_and_adjourn",
    },
    Mutant {
        name: "I4: a frame beyond its sender's fin",
        file: "crates/seal/src/media.rs",
        edits: &[("if view.header().counter() >= count {", "if count == u64::MAX {")],
        package: "incamera-seal",
        target: &["--lib"],
        test: "i4_a_genuine_frame_beyond_its_senders_fin_is_refused",
    },
    Mutant {
        name: "I4: a close is lost with its epoch",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "if closing && facts.context == group.context {",
            "if false && closing {",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "i4_a_close_that_was_called_is_not_lost_with_its_epoch",
    },
    Mutant {
        name: "I4: a heartbeat of another epoch counts",
        file: "crates/meeting/src/meeting/decide.rs",
        edits: &[("if heartbeat.place != group.place(self.id) {", "if false {")],
        package: "incamera-meeting",
        target: RULES,
        test: "a_heartbeat_counts_only_for_its_epoch_and_once",
    },
    Mutant {
        name: "I4: a key is disclosed in a closed part",
        file: "crates/meeting/src/meeting/decide.rs",
        edits: &[("        if group.context.phase != Phase::Open {", "        if false {")],
        package: "incamera-meeting",
        target: RULES,
        test: "nothing_is_disclosed_in_a_closed_part",
    },
    Mutant {
        name: "I2: somebody is led into an earlier group",
        file: "crates/meeting/src/meeting/enter.rs",
        edits: &[(
            "if self.reached.is_some_and(|reached| position <= reached) {",
            "if false {",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "who_was_in_a_later_epoch_is_not_led_into_an_earlier_one",
    },
    Mutant {
        name: "I3: a joiner believes an opening by anybody",
        file: "crates/meeting/src/meeting/enter.rs",
        edits: &[("if !person.role.may(right) {", "if false {")],
        package: "incamera-meeting",
        target: RULES,
        test: "a_joiner_is_not_shown_an_opening_by_somebody_who_may_not",
    },
    Mutant {
        name: "I3: old words open a new group of the same number",
        file: "crates/meeting/src/meeting.rs",
        edits: &[("group: self.context.group,", "group: [0; 16],")],
        package: "incamera-meeting",
        target: RULES,
        test: "i3_old_words_are_void_in_a_new_group_of_the_same_number",
    },
    Mutant {
        name: "I4: a heartbeat that was kept back is a sign of now",
        file: "crates/meeting/src/meeting.rs",
        edits: &[(
            "let late = u64::try_from(ahead - *least).unwrap_or(u64::MAX);",
            "let late = 0;",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i4_heartbeats_that_are_saved_up_buy_no_time",
    },
    Mutant {
        name: "I4: a door whose chair is gone stays open",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "ClosingRule::Chair(chair) if kind == MotionKind::Close && !group.has_mover_of(chair, kind) => None,",
            "",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "a_door_whose_chair_is_gone_is_shut_by_whoever_is_there",
    },
    Mutant {
        name: "I5: a counter is used twice",
        file: "crates/seal/src/media.rs",
        edits: &[(
            "MediaFrameView::try_with_meta_data(&mut sending.counter, plain, clear)",
            "MediaFrameView::try_with_meta_data(&mut MonotonicCounter::default(), plain, clear)",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "no_nonce_is_used_twice_in_a_million_frames_across_epochs_parts_reloads_and_tabs",
    },
    Mutant {
        name: "I7: what is acknowledged was not stored",
        file: "crates/store/src/sqlite.rs",
        edits: &[(
            "transaction.commit()?;\n        Ok(seq.unsigned_abs())",
            "drop(transaction);\n        Ok(seq.unsigned_abs())",
        )],
        package: "incamera-store",
        target: &[],
        test: "acknowledged_events_survive_kill_9_and_no_batch_is_torn",
    },
    Mutant {
        name: "liveness: a late refusal undoes the next commit",
        file: "crates/seal/src/receive.rs",
        edits: &[(
            "(\"commit\", ErrorCode::StaleEpoch) => {}",
            "(\"commit\", ErrorCode::StaleEpoch) => self.discard_pending(),",
        )],
        package: "incamera-seal",
        target: &["--test", "lost_and_late"],
        test: "a_late_word_that_a_commit_was_stale_does_not_undo_the_next_one",
    },
    Mutant {
        name: "liveness: a commit lost on the way stays pending",
        file: "crates/seal/src/member.rs",
        edits: &[("pending.adrift = true;", "pending.adrift = false;")],
        package: "incamera-seal",
        target: &["--test", "lost_and_late"],
        test: "a_commit_that_was_lost_with_its_connection_keeps_nobody_out_for_ever",
    },
    Mutant {
        name: "I2: an old knock is answered",
        file: "crates/seal/src/leaf_keys.rs",
        edits: &[("self.keys.contains(leaf_key)", "leaf_key.is_empty()")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_a_knock_that_is_played_again_moves_nobody",
    },
    Mutant {
        name: "I4: a fin that waits on a slow device is late",
        file: "crates/seal/src/send.rs",
        edits: &[("let waited = self.looks && ", "let waited = ")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i4_a_fin_that_waits_on_a_slow_device_has_not_come_late",
    },
    Mutant {
        name: "what was judged is not weighed again",
        file: "crates/meeting/src/meeting/judged.rs",
        edits: &[("if judged.revision == self.revision {", "if true {")],
        package: "incamera-meeting",
        target: RULES,
        test: "a_commit_that_was_judged_before_something_else_was_taken_in_is_weighed_again",
    },
    Mutant {
        name: "a chain that is known by its binding alone",
        file: "crates/meeting/src/meeting.rs",
        edits: &[(
            "if known == credential => Ok",
            "if known.binding.body == credential.binding.body => Ok",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "a_chain_with_one_bit_turned_is_refused_after_the_good_one_was_taken_in",
    },
];
