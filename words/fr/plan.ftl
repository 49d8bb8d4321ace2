### The fields in which a meeting is announced.

start = Début
zone = Dans votre fuseau horaire, { $zone }. Chaque lecteur le voit dans le sien.
length = Durée prévue
length-none = non précisée
place = Lieu, ou moyen
place-hint = Par exemple : par visioconférence. Peut rester vide.
embargo = Ne pas rendre publique avant un certain moment
embargo-hint = Jusque-là, la réunion ne figure dans aucun programme ni aucun fil, et sa page ne dit rien. Les délégations entrent comme toujours. Si elle ouvre ses portes plus tôt, elle est rendue publique dès ce moment.
from = Rendue publique à partir de
wrong-start = Choisissez le jour et l’heure.
wrong-past = Cette date est passée, ou à plus d’un an.
wrong-long = Ceci est trop long. Abrégez un peu.
wrong-embargo = Choisissez un moment antérieur au début de la réunion.
