### Whether the server can be reached, on the pages with secrets.

restart-socket = Das Haus startet neu. Diese Seite kommt von selbst zurück, meist binnen Sekunden.
unreachable = Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung; die Seite versucht es von selbst weiter.
