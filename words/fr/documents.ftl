### Documents that members offer one another.

documents = Documents
documents-note = Seules les personnes dans la salle les reçoivent, même pendant les parties publiques. La maison les garde scellés jusqu’à la fin de la réunion. Vous voyez ce qui est proposé tant que vous êtes ici.
documents-none = Rien n’a encore été proposé.
document-offer = Proposer un fichier…
document-drop = Ou déposez-le ici. 10 Mo au plus.
document-part-closed = Partie à huis clos { $number }
document-part-open = Partie publique { $number } : le public ne les reçoit pas
document-what = { $size }, { $type }
document-mine = De vous
document-from = De { $name }, { $delegation }
document-fetch = Obtenir
document-fetch-what = Obtenir { $file }
document-save = Enregistrer sur cet appareil
document-show = Afficher
document-withdraw = Reprendre
document-withdraw-what = Reprendre { $file }
document-waiting = En route vers les autres…
document-withdrawn = Repris.
document-lost = Cet appareil n’en a plus la clé. Demandez qu’il soit proposé de nouveau.
document-under-way = En route
document-failed = Cela n’a pas fonctionné. Veuillez réessayer.
document-dismiss = D’accord
say-document = { $name } propose un document : { $file }
