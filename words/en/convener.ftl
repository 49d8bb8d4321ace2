### The convener’s own page.

title = Announce the meeting
intro = What you announce is signed with your key and stands in the schedule, in the calendar and in the feed. A change is a new version; those before it stay visible.
reading = Reading the meeting…
no-fragment = The part of the link after the # sign is missing. Open the convener’s link again, whole: reloading this page loses it.
unreachable = The server cannot be reached. Check your connection and try again.
over = The meeting is adjourned. There is nothing left to announce.
first = Announce
again = Announce the change
busy = Signing…
done = Announced.
so-far = Announced so far
begins = To begin { $day }, { $time }
version = Version { $number }, announced { $day }, { $time }
go-public = Open the public page
