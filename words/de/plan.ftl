### The fields in which a meeting is announced.

start = Beginn
zone = In Ihrer Zeitzone, { $zone }. Wer es liest, sieht es in der eigenen.
length = Geplante Dauer
length-none = keine Angabe
place = Wo oder auf welchem Weg
place-hint = Zum Beispiel: per Video. Darf leer bleiben.
embargo = Bis zu einem bestimmten Zeitpunkt nicht öffentlich bekannt
embargo-hint = Bis dahin steht die Sitzung in keinem Sitzungsplan und in keiner Meldung, und ihre Seite sagt nichts. Die Delegationen treten ein wie sonst. Öffnet sie ihre Türen früher, ist sie von da an öffentlich bekannt.
from = Öffentlich bekannt ab
wrong-start = Wählen Sie Tag und Uhrzeit.
wrong-past = Dies liegt in der Vergangenheit oder mehr als ein Jahr voraus.
wrong-long = Dies ist zu lang. Kürzen Sie es ein wenig.
wrong-embargo = Wählen Sie einen Zeitpunkt vor Beginn der Sitzung.
