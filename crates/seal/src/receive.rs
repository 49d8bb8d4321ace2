//! What comes from the server, and what of it is believed.

use incamera_meeting::{
    Act, Body, Claim, Command as Rule, Credential, Evidence, Floor, Heartbeat, MeetingContext, Person, Phase, Refusal,
    Signed, Statement,
};
use incamera_protocol::member::{MemberMessage, ServerMessage};
use incamera_protocol::{Bytes, ErrorCode, limits};
use incamera_record::Happening;
use openmls_traits::OpenMlsProvider as _;
use openmls_traits::random::OpenMlsRand as _;

use crate::action::Action;
use crate::group::{Group, key_package};
use crate::member::Member;

impl Member {
    pub(crate) fn take(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Challenge {
                nonce,
                instance,
                charter,
            } => self.take_challenge(&nonce, instance, &charter),
            ServerMessage::Here {
                ticket, resumed, waits, ..
            } => self.take_here(ticket, resumed, waits),
            ServerMessage::Register { claims, revocations } => self.take_register(&claims, &revocations),
            ServerMessage::Lobby { waiting } => self.take_lobby(&waiting),
            ServerMessage::Admitted { act } => self.take_admission(&act.0),
            ServerMessage::Act { number, act } => self.take_act(number, &act.0),
            ServerMessage::Found { founding, part, item } => self.take_found(founding, part, item),
            ServerMessage::Knock { key_package } => self.note_knock(key_package),
            ServerMessage::KnockWithdrawn { key_package } => {
                self.knocks.remove(&key_package.0);
            }
            ServerMessage::Commit { position, commit } => self.take_commit(position, &commit.0),
            ServerMessage::Joined { welcome, warrant } => self.take_joined(&welcome.0, warrant.as_ref()),
            ServerMessage::Statement { number, statement } => self.take_statement(number, &statement.0),
            ServerMessage::Sealed { position, message } => self.take_sealed(position, &message.0),
            ServerMessage::PleaseRemove { leaf } => {
                let me = self.group.as_ref().map(Group::me);
                if me != Some(leaf) {
                    self.removals.insert(leaf);
                }
            }
            ServerMessage::Connected { leaves } => self.connected = leaves.into_iter().collect(),
            ServerMessage::Relay { relay } => self.act(Action::Relay { relay }),
            ServerMessage::Slots { slots } => self.act(Action::Slots { slots }),
            ServerMessage::Layers { wanted } => self.act(Action::Layers { wanted }),
            ServerMessage::Air { voices } => self.take_air(&voices),
            ServerMessage::Whisper { on } => self.take_whisper(on),
            ServerMessage::Listeners { counts } => self.take_listeners(counts),
            ServerMessage::Unheard { since_ms } => self.take_unheard(since_ms),
            ServerMessage::Refused { re, code, message } => self.take_refusal(&re, code, message),
            ServerMessage::Checkpoint { .. } | ServerMessage::RecordStart { .. } | ServerMessage::Record { .. } => {
                self.take_record(message);
            }
        }
    }

    /// Whether the public hears us, says the house. Of a part that is over it says nothing any more.
    fn take_unheard(&mut self, since_ms: Option<u64>) {
        let at_ms = since_ms.unwrap_or(self.now_ms);
        let events = self.meeting.decide_unheard(at_ms, since_ms.is_some());
        events.iter().flatten().for_each(|event| self.meeting.apply(event));
    }

    /// What the house says of its record of this meeting.
    pub(crate) fn take_record(&mut self, message: ServerMessage) {
        let answer = match message {
            ServerMessage::Checkpoint { key, note } => self.witness.take_offer(self.meeting.id(), &key.0, &note),
            ServerMessage::RecordStart { size, peaks } => {
                self.witness.take_start(size, &peaks);
                None
            }
            ServerMessage::Record { first, entries } => {
                let (letter, seed) = (self.identity.letter_id(), self.identity.letter_seed());
                self.witness.take_entries(first, &entries, letter, seed, self.now_ms)
            }
            _ => None,
        };
        if let Some(answer) = answer {
            self.send(answer);
        }
    }

    fn take_challenge(&mut self, nonce: &Bytes, instance: Bytes, charter: &Bytes) {
        let same = incamera_meeting::SignedCharter::open_as(self.meeting.id(), &charter.0).is_ok();
        if !same {
            self.fatal(
                ErrorCode::Charter,
                incamera_meeting::Refusal::CharterAltered.to_string(),
            );
            return;
        }
        if self.instance.as_ref() != Some(&instance) {
            self.media_fresh = true;
        }
        self.instance = Some(instance);
        let proof = Bytes(self.identity.prove(&self.meeting.id().0, &nonce.0));
        let credential = Bytes(self.identity.credential());
        let resume = self.group.as_ref().map(Group::position);
        self.send(MemberMessage::Hello {
            credential,
            proof,
            resume,
        });
    }

    fn take_here(&mut self, ticket: String, resumed: bool, waits: bool) {
        self.ticket = Some(ticket);
        self.media_due = true;
        self.waits = waits;
        if resumed && self.group.is_some() {
            // A commit of mine may or may not have reached the order of all; the replay shows which.
            self.beat();
            self.watch();
            return;
        }
        self.lose_group();
        if !waits {
            self.knock();
        }
    }

    fn connect_media(&mut self) {
        if !std::mem::take(&mut self.media_due) {
            return;
        }
        if let Some(ticket) = self.ticket.clone() {
            let fresh = std::mem::replace(&mut self.media_fresh, false);
            self.act(Action::Media { ticket, fresh });
        }
    }

    fn take_register(&mut self, claims: &[Bytes], revocations: &[Bytes]) {
        let claims: Vec<_> = claims
            .iter()
            .filter_map(|bytes| Signed::<Claim>::read(&bytes.0).ok())
            .collect();
        let revocations: Vec<_> = revocations
            .iter()
            .filter_map(|bytes| Signed::<Act>::read(&bytes.0).ok())
            .collect();
        self.meeting.learn_register(&claims, &revocations);
    }

    fn take_lobby(&mut self, waiting: &[Bytes]) {
        self.lobby = waiting
            .iter()
            .take(limits::LOBBY_MAX)
            .filter_map(|bytes| self.meeting.identify(&Credential::read(&bytes.0).ok()?).ok())
            .map(|person| (id_of(&person), person))
            .collect();
    }

    /// My delegation has let me in: from now on that is part of who I am.
    fn take_admission(&mut self, act: &[u8]) {
        if !self.waits {
            return;
        }
        let let_in = Signed::<Act>::read(act).and_then(|act| self.identity.let_in(self.meeting.signed_charter(), act));
        match let_in {
            Ok(()) => {
                self.waits = false;
                self.knock();
            }
            Err(refusal) => self.act(Action::Notice {
                message: refusal.to_string(),
            }),
        }
    }

    /// Whether number `number` of what is said in this epoch comes now. What is known already is passed over; where
    /// something is missing this device connects again, and gets everything in order.
    fn is_next(&mut self, number: u32) -> bool {
        let Some((count, _)) = self.meeting.group().map(|group| group.said.so_far()) else {
            return false;
        };
        if number > count {
            self.reconnect();
        }
        number == count
    }

    fn take_act(&mut self, number: u32, bytes: &[u8]) {
        if !self.is_next(number) {
            return;
        }
        let events =
            Signed::<Act>::read(bytes).and_then(|act| self.meeting.decide(self.now_ms, Rule::Act(Box::new(act))));
        match events {
            Ok(events) if !events.is_empty() => events.iter().for_each(|event| self.meeting.apply(event)),
            // Known already, or void; it was said all the same.
            Ok(_) | Err(_) => self.meeting.overhear(bytes),
        }
    }

    fn knock(&mut self) {
        match key_package(&self.provider, &self.identity) {
            Ok((key_package, leaf_key)) => {
                self.knocked = true;
                self.mine.note(leaf_key);
                self.send(MemberMessage::Knock {
                    key_package: Bytes(key_package),
                });
                // A new connection, for the house has ended whatever there was. It is made while others let this device
                // in; before that nothing is sent over it, for there is no key.
                (self.media_due, self.media_fresh) = (true, true);
                self.connect_media();
            }
            Err(error) => self.fatal(ErrorCode::Internal, error.to_string()),
        }
    }

    fn take_found(&mut self, founding: u32, part: u32, item: u32) {
        if self.group.is_some() || !self.knocked {
            return;
        }
        let Ok(group) = self.provider.rand().random_array() else {
            return self.fatal(ErrorCode::Internal, "This device gives no random numbers.");
        };
        let context = MeetingContext::founding(self.meeting.id().0, founding, group, part, item);
        let founded = Group::found(&self.provider, &self.identity, self.meeting.id(), &context);
        let (group, group_info) = match founded {
            Ok(founded) => founded,
            Err(error) => return self.fatal(ErrorCode::Internal, error.to_string()),
        };
        let roster = [(group.me(), self.added_me())];
        if let Err(refusal) = self.meeting.enter(0, context.clone(), &roster, None, self.now_ms) {
            return self.fatal(refusal.code(), refusal.to_string());
        }
        self.knocked = false;
        self.witness.enter(group.position());
        let (founding_of_mine, _) = Happening::of_founding(group.me(), &self.added_me(), &context, &group_info);
        self.witness.expect(founding_of_mine);
        self.group = Some(group);
        self.floor = Floor::entered(self.now_ms);
        self.sit_again();
        self.send(MemberMessage::Founded {
            founding,
            group_info: Bytes(group_info),
        });
        self.turn_keys(None);
        self.watch();
    }

    fn take_joined(&mut self, welcome: &[u8], warrant: Option<&Bytes>) {
        if self.group.is_some() || !self.knocked {
            return;
        }
        self.knocked = false;
        let entered = self.try_join(welcome, warrant);
        match entered {
            Ok(None) => {
                // It was made for an earlier key package of this device, from before a reload, or for a group in which
                // a letter has died since, whose holder is being removed.
                self.lose_group();
                self.knock();
            }
            Ok(Some(group)) => {
                group.leaf_keys().for_each(|key| self.spent.note(key));
                self.witness.enter(group.position());
                self.group = Some(group);
                self.floor = Floor::entered(self.now_ms);
                self.sit_again();
                let phase = self.meeting.group().map(|rules| rules.context.phase);
                self.backstage = phase == Some(Phase::Open);
                self.turn_keys(None);
                self.watch();
            }
            Err(message) => {
                // The key package is used up. What cannot be believed once is not believed twice: the person is told.
                self.lose_group();
                self.fatal(ErrorCode::Handshake, message);
            }
        }
    }

    fn try_join(&mut self, welcome: &[u8], warrant: Option<&Bytes>) -> Result<Option<Group>, String> {
        let opened = Group::open_welcome(&self.provider, self.meeting.id(), welcome).map_err(|e| e.to_string())?;
        let Some(invited) = opened else { return Ok(None) };
        let warrant = match warrant {
            Some(bytes) => Some(Evidence::read(&bytes.0).map_err(|refusal| refusal.to_string())?),
            None => None,
        };
        let (epoch, context) = (invited.epoch, invited.context.clone());
        match self
            .meeting
            .enter(epoch, context, &invited.roster, warrant, self.now_ms)
        {
            Ok(()) => {}
            Err(Refusal::LetterRevoked) => return Ok(None),
            Err(refusal) => return Err(refusal.to_string()),
        }
        let entered = Group::enter(&self.provider, self.meeting.id(), invited);
        entered.map(Some).map_err(|error| error.to_string())
    }

    fn take_statement(&mut self, number: Option<u32>, bytes: &[u8]) {
        if number.is_some_and(|number| !self.is_next(number)) {
            return;
        }
        let read = Statement::read(bytes);
        let decided = read.clone().and_then(|statement| {
            if statement.is_kept() != number.is_some() {
                return Err(Refusal::Malformed);
            }
            let events = self
                .meeting
                .decide(self.now_ms, Rule::State(Box::new(statement.clone())))?;
            Ok((statement, events))
        });
        let (statement, events) = match decided {
            Ok(decided) => decided,
            // Stale or forged: void, whoever passed it on. That it was said still counts.
            Err(refusal) => {
                if number.is_some() {
                    self.meeting.overhear(bytes);
                }
                let name = read.map_or_else(|_| String::new(), |statement| self.name_of(&statement));
                return self.take_void(&refusal, &name);
            }
        };
        if let Body::Heartbeat(heartbeat) = &statement.body
            && !self.sees_the_same(heartbeat)
        {
            let name = self.name_of(&statement);
            return self.raise_alarm(&format!("{name} sees another group than this device."));
        }
        if events.is_empty() && number.is_some() {
            // Nothing new; it was said all the same.
            self.meeting.overhear(bytes);
        }
        for event in &events {
            self.meeting.apply(event);
        }
        match &statement.body {
            Body::Motion(_) => self.fin_sent = false,
            Body::Heartbeat(_) => self.take_heartbeat(&statement),
            Body::Consent(_) | Body::Fin(_) | Body::Goodbye(_) => {}
        }
    }

    /// Everything that was missed comes again, in order. Not to somebody who has raised the alarm: it would find out
    /// the same again, for ever.
    pub(crate) fn reconnect(&mut self) {
        if self.alarm.is_none() && !self.reconnecting {
            self.reconnecting = true;
            self.act(Action::Reconnect);
        }
    }

    /// What cannot be explained by an honest server and honest members: this device sends nothing more, and stays as
    /// it is until it is started anew.
    pub(crate) fn raise_alarm(&mut self, what: &str) {
        self.alarm = Some(format!(
            "{what} Either the server or a member deceives. Nothing is sent. Ask the others by another way, and reload."
        ));
    }

    /// Who has signed it, by name and delegation. For a statement whose signature holds.
    fn name_of(&self, statement: &Statement) -> String {
        let rules = self.meeting.group();
        let person = rules.and_then(|rules| rules.roster.values().find(|person| person.letter == statement.signer));
        let delegation = |person: &Person| {
            let slot = self.meeting.charter().delegations.get(usize::from(person.delegation));
            slot.map_or_else(String::new, |slot| slot.name.as_str().to_owned())
        };
        person.map_or_else(
            || "Somebody".to_owned(),
            |person| format!("{} ({})", person.name, delegation(person)),
        )
    }

    fn take_void(&mut self, refusal: &Refusal, signer: &str) {
        match refusal {
            Refusal::Forked => {
                self.raise_alarm(&format!(
                    "{signer} has seen another course of this meeting than this device."
                ));
            }
            // A motion that the person should have seen is told.
            Refusal::Motion(_) => self.act(Action::Notice {
                message: refusal.to_string(),
            }),
            _ => {}
        }
    }

    fn sees_the_same(&self, heartbeat: &Heartbeat) -> bool {
        let mine = self
            .group
            .as_ref()
            .map(|group| Heartbeat::hash_of(group.authenticator()));
        mine == Some(heartbeat.authenticator)
    }

    fn take_heartbeat(&mut self, statement: &Statement) {
        if statement.signer == self.identity.letter_id() {
            // The server has taken me up to this point of the order. A commit that was on its way when the connection
            // went and has not come by now never reached it: kept, it would keep me from every other.
            self.out_of_touch = false;
            if self.pending.as_ref().is_some_and(|pending| pending.adrift) {
                self.discard_pending();
            }
            self.connect_media();
        }
    }

    /// Gives up a commit of my own.
    fn discard_pending(&mut self) {
        if self.pending.take().is_some()
            && let Some(group) = self.group.as_mut()
            && let Err(error) = group.discard_own(&self.provider)
        {
            self.fatal(ErrorCode::Internal, error.to_string());
        }
    }

    fn take_refusal(&mut self, re: &str, code: ErrorCode, message: String) {
        match (re, code) {
            // At the hour for which many are called more may come at once than the house takes in: it has room soon.
            ("hello", ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::TooMany) => self.reconnect(),
            ("hello", _) | ("knock", ErrorCode::TooMany) => self.fatal(code, message),
            // Somebody else's commit came first, and that is what ends mine. This word may come late and be about an
            // earlier one than that which waits now.
            ("commit", ErrorCode::StaleEpoch) => {}
            ("commit", _) => {
                self.discard_pending();
                self.knocks.clear();
                self.removals.clear();
                self.act(Action::Notice { message });
            }
            // The word of my delegation did not do, for example because another device's is dated later: it may say
            // another.
            ("knock", ErrorCode::LetterInUse | ErrorCode::NotAllowed) => {
                self.waits = true;
                self.act(Action::Notice { message });
            }
            // A confirmation for an epoch that has just ended; the next one follows.
            ("statement" | "disclose" | "key_frames", ErrorCode::StaleEpoch) => {}
            // It goes out again: sealed for the epoch that has begun, or a little later.
            ("sealed", ErrorCode::StaleEpoch) => {}
            ("sealed", ErrorCode::TooMany) => self
                .table
                .wait_until(self.now_ms.saturating_add(limits::SEALED_AGAIN_MS)),
            ("sealed", _) => self.give_up_first(message),
            // Of the page and not of the person, who can do nothing about it; said on a line that came up just now, it
            // comes again.
            ("watch", _) => {}
            ("whisper", _) => {
                self.take_whisper_refused(code);
                if code != ErrorCode::TooMany {
                    self.act(Action::Notice { message });
                }
            }
            // Of a key or a seat that has just ended. What is not signed for shows as that.
            ("digest", _) => {}
            // The house did not want it, or the offer is an old one. There will be another.
            ("record" | "cosign", _) => {}
            // What I have signed does not fit the course of things: everything comes again, in order.
            ("statement", ErrorCode::Handshake) => self.reconnect(),
            ("founded", _) => {
                self.lose_group();
                self.reconnect();
            }
            _ => self.act(Action::Notice { message }),
        }
    }
}

/// Names a letter and a device.
pub(crate) fn id_of(person: &Person) -> String {
    Bytes([person.letter.0, person.device_key.0].concat()).encode()
}
