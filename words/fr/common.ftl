### What every page says.

name = incamera
lamp-waiting = En attente
lamp-convened = Pas encore commencée
lamp-closed = À huis clos
lamp-closing = Passage au huis clos
lamp-open = Publique
lamp-held = Suspendue
lamp-adjourned = Levée
tab = { $word } · { $title }
agenda = Ordre du jour
item = { $number }. { $title }
item-public = en public
item-closed = à huis clos
item-closed-ground = à huis clos : { $ground }
delegations = Délégations
unknown-meeting = Il n’y a pas de réunion à cette adresse. Vérifiez que le lien a été copié en entier.
language = Langue de cette page
seconds = { $seconds } s
minutes = { $minutes } min
hours = { $hours } h { $minutes } min
pair = { $first }, { $second }
