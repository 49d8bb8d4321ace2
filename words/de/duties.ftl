### What a meeting owes the public by its founding document.

duties = Was die Sitzung der Öffentlichkeit schuldet
duty-reports = Sie berichtet, bevor sie endet: Beendet wird sie öffentlich und nirgends sonst.
duty-pauses = Sie pausiert, solange die Öffentlichkeit sie nicht hören kann: In einem öffentlichen Teil wird bis dahin nichts gesendet.
