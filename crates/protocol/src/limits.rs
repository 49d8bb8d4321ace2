//! Every limit on what comes from outside, in one place: its value, its reason, and what happens when it is hit.

/// Languages of a charter. The six of the UN, and room to grow; more is refused at convening.
pub const LANGUAGES_MAX: usize = 24;
/// Delegations of a charter. Every government there is, and a margin; more is refused at convening.
pub const DELEGATIONS_MAX: usize = 250;
/// A meeting has at least two sides.
pub const DELEGATIONS_MIN: usize = 2;
/// Agenda items of a charter. A long council agenda has about sixty; more is refused at convening.
pub const AGENDA_ITEMS_MAX: usize = 200;
/// Bytes (UTF-8) of a title, ground or explanation. Two or three sentences; more is refused.
pub const TEXT_BYTES_MAX: usize = 1_000;
/// Bytes (UTF-8) of a person's or delegation's name. Full style and title fit; more is refused.
pub const NAME_BYTES_MAX: usize = 200;
/// Bytes of a signed charter: the sum of the above would be larger, so this is the bound that counts.
pub const CHARTER_BYTES_MAX: usize = 128 * 1024;
/// Bytes of a member's credential (claim, letter, binding): about 600 with a long name.
pub const CREDENTIAL_BYTES_MAX: usize = 2_048;
/// Members in one meeting's group. 110 delegations of several people; a commit then stays under 100 kB. Further
/// knocks are refused with `too_many`.
pub const MEMBERS_MAX: usize = 1_000;
/// How long a letter may be valid from the moment it was minted, in milliseconds: 400 days.
pub const LETTER_VALIDITY_MS_MAX: u64 = 400 * 24 * 3_600 * 1_000;
/// Bytes of an MLS message on the member's socket. A commit of 1,000 members is 83 kB, its Welcome 120 kB.
pub const MLS_BYTES_MAX: usize = 256 * 1024;
/// Bytes of any other message on a socket.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a socket frame: an MLS message and a Welcome in base64 with the JSON around them.
pub const SOCKET_BYTES_MAX: usize = 768 * 1024;
/// Bytes of an HTTP body: a charter in base64 with the JSON around it.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a session description. Chromium's offer for all slots is about 26 kB.
pub const SDP_BYTES_MAX: usize = 64 * 1024;
/// Messages a socket may send at once before it is slowed (`too_many`, then closed).
pub const SIGNAL_BURST: u32 = 200;
/// Messages a socket may send per second on average.
pub const SIGNAL_PER_SECOND: u32 = 50;
/// Messages waiting to be written to one socket: in each of four epochs everybody in the largest group confirms. A
/// reader slower than that is cut off; it may come back and resume.
pub const SOCKET_QUEUE_MAX: usize = 4 * MEMBERS_MAX + 96;
/// Bytes of messages waiting to be written to one socket: a long absence's commits of a large group. Beyond it the
/// reader is cut off, as above.
pub const SOCKET_QUEUE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long writing one message to a socket may take, in milliseconds; then the socket is cut off.
pub const SOCKET_WRITE_MS_MAX: u64 = 10_000;
/// The house asks by a ping whether a client is there, and says by an empty text that it is there itself, this often, in
/// milliseconds.
pub const SOCKET_PING_MS: u64 = 10_000;
/// A client to which nothing has come for so long makes its connection anew, in milliseconds: two signs of the house may
/// be late. It is then back before it has been away for so long that others remove it.
pub const HOUSE_SILENCE_MS_MAX: u64 = 22_000;
/// A socket from which nothing came for so long, not even an answer to a ping, is closed, in milliseconds.
pub const SOCKET_SILENCE_MS_MAX: u64 = 30_000;
/// How long a member's socket may stay without its `hello`, in milliseconds; then it is closed.
pub const HELLO_WAIT_MS: u64 = 10_000;
/// Sockets of one meeting that have not said `hello`. Whoever has only the public link fills no more than this;
/// further ones are refused with `too_many`.
pub const STRANGERS_MAX: usize = 200;
/// Sockets that one address may have open at a time, over all meetings of a house, unless its operator says otherwise: 110
/// delegations in one building behind one router, nine devices each. Of IPv6, a network of 64 bits counts as one address:
/// every home has one. Further ones are refused with `too_many`.
pub const SOCKETS_PER_ADDRESS: usize = 1_000;
/// Connections that one address may have open at a time that are not sockets, or not yet, for each socket that it may have:
/// a browser keeps several for a while after it has loaded a page. Further ones are closed before anything is read.
pub const CONNECTIONS_BY_SOCKETS: usize = 2;
/// How long the one who was told to found the group may take, in milliseconds; then the next one is told.
pub const FOUNDING_WAIT_MS: u64 = 10_000;
/// How long the one who was asked to commit an addition or removal may take, in milliseconds; then the next is asked.
pub const PLEASE_WAIT_MS: u64 = 3_000;
/// How long an offer for media waits until its sender is in the group, in milliseconds; then `not_a_member`.
pub const MEDIA_WAIT_MS: u64 = 15_000;
/// Letters used in one meeting: every member with a lost device or two. A delegation can sign any number; further ones
/// are refused with `too_many`.
pub const LETTERS_MAX: usize = 4 * MEMBERS_MAX;
/// … and of one delegation: what one does takes nothing from another until four of them conspire.
pub const DELEGATION_LETTERS_MAX: usize = LETTERS_MAX / 4;
/// Letters that one delegation may revoke: more than it can note. What one delegation does takes nothing from another.
pub const REVOCATIONS_MAX: usize = 1_000;
/// Meetings of one house. A council's archive of decades; more are refused with `unavailable`.
pub const MEETINGS_MAX: usize = 10_000;
/// How long a client may take to send the head of a request, in milliseconds: slow-loris gets no further.
pub const HEADER_READ_MS: u64 = 5_000;
/// How long a request may take with its body and its answer, in milliseconds. Longer than `MEDIA_WAIT_MS`.
pub const REQUEST_MS_MAX: u64 = 20_000;
/// Sockets of the gallery per meeting on one house: those who only watch its state cost some kilobytes each
/// (`incamera bench public`); how many of them get media is the media engine's to say. Ten thousand of the public, and room for
/// the house's own, which watches and records.
pub const VIEWERS_MAX: usize = 10_010;
/// After how long whoever was refused for now may come again, in seconds: a restart is over by then, and so is a burst.
pub const RETRY_AFTER_S: u32 = 3;
/// How long a house that is told to end goes on for those who are in it, unless its operator says otherwise, in seconds:
/// long enough for a proxy that asks `/readyz` each second.
pub const DRAIN_S: u64 = 2;
/// … and at the most: whoever waits longer for a process to end kills it.
pub const DRAIN_S_MAX: u64 = 60;
/// Addresses of a house's relay: UDP, TCP and TLS of one, and of a second. Each costs every client an attempt whenever
/// it connects; more are refused at the start.
pub const RELAY_URLS_MAX: usize = 6;
/// Bytes of one such address: the longest host name and what stands around it.
pub const RELAY_URL_BYTES_MAX: usize = 300;
/// How long what opens the relay does so, in milliseconds. Longer than a day of talks; whoever has taken it from a page
/// reaches nothing through a relay that is set up as `docs/turn.md` says but this house.
pub const RELAY_LIFE_MS: u64 = 12 * 3_600 * 1_000;
/// After how much of that time everybody gets what opens it for the next while, in milliseconds: half of it, so that
/// whoever connects always has hours left, whatever the two clocks say.
pub const RELAY_RENEWAL_MS: u64 = RELAY_LIFE_MS / 2;
/// Audio slots that a client offers to receive: the loudest three, and one so that a change does not cut a word.
pub const AUDIO_SLOTS: usize = 4;
/// Video slots that a client offers to receive: ten people all see each other. Each is a line of the offer and a decoder
/// that stands idle until somebody is in it; of a larger room nobody watches more faces at once than these.
pub const VIDEO_SLOTS: usize = 9;
/// Slots in one `watch`: as many as an offer may have. A longer message is refused with `malformed`.
pub const WATCHED_MAX: usize = 16;
/// How long a motion may wait for its consents, in milliseconds.
pub const MOTION_LIFE_MS: u64 = 60_000;
/// How long after a motion has lapsed its commit may still arrive, in milliseconds: it was on its way.
pub const COMMIT_WAIT_MS: u64 = 10_000;
/// How far the clocks of two honest people may differ, in milliseconds. A motion dated further off is refused.
pub const CLOCK_SKEW_MS_MAX: u64 = 300_000;
/// How long a close may stay without its commit before another principal may call it anew, in milliseconds.
pub const CLOSE_STALLED_MS: u64 = 3_000;
/// How long the closer waits for the fins of the others, in milliseconds; who gave none is removed in the commit.
pub const FIN_WAIT_MS: u64 = 2_000;
/// How long frames of an ended part or epoch are still taken (up to their fin), in milliseconds.
pub const LATE_FRAMES_MS: u64 = 2_000;
/// How long a member's connection may be away before the others are asked to remove it, in milliseconds.
pub const ABSENCE_MS_MAX: u64 = 60_000;
/// How long a group none of whose members is connected is waited for before it may be founded anew, in milliseconds.
pub const GROUP_GRACE_MS: u64 = 15_000;
/// Bytes of a media frame before sealing. A 4K key frame stays below; larger is dropped.
pub const FRAME_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How often a member of a small group says over its signature that it is here and what it sees, in milliseconds.
/// Twice that and a little is a silence that a lost message does not explain.
pub const HEARTBEAT_MS: u64 = 4_000;
/// For each so many members the interval grows by [`HEARTBEAT_MS`]: two heartbeats a second, however many there are.
pub const HEARTBEAT_SHARE: u64 = 8;
/// Who hears no fresh heartbeat of anybody else for so long, in milliseconds, sends nothing and says why.
pub const SILENCE_MS_MAX: u64 = 10_000;
/// How long a member may take to confirm a closed epoch, in milliseconds: a round trip around the world and a slow
/// phone's key schedule. Then it is removed.
pub const CONFIRM_WAIT_MS: u64 = 3_000;
/// … and for each member of the group so much longer, in milliseconds: every confirmation goes to everybody.
pub const CONFIRM_WAIT_MS_PER_MEMBER: u64 = 30;
/// Who was heard within this time is not removed as absent, in milliseconds (and not within two intervals of
/// heartbeats). Whoever commits the removal has waited [`ABSENCE_MS_MAX`]; clocks and paths differ.
pub const HEARD_MS: u64 = 20_000;
/// People who wait to be let in by their delegation, per meeting; further ones are refused with `too_many`.
pub const LOBBY_MAX: usize = 200;
/// … of one delegation: four would have to conspire to fill it.
pub const DELEGATION_LOBBY_MAX: usize = LOBBY_MAX / 4;
/// … and with one letter: its holder and a second device. A link that went astray fills no more than this.
pub const LETTER_LOBBY_MAX: usize = 2;
/// Bytes of a delegation's sealed notebook: a thousand letters.
pub const NOTEBOOK_BYTES_MAX: usize = 256 * 1024;
/// How often the desks of one meeting may have their notebooks kept: each time is a letter minted. The log keeps all.
pub const NOTES_MAX: usize = 4_000;
/// … and of one delegation.
pub const DELEGATION_NOTES_MAX: usize = NOTES_MAX / 4;
/// Sockets of desks per meeting, known or not: a few for each delegation.
pub const DESKS_MAX: usize = 1_000;
/// Newcomers whom one commit adds; the next adds those who are left. Each key package is about 1,200 bytes, so that the
/// commit stays well within [`MLS_BYTES_MAX`].
pub const ADDITIONS_MAX: usize = 100;
/// How soon a member looks again at somebody whose time has run out and about whom it could not do anything yet, in
/// milliseconds: a close that is still to be committed, a door that is still to be shut.
pub const LOOK_AGAIN_MS: u64 = 250;
/// Key packages of which a member remembers that they were used, the latest ones. Each is a key of 32 bytes; this is a
/// dozen entries for everybody in the largest group.
pub const SPENT_MAX: usize = 12 * MEMBERS_MAX;
/// Newcomers whose knock a member keeps in mind until they are added; further ones knock again.
pub const KNOCKS_MAX: usize = 256;
/// Room that `incamera doctor` wants on the disk of the store, in bytes: months of meetings (a day of them is some
/// megabytes), and the write-ahead log. With less it warns; a full disk refuses what would be said.
pub const DISK_FREE_BYTES_MIN: u64 = 1024 * 1024 * 1024;
/// How long before its end `incamera doctor` calls a certificate's time short, in milliseconds: two weeks.
pub const CERTIFICATE_LEFT_MS_MIN: u64 = 14 * 24 * 3_600 * 1_000;
/// How long `incamera doctor` waits for one answer of a house, in milliseconds.
pub const DOCTOR_WAIT_MS: u64 = 10_000;
/// Bytes of a signed note: a checkpoint that everybody in the largest group has countersigned, 180 bytes each.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;
/// Bytes of an entry of a record: the bundles of C2SP tlog-tiles write its length in two bytes. What may be longer is an
/// attachment.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;
/// Bytes of an attachment of a record: an MLS message, and the facts of the largest commit.
pub const ATTACHMENT_BYTES_MAX: usize = 1024 * 1024;
/// Entries of a record that is read: in the largest group, somebody new in each of some hundred epochs of an open part,
/// with everybody's keys disclosed in each.
pub const ENTRIES_MAX: u64 = 1_000_000;
/// Problems of a record that are named, the first ones: whoever has one has reason enough not to believe it.
pub const PROBLEMS_MAX: usize = 20;
/// Records of adjourned meetings that a house keeps ready, the latest ones that somebody asked for: each may have some
/// ten megabytes. Others are read from the disk when they are asked for.
pub const RECORDS_READY_MAX: usize = 32;
/// Bytes of a record that is fetched or read, attachments and all: a hundred commits of the largest group, and a margin
/// for long meetings.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Meetings of other houses that a house keeps. Each is looked through when the house starts, and what its page says is held
/// in memory.
pub const IMPORTED_MAX: usize = 1_000;
/// How often a house that runs looks for meetings that were imported meanwhile, in milliseconds.
pub const IMPORTED_LOOK_MS: u64 = 2_000;
/// Files in the archive of a record: two for each of some ten thousand commits, and the entries.
pub const ARCHIVE_FILES_MAX: usize = 50_000;
/// Commits that a member keeps in mind until it finds them in the record. A house offers its record after each part; a
/// part of more commits than that is countersigned by nobody.
pub const UNRECORDED_MAX: usize = 20_000;
/// How long after an opening or a close the record is offered to be countersigned, in milliseconds, and for each member
/// [`CONFIRM_WAIT_MS_PER_MEMBER`] longer: the door is shut by then, and nobody's confirmation waits behind it.
pub const RECORD_OFFER_MS: u64 = 2_000;
/// How long members have, when a meeting is over, to countersign its record, in milliseconds; then sockets are closed.
pub const COSIGN_WAIT_MS: u64 = 3_000;
/// Entries of the record in one message to a member: hashes for the most part, of 60 bytes each.
pub const RECORD_CHUNK_ENTRIES: usize = 500;
/// Bytes of the entries in one message to a member: with what stands around them well within [`SOCKET_BYTES_MAX`].
pub const RECORD_CHUNK_BYTES: usize = 128 * 1024;
/// Bytes of a signed readout, all its languages together: four of them with about 2,500 words each. More is refused.
pub const READOUT_BYTES_MAX: usize = 64 * 1024;
/// Versions of one delegation's readout: corrections are rare, and all stay visible. With this what one delegation can
/// fill of a house's disk stays at a megabyte for each meeting.
pub const READOUT_VERSIONS_MAX: usize = 16;
/// Bytes of a joint statement, all its languages together.
pub const JOINT_BYTES_MAX: usize = 32 * 1024;
/// Joint statements that one delegation may put before the others in one meeting. What it puts takes nothing from another.
pub const JOINTS_PROPOSED_MAX: usize = 4;
/// Corrections of joint statements that one delegation may put before the others in one meeting: two of each that it may
/// propose. They take nothing from what it may propose anew.
pub const JOINTS_CORRECTED_MAX: usize = 8;
/// Joint statements that one delegation may sign in one meeting, its own among them: each signature is kept with the text.
pub const JOINTS_SIGNED_MAX: usize = 16;
/// Bytes of a language tag: the longest that BCP 47 promises to need (RFC 5646 §4.4.1).
pub const LANGUAGE_BYTES_MAX: usize = 35;
/// Bytes of a signed announcement: the longest text and what stands around it.
pub const ANNOUNCEMENT_BYTES_MAX: usize = TEXT_BYTES_MAX + 256;
/// Versions of an announcement. Nobody follows a meeting that was moved more often; more is refused.
pub const ANNOUNCEMENTS_MAX: usize = 50;
/// How long a meeting may be planned to last, in minutes: a week.
pub const PLANNED_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Meetings of one kind (under way, to come) that the schedule and a delegation's page show at once.
pub const SCHEDULE_MEETINGS_MAX: usize = 200;
/// Past meetings on one page of the schedule; older ones are on the next.
pub const SCHEDULE_PAST_PER_PAGE: usize = 50;
/// Entries of a feed: what a reader that asks once a week has missed of a busy house.
pub const FEED_ENTRIES_MAX: usize = 200;
/// Pieces of recordings in one meeting: one for each open part, and one more whenever the recorder lost its way to the house.
/// Further ones stay on the disk and are not in the record.
pub const PIECES_MAX: usize = 1_000;
/// Files that are made of one piece, one for each person who was seen or heard in it: more people than ever are in the
/// gallery's slots, and few enough that their hashes fit an entry of [`ENTRY_BYTES_MAX`]. A piece of more is not entered.
pub const TAKES_MAX: usize = 400;
/// How far the end of a recording may be from the end of its part, in milliseconds: the house's clock dates the part, and
/// the last frames come a moment later.
pub const RECORDING_SLACK_MS: u64 = 1_000;
/// Bytes of one file of a recording that is fetched, exported or checked: a day of nine pictures and four voices at 5 Mbit/s
/// together. What is longer is not looked at, which the report says.
pub const RECORDING_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;
/// Bytes of the list of a meeting's recordings: [`PIECES_MAX`] of a few people, or fewer of many. A longer one is not read.
pub const RECORDINGS_LIST_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Bytes (UTF-8) of one written message: a page. More is refused before it is sent.
pub const CHAT_BYTES_MAX: usize = 4_000;
/// Bytes to a multiple of which a written message is filled up before it is sealed: the server sees no shorter length.
pub const CHAT_PADDING_BYTES: usize = 256;
/// Bytes (UTF-8) of a line that is seen while it is typed: three lines of a page. Of a longer one the others see the end until
/// it is a text; one that comes longer is passed over.
pub const TYPED_BYTES_MAX: usize = 500;
/// How often what is being typed is said to the others, in milliseconds: each letter is seen within a second of its being
/// typed, and half of what a member may send is left for everything else.
pub const TYPED_MS: u64 = 500;
/// Bytes to a multiple of which a text for one's own delegation is filled up before it is sealed the first time, so that the
/// rest of the group sees no shorter length. With what stands around it a short one is as long as a short text for all.
pub const ASIDE_PADDING_BYTES: usize = 128;
/// For how long, in milliseconds, nobody is heard after a whisper before the house is asked to send sound to all again: what is
/// still on its way goes to the delegation alone. Longer than packets take on a bad way, shorter than a breath.
pub const WHISPER_TAIL_MS: u64 = 250;
/// When the house is asked again where sound is to go, in milliseconds after it said that it was asked too often.
pub const WHISPER_AGAIN_MS: u64 = 1_000;
/// Bytes of a sealed message: a written one, and what MLS puts around it.
pub const SEALED_BYTES_MAX: usize = CHAT_BYTES_MAX + 2 * CHAT_PADDING_BYTES + 1_024;
/// Written messages of one member that wait to be passed on. More are refused until the line is better.
pub const CHAT_WAITING_MAX: usize = 16;
/// Sealed messages that one member may send at once …
pub const SEALED_BURST: u32 = 20;
/// … and per second on average. Whoever writes faster waits; nothing is lost.
pub const SEALED_PER_SECOND: u32 = 4;
/// How long a client waits before it sends again what came too fast for the house, in milliseconds.
pub const SEALED_AGAIN_MS: u64 = 1_000;
/// Sealed messages that the house keeps for members who come back: of two minutes in which four people type live. Of what is
/// older the reader is told that it did not come.
pub const SEALED_KEPT_MAX: usize = 1_024;
/// For how long it keeps them, in milliseconds: whoever is away longer has lost the seat.
pub const SEALED_KEPT_MS: u64 = 120_000;
/// Messages by which a client knows one that comes a second time.
pub const CHAT_KNOWN_MAX: usize = 512;
/// By how much the date of a raised hand may differ from when it came, in milliseconds: clocks that are set by the network
/// agree better, and a message is on its way for less. Whoever dates back further gains no more than this.
pub const FLOOR_SKEW_MS_MAX: u64 = 30_000;
/// By how many turns at once the floor may go on: as many as no sitting has. Whoever could leap to the last number would
/// have the last word.
pub const FLOOR_LEAP_MAX: u32 = 10_000;
/// The longest time for which the floor is given, in seconds: an hour. Longer is as good as without end.
pub const FLOOR_SECONDS_MAX: u16 = 3_600;
/// How long after an interpreter has called out the same is not shown again, in milliseconds: a speaker who was asked to go
/// slower has had time to, and nobody is pestered.
pub const CALL_MS: u64 = 10_000;
/// Changes of its booth or channel that a client may tell the house at once …
pub const TUNING_BURST: u32 = 20;
/// … and per second on average: faster than a hand turns a dial. A member's further ones are refused, a viewer's end its
/// socket.
pub const TUNING_PER_SECOND: u32 = 4;
/// Bytes of what a viewer says: at the most how it shows [`WATCHED_MAX`] slots, each in some fifty, and room for spaces.
pub const VIEWER_BYTES_MAX: usize = 1_024;
/// How often interpreters are told how many listen to each channel, in milliseconds.
pub const LISTENERS_MS: u64 = 1_000;
/// How often a sender signs what it has sent in public, in milliseconds. Whoever watches learns so much later that what they
/// saw is what was sent.
pub const DIGEST_MS: u64 = 1_000;
/// Frames of one digest: three layers of a camera at 60 pictures a second, and a second that was missed. More are in the
/// next one.
pub const DIGEST_FRAMES_MAX: usize = 512;
/// Bytes of a signed digest: so many hashes of 16 bytes, and what stands around them.
pub const DIGEST_BYTES_MAX: usize = 16 * DIGEST_FRAMES_MAX + 256;
/// Digests of one member that are handed on to the gallery in a second: one for each of its three streams, and the ends and
/// beginnings at a change of keys. Further ones are dropped, which shows as a gap of that member's.
pub const DIGESTS_PER_SECOND: u32 = 12;
/// For how long after somebody has left the gallery's slots their digests are still handed on, in milliseconds: they are
/// about what was shown until then.
pub const SHOWN_MS: u64 = 3_000;
/// How long nothing of what members send in public may come out for the public, in milliseconds, before they are told: a
/// change of speakers or a lost key frame is over by then, and nobody talks to themselves for longer.
pub const UNHEARD_MS: u64 = 3_000;
/// How long after a member's last digest it counts as sending, in milliseconds: they come once a second. With that second it
/// stays below [`UNHEARD_MS`]: who falls silent is not taken for somebody who is not heard.
pub const SENDING_MS: u64 = 1_700;
/// For how long the public must hear again, in milliseconds, before members are told so.
pub const HEARD_AGAIN_MS: u64 = 1_000;
/// For how long the way to the public must stand again, made anew, in milliseconds, before it counts as restored while
/// nobody sends: a meeting that pauses cannot show it by its sound. A way that stands and carries nothing is so found out
/// again and again, and the meeting is seldom public meanwhile.
pub const STANDS_AGAIN_MS: u64 = 5_000;
/// How often whoever watches tells the house what comes out, in milliseconds.
pub const WATCH_MS: u64 = 250;
/// Frames of one key that wait for their digest, or digests for their frames, in a viewer's memory: more than five seconds
/// of three layers at 60 pictures a second. Older ones count as what they are by then: unsigned, or missing.
pub const UNPROVEN_MAX: usize = 1_024;
/// How long a frame that was shown may stay without its sender's signature, in milliseconds: a second until it is signed,
/// and a bad line. Then it is a gap.
pub const PROOF_WAIT_MS: u64 = 4_000;
/// For how long a picture is called verified, or a gap, after what made it so, in milliseconds.
pub const VERDICT_MS: u64 = 5_000;
/// Credentials of senders that a viewer remembers: everybody who can be in the largest group.
pub const SIGNERS_MAX: usize = MEMBERS_MAX;
/// Keys whose frames a viewer holds against digests at once: everybody in the gallery's slots, through the last two dozen
/// changes of epoch. Those of the earliest epoch are counted and let go of.
pub const PROOFS_MAX: usize = 256;
/// Bytes of a document before it is sealed: a long report with its pictures. More is refused before anything is sent.
pub const DOCUMENT_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Bytes of a document that are sealed together. Whoever opens it holds one chunk against its tag before the next comes.
pub const DOCUMENT_CHUNK_BYTES: usize = 64 * 1024;
/// Bytes of a sealed document: those of the largest, and a tag for each chunk. Of a longer one the house takes nothing.
pub const DOCUMENT_SEALED_BYTES_MAX: u64 = crate::document::sealed_bytes(DOCUMENT_BYTES_MAX);
/// Bytes (UTF-8) of a document's name: as long as most file systems allow. A longer one is cut, and keeps its ending.
pub const DOCUMENT_NAME_BYTES_MAX: usize = 200;
/// Documents that one member offers at a time; one that is taken back makes room. Further ones are refused with `too_many`.
pub const DOCUMENTS_OF_ONE_MAX: usize = 32;
/// Documents of one meeting at a time. Each delegation has the same share of them, so that none keeps another's out.
pub const DOCUMENTS_MAX: usize = 256;
/// Documents of each delegation at least, however many delegations there are: the papers of an item of the agenda.
pub const DOCUMENTS_OF_DELEGATION_MIN: usize = 4;
/// Bytes of the sealed documents of one member at a time: six of the largest.
pub const DOCUMENTS_OF_ONE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// … of one meeting, of which each delegation has the same share, and always one of the largest …
pub const DOCUMENTS_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// … and of a house: they lie on the disk on which the meetings' logs grow, and must not fill it. Further ones are refused
/// with `full`, and meetings go on.
pub const DOCUMENTS_OF_HOUSE_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// Documents that one member may send or fetch at once …
pub const DOCUMENT_BURST: u32 = 40;
/// … and per second on average. Whoever is faster is refused with `too_many`.
pub const DOCUMENT_PER_SECOND: u32 = 1;
/// How long sending a document may take, in milliseconds: the largest, at half a megabit a second. Then nothing of it is kept.
pub const DOCUMENT_MS_MAX: u64 = 180_000;
/// How long nothing of a document that is being sent may come, in milliseconds; then nothing of it is kept.
pub const DOCUMENT_SILENCE_MS_MAX: u64 = 10_000;
