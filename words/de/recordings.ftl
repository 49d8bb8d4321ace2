### Recordings, on the public page.

recordings = Aufzeichnung dessen, was öffentlich war
part = Tagesordnungspunkt { $number }: { $title }
of-part = Öffentlicher Teil
when = { $day }, { $start }, { $length }
gap = Diese Aufzeichnung reicht nicht bis zum Ende des Teils: Das Aufzeichnen wurde vorher unterbrochen.
late = Diese Aufzeichnung beginnt { $late } nach Beginn des Teils.
play = Abspielen
pause = Pause
position = Stelle
time = { $at } von { $length }
of = Aufzeichnung von { $name }, { $delegation }
unknown-person = Unbekannte Person
no-picture = Nur Ton
files = Dateien
file = { $name }: WebM, { $size }
sealed = Alles, wie es versiegelt wurde, mit den offengelegten Schlüsseln: { $size }
hash = SHA-256 { $hash }
how = Eine Datei für jede Person, die zu sehen oder zu hören war, so wie ihr eigenes Gerät sie kodiert hat. Hier laufen sie zusammen ab.
screen = Bildschirm
