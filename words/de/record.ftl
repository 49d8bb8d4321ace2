### The record, and what the reader’s browser finds in it.

check-record = Protokoll prüfen
check-again = Noch einmal prüfen
checking = { $files ->
    [one] Wird geprüft: eine Datei geholt
   *[other] Wird geprüft: { $files } Dateien geholt
}
record-holds = Das Protokoll hält der Prüfung stand
record-fails = Das Protokoll hält der Prüfung nicht stand
checked-here = { $entries ->
    [one] Hier geprüft, von Ihrem Browser: ein Eintrag, mit jeder Signatur und jeder Regel der Sitzung.
   *[other] Hier geprüft, von Ihrem Browser: { $entries } Einträge, mit jeder Signatur und jeder Regel der Sitzung.
}
record-cosigned = Bis zum Ende gegengezeichnet von { $names }.
record-covered = Gegengezeichnet von { $names }, bis zum Eintrag { $covered } von { $entries }. Was später kam, trägt die Signaturen derer, die es schrieben, und die dieses Hauses.
record-recordings = Die Aufzeichnungen sind noch nicht geprüft.
check-recordings = Auch die Aufzeichnungen prüfen ({ $size })
checking-recordings = Die Aufzeichnungen werden geprüft
checked-bytes = { $done } von { $all }
stop-check = Anhalten
check-stopped = Angehalten: Die Aufzeichnungen wurden nicht bis zum Ende geprüft.
recordings-hold = Jede Aufzeichnung ist die, die das Protokoll nennt.
recordings-part = Teil { $part }. Bilder und Töne, wie ihre Absender sie signiert haben: { $matched }. Von niemandem signiert: { $unsigned }. Im Widerspruch zum Signierten: { $contradicted }. Fehlende Töne: { $missing }.
record-how = Das prüfende Programm kam von diesem Haus. Wer sich darauf nicht verlassen will, prüft mit einem eigenen:
record-unreachable = Das Protokoll konnte nicht geprüft werden, weil nicht alles davon lesbar war:
problem-entry = Eintrag { $entry }
