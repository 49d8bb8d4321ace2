### The convener’s own page.

title = Die Sitzung ankündigen
intro = Was Sie ankündigen, wird mit Ihrem Schlüssel unterschrieben und steht im Sitzungsplan, im Kalender und in den Meldungen. Eine Änderung ist eine neue Fassung; die früheren bleiben sichtbar.
reading = Die Sitzung wird gelesen…
no-fragment = Der Teil des Links nach dem Zeichen # fehlt. Öffnen Sie den Link der einberufenden Stelle noch einmal vollständig: Beim Neuladen dieser Seite geht er verloren.
unreachable = Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut.
over = Die Sitzung ist beendet. Es gibt nichts mehr anzukündigen.
first = Ankündigen
again = Die Änderung ankündigen
busy = Wird unterschrieben…
done = Angekündigt.
so-far = Bisher angekündigt
begins = Beginn: { $day }, { $time }
version = Fassung { $number }, angekündigt am { $day }, { $time }
go-public = Die öffentliche Seite öffnen
