### Around a link that is a secret.

copy = Link kopieren
copied = Kopiert
show = Anzeigen
hide = Verbergen
of-link = { $word }: { $link }
copy-failed = Das Kopieren ist hier nicht erlaubt. Zeigen Sie den Link an und kopieren Sie ihn von Hand.
