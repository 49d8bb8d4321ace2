### Le pupitre d’un interprète.

booth = Cabine
outgoing = J’interprète vers
outgoing-none = Quitter la cabine
sit-first = Choisissez la langue vers laquelle vous interprétez. Tant que vous n’avez pas le microphone, personne ne vous entend.
clock = Heure
shift = ⇧ { $key }
on-air = À l’antenne
on-air-silent = Votre microphone est coupé : le canal est muet.
on-air-held = Rien n’est envoyé en ce moment : le voyant dit pourquoi.
coughing = Muet tant que vous maintenez la touche.
on-air-other = { $name } est à l’antenne
on-air-nobody = Personne n’interprète à présent vers cette langue : { $language }
listeners = { $count ->
    [one] { $count } personne à l’écoute
   *[other] { $count } personnes à l’écoute
}
meter-out = Ce que vous envoyez
air-on = Prendre le microphone
air-off = Rendre le microphone
cough = Toux : maintenir
turn-alone = Personne d’autre en cabine
turn-nobody = Rien à passer
turn-offer = Proposer le microphone
turn-unoffer = Retirer l’offre
turn-give = Passer le micro à { $name }
turn-ask = Demander le micro à { $name }
turn-unask = Retirer la demande
turn-accept = Prendre le relais de { $name }
slower = Trop vite
help = Appeler à l’aide
partners = Dans votre cabine
partner-hears = { $name } entend : { $source }
partner-none = Vous êtes seul en cabine.
incoming = Ce que vous entendez
hears = Vous entendez : { $source }
source-nobody = personne à présent
ready = À entendre ensuite
take = Entendre : { $source }
volume = Volume
bass = Graves
treble = Aigus
meter-in = Ce que vous entendez
quality-nothing = Aucun son ne vient
quality-silent = Personne ne parle
quality-good = Son : bon
quality-uneven = Son : inégal
quality-poor = Son : mauvais
quality-distorted = Son : saturé, micro réglé trop fort
quality-quiet = Son : trop faible, micro trop loin ou trop bas
quality-narrow = Son : coupé au-dessus de 5 kHz, comme au téléphone
limiter = Un limiteur protège vos oreilles : rien de plus fort que 6 décibels sous la pleine échelle ne passe. Réglez votre casque pour que la parole soit confortable.
notes = Notes de la cabine
notes-note = Visibles pour qui se trouve dans cette cabine.
notes-write = Écrire à votre cabine
