### Signatures that the reader’s browser has checked.

holds = Signature vérifiée par votre navigateur
holds-how = L’adresse de cette page désigne l’acte constitutif de la réunion, celui-ci désigne une clé pour chaque délégation, et c’est avec elle que le texte ci-dessous est signé. Seule la personne qui vous a remis le lien peut dire si c’est le bon acte constitutif.
fails = La signature n’est pas valable
fails-how = Votre navigateur n’a pas pu rattacher la signature à l’acte constitutif que désigne l’adresse de cette page. Ne tenez pas ce texte pour celui de la délégation.
source = Le texte tel qu’il a été signé
