### Recordings, on the public page.

recordings = Recording of what was public
part = Agenda item { $number }: { $title }
of-part = Open part
when = { $day }, { $start }, { $length }
gap = This recording does not reach to the end of the part: the recorder was stopped before.
late = This recording begins { $late } into the part.
play = Play
pause = Pause
position = Position
time = { $at } of { $length }
of = Recording of { $name }, { $delegation }
unknown-person = Unknown person
no-picture = Sound only
files = Files
file = { $name }: WebM, { $size }
sealed = Everything as it was sealed, with the disclosed keys: { $size }
hash = SHA-256 { $hash }
how = One file for each person who was seen or heard, as their own device encoded it. Here they play together.
screen = Screen
