### Les canaux de langue, dans la salle et sur la page publique.

hear = Langue
floor-sound = Salle
unstaffed = { $language } (personne n’interprète à présent)
beneath = Salle en fond
percent = { $percent } %
hears-nobody = Personne n’interprète à présent vers cette langue : { $language }. Vous entendez la salle.
hears-missing = Rien ne vient en ce moment de la cabine : { $language }. Vous entendez la salle.
hears-stranger = Ce qui est venu à la place du canal { $language } n’a pas été envoyé par son interprète et n’est pas diffusé. Vous entendez la salle.
