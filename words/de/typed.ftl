### Lines that are seen while they are typed.

typed-live = Mitlesen lassen
typed-live-note = Alle im Raum sehen jeden Buchstaben, während Sie tippen, noch vor dem Senden.
typed-ended = Ein anderer Teil hat begonnen: Niemand sieht mehr, was Sie tippen. Schalten Sie dies wieder ein, wenn es zu sehen sein soll.
typed-now = Wird gerade getippt
typed-kept = Was gerade und zuletzt geschrieben wird
typed-kept-empty = In diesem Teil wurde noch nichts geschrieben.
typed-more = { $count ->
    [one] Eine weitere Person tippt.
   *[other] { $count } weitere Personen tippen.
}
