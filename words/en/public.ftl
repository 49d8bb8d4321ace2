### The pages that the server writes: the schedule, a meeting, a delegation.

house-title = Meetings of this house
house-what = What is announced, what is under way and what was, with the public parts live.
nothing = There is nothing to show here.
under-way = Under way
to-come = To come
no-time = Convened, no time announced
past = Past
past-pages = Past meetings
later = Later
earlier = Earlier
all-meetings = All meetings of this house
calendar = Calendar (iCalendar)
news = News (Atom)
not-found = Not found
not-found-what = There is nothing at this address.
not-found-delegation = No meeting names such a delegation.
list-next = { $list }, { $name }
list-last = { $list } and { $name }
list-more = { $list } and { $number } more
sentences = { $first }. { $second }

in-public-since = In public since { $time }
in-closed-since = In closed session since { $time }
planned-at = { $time }, planned for { $length }
convened-at = Convened { $when }
never-met = Adjourned before anybody met
held-at = { $time }, { $length }, of which { $open } in public
moved-from = Moved from { $when }
readouts-out = Readouts published

begins-on = { $sides }. To begin on { $day } (UTC).
not-begun = { $sides }. Not yet begun.
is-open = { $sides }. The meeting is in public.
is-closed = { $sides }. In closed session.
lasted = { $sides }. It lasted { $length }, of which { $open } in public.
lasted-never = { $sides }. Adjourned before anybody met.

open-now = The meeting is in public.
convened-no-time = Convened on { $when }. No time has been announced.
begins-at = To begin { $when }
adjourned-when = Adjourned { $when }
elsewhere = Held in another house
elsewhere-what = This meeting was held in another house. This one keeps its record, which it has checked, and gives it out unchanged.
elsewhere-house = The house in which it was held:
elsewhere-key = Its key:
needs-script = Picture and sound are decrypted in your browser: for that this page needs JavaScript.
course = Course of the meeting
part-open = In public
part-closed = In closed session
part-since = since { $time }
part-span = { $from } to { $to }, { $length }
announcements = Announcements
attended = Attended
attendee = { $name }, { $role }
version-announced = Version { $number }, announced { $when }

record = Record
record-what = Who met when, which parts were closed and who agreed to each opening stands in a log that the members countersign. Nobody changes it afterwards unnoticed, this house neither. Anybody can check it, with incamera verify and the address of this page.

readouts = Readouts
readouts-what = Each delegation’s own account, signed with its key, in the order in which they came. They need not agree.
published-when = Published { $when }
version-published = Version { $number }, published { $when }
earlier-versions = Earlier versions ({ $number })
joint = Joint statement of { $names }
joint-since = Public since { $when }
signed = Signed
signed-each = Signed by each of them
signed-key = With the key of { $name }:

delegation-what = All meetings of this house whose charter names a delegation so. The same name is no proof of the same body: whoever convenes a meeting writes the names.
delegation-about = Meetings of { $name } in this house, and with whom.
with-whom = With whom
meetings = Meetings
only-latest = Only the latest { $number } are shown.
met = { $times ->
    [one] Last met { $last }; once
   *[other] Last met { $last }; met { $times } times since { $first }
}
held-when = { $when }, { $length }, of which { $open } in public
under-way-when = { $when }, under way
to-come-when = { $when }, to come
not-held-when = { $when }, not held
