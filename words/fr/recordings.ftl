### Recordings, on the public page.

recordings = Enregistrement de ce qui était public
part = Point { $number } de l’ordre du jour : { $title }
of-part = Partie publique
when = { $day }, { $start }, { $length }
gap = Cet enregistrement ne va pas jusqu’à la fin de la partie : l’enregistreur a été arrêté avant.
late = Cet enregistrement commence { $late } après le début de la partie.
play = Lire
pause = Pause
position = Position
time = { $at } sur { $length }
of = Enregistrement de { $name }, { $delegation }
unknown-person = Personne inconnue
no-picture = Son seul
files = Fichiers
file = { $name } : WebM, { $size }
sealed = Le tout tel qu’il a été scellé, avec les clés divulguées : { $size }
hash = SHA-256 { $hash }
how = Un fichier par personne vue ou entendue, tel que son propre appareil l’a encodé. Ici, ils sont lus ensemble.
screen = Écran
