### Whether the server can be reached, on the pages with secrets.

restart-socket = Le serveur redémarre. Cette page revient d’elle-même, en général en quelques secondes.
unreachable = Le serveur est injoignable. Vérifiez votre connexion ; la page réessaie d’elle-même.
