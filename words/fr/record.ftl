### The record, and what the reader’s browser finds in it.

check-record = Vérifier le registre
check-again = Vérifier de nouveau
checking = { $files ->
    [one] Vérification : un fichier reçu
   *[other] Vérification : { $files } fichiers reçus
}
record-holds = Le registre est intact
record-fails = Le registre n’est pas valable
checked-here = { $entries ->
    [one] Vérifié ici, par votre navigateur : une entrée, avec chaque signature et chaque règle de la réunion.
   *[other] Vérifié ici, par votre navigateur : { $entries } entrées, avec chaque signature et chaque règle de la réunion.
}
record-cosigned = Contresigné jusqu’à la fin par { $names }.
record-covered = Contresigné par { $names } pour les { $covered } premières des { $entries } entrées. Ce qui est venu après porte la signature de ses auteurs et celle de la maison.
record-recordings = Les enregistrements n’ont pas encore été vérifiés.
check-recordings = Vérifier aussi les enregistrements ({ $size })
checking-recordings = Vérification des enregistrements
checked-bytes = { $done } sur { $all }
stop-check = Arrêter
check-stopped = Arrêté : les enregistrements n’ont pas été vérifiés jusqu’au bout.
recordings-hold = Chaque enregistrement est celui que le registre désigne.
recordings-part = Partie { $part }. Images et sons tels que leurs expéditeurs les ont signés : { $matched }. Signés par personne : { $unsigned }. En contradiction avec ce qui a été signé : { $contradicted }. Sons manquants : { $missing }.
record-how = Le programme qui a vérifié vient de cette maison. Qui préfère ne pas s’y fier vérifie avec le sien :
record-unreachable = Le registre n’a pas pu être vérifié, car il n’a pas pu être lu en entier :
problem-entry = Entrée { $entry }
