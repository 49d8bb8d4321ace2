### The convener’s own page.

title = Annoncer la réunion
intro = Ce que vous annoncez est signé avec votre clé et figure au programme, au calendrier et dans le fil d’actualité. Une modification est une nouvelle version ; les précédentes restent visibles.
reading = Lecture de la réunion…
no-fragment = La partie du lien qui suit le signe # manque. Rouvrez en entier le lien de l’auteur de la convocation : il se perd quand cette page est rechargée.
unreachable = Le serveur est injoignable. Vérifiez votre connexion et réessayez.
over = La réunion est levée. Il n’y a plus rien à annoncer.
first = Annoncer
again = Annoncer la modification
busy = Signature en cours…
done = Annoncé.
so-far = Annonces faites jusqu’ici
begins = Début : { $day }, { $time }
version = Version { $number }, annoncée le { $day }, { $time }
go-public = Ouvrir la page publique
