### Das Pult einer Dolmetscherin oder eines Dolmetschers.

booth = Kabine
outgoing = Ich dolmetsche in
outgoing-none = Kabine verlassen
sit-first = Wählen Sie die Sprache, in die Sie dolmetschen. Solange Sie das Mikrofon nicht haben, hört Sie niemand.
clock = Uhrzeit
shift = ⇧ { $key }
on-air = Auf Sendung
on-air-silent = Ihr Mikrofon ist aus: Der Kanal ist stumm.
on-air-held = Gerade wird nichts gesendet: Das Signal oben sagt, warum.
coughing = Stumm, solange Sie die Taste halten.
on-air-other = { $name } ist auf Sendung
on-air-nobody = Zurzeit dolmetscht niemand in diese Sprache: { $language }
listeners = { $count ->
    [one] { $count } Person hört zu
   *[other] { $count } Personen hören zu
}
meter-out = Was Sie senden
air-on = Mikrofon nehmen
air-off = Mikrofon abgeben
cough = Räuspern: halten
turn-alone = Niemand sonst in der Kabine
turn-nobody = Nichts zu übergeben
turn-offer = Mikrofon anbieten
turn-unoffer = Angebot zurückziehen
turn-give = An { $name } übergeben
turn-ask = { $name } um das Mikrofon bitten
turn-unask = Bitte zurückziehen
turn-accept = Von { $name } übernehmen
slower = Zu schnell
help = Hilfe rufen
partners = In Ihrer Kabine
partner-hears = { $name } hört: { $source }
partner-none = Sie sind allein in der Kabine.
incoming = Was Sie hören
hears = Sie hören: { $source }
source-nobody = zurzeit niemand
ready = Als Nächstes zu hören
take = { $source } hören
volume = Lautstärke
bass = Bässe
treble = Höhen
meter-in = Was Sie hören
quality-nothing = Es kommt kein Ton
quality-silent = Niemand spricht
quality-good = Ton: gut
quality-uneven = Ton: ungleichmäßig
quality-poor = Ton: schlecht
quality-distorted = Ton: verzerrt, Mikrofon zu laut eingestellt
quality-quiet = Ton: zu leise, Mikrofon zu fern oder zu leise
quality-narrow = Ton: über 5 kHz abgeschnitten, wie am Telefon
limiter = Ein Begrenzer schützt Ihr Gehör: Nichts, was lauter ist als 6 Dezibel unter Vollaussteuerung, kommt durch. Stellen Sie den Kopfhörer so ein, dass Sprache angenehm ist.
notes = Notizen in der Kabine
notes-note = Zu sehen für alle, die in dieser Kabine sitzen.
notes-write = An Ihre Kabine schreiben
