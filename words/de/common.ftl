### What every page says.

name = incamera
lamp-waiting = Wartet
lamp-convened = Noch nicht begonnen
lamp-closed = Nicht öffentlich
lamp-closing = Wird geschlossen
lamp-open = Öffentlich
lamp-held = Angehalten
lamp-adjourned = Beendet
tab = { $word } · { $title }
agenda = Tagesordnung
item = { $number }. { $title }
item-public = öffentlich
item-closed = nicht öffentlich
item-closed-ground = nicht öffentlich: { $ground }
delegations = Delegationen
unknown-meeting = Unter dieser Adresse gibt es keine Sitzung. Prüfen Sie, ob der Link vollständig kopiert wurde.
language = Sprache dieser Seite
seconds = { $seconds } Sek.
minutes = { $minutes } Min.
hours = { $hours } Std. { $minutes } Min.
pair = { $first }, { $second }
