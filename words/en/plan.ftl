### The fields in which a meeting is announced.

start = Begins
zone = In your time zone, { $zone }. Readers see it in theirs.
length = Planned to last
length-none = not said
place = Where, or how
place-hint = For example: by video. May stay empty.
embargo = Not public before a certain time
embargo-hint = Until then the meeting is in no schedule and no feed, and its page says nothing. The delegations enter as ever. If it opens its doors earlier, it is public from then on.
from = Public from
wrong-start = Choose day and time.
wrong-past = This is in the past, or more than a year ahead.
wrong-long = This is too long. Shorten it a little.
wrong-embargo = Choose a time before the meeting begins.
