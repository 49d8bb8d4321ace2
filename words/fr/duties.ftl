### What a meeting owes the public by its founding document.

duties = Ce que la réunion doit au public
duty-reports = Elle rend compte avant de finir : elle est levée en public, et nulle part ailleurs.
duty-pauses = Elle s’interrompt tant que le public ne peut pas l’entendre : dans une partie publique, rien n’est envoyé d’ici là.
