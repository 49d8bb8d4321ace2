### Picture and sound on the public page.

part-open = En public
watch-again = Le navigateur demande un clic avant de lire le son.
starting = Connexion à l’image et au son…
nobody-seen = Pas d’image en ce moment.
sound-on = Activer le son
sound-off = Couper le son
picture-of = Image de { $name }, { $delegation }
unknown-person = Personne inconnue
verified = vérifié
verified-hint = Ce qui est montré ici est ce qui a été envoyé : l’expéditeur l’a signé lui-même.
gap = lacune
gap-hint = Quelque chose de montré ici n’a pas été signé par son expéditeur, ou quelque chose d’envoyé n’est pas arrivé.
nothing-comes = Aucune image n’arrive en ce moment.
full = Ce serveur est complet : il accueille autant de personnes qu’il le peut. Cette page continue d’essayer.
blocked = Votre réseau ne laisse passer ni image ni son : il bloque l’UDP, et ce serveur n’a pas de relais pour le contourner. Essayez un autre réseau. Cette page continue d’essayer.
blocked-relay = Votre réseau ne laisse passer ni image ni son : il bloque l’UDP, et le relais de ce serveur est lui aussi injoignable. Essayez un autre réseau. Cette page continue d’essayer.
lost-media = L’image et le son sont interrompus. Ils reviennent d’eux-mêmes.
screen = Écran
screen-of = Écran de { $name }, { $delegation }
