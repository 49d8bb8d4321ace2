### Picture and sound on the public page.

part-open = In public
watch-again = The browser asks for a click before it plays sound.
starting = Connecting to picture and sound…
nobody-seen = No picture at this moment.
sound-on = Turn sound on
sound-off = Turn sound off
picture-of = Picture of { $name }, { $delegation }
unknown-person = Unknown person
verified = verified
verified-hint = What is shown here is what was sent, by the sender’s own signature.
gap = gap
gap-hint = Something shown here was not signed by its sender, or something that was sent did not come.
nothing-comes = No picture comes at this moment.
full = This house is full: it carries as many people as it can. This page keeps trying.
blocked = Your network lets no picture or sound through: it blocks UDP, and this house has no relay to go round that. Try another network. This page keeps trying.
blocked-relay = Your network lets no picture or sound through: it blocks UDP, and the relay of this house cannot be reached either. Try another network. This page keeps trying.
lost-media = Picture and sound are interrupted. They come back by themselves.
screen = Screen
screen-of = Screen of { $name }, { $delegation }
