### Lines that are seen while they are typed.

typed-live = Type live
typed-live-note = Everybody in the room sees each letter as you type it, before you send.
typed-ended = Another part has begun: nobody sees any more what you type. Turn this on again if they should.
typed-now = Being typed
typed-kept = Being typed and written last
typed-kept-empty = Nothing has been written in this part yet.
typed-more = { $count ->
    [one] One more person is typing.
   *[other] { $count } more people are typing.
}
