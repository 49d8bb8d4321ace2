### What every page says.

name = incamera
lamp-waiting = Waiting
lamp-convened = Not yet begun
lamp-closed = Closed
lamp-closing = Closing
lamp-open = Open
lamp-held = Held
lamp-adjourned = Adjourned
tab = { $word } · { $title }
agenda = Agenda
item = { $number }. { $title }
item-public = in public
item-closed = in closed session
item-closed-ground = in closed session: { $ground }
delegations = Delegations
unknown-meeting = There is no meeting at this address. Check that the link was copied whole.
language = Language of this page
seconds = { $seconds } s
minutes = { $minutes } min
hours = { $hours } h { $minutes } min
pair = { $first }, { $second }
