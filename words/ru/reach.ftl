### Whether the server can be reached, on the pages with secrets.

restart-socket = Сервер перезапускается. Эта страница восстановится сама, обычно за несколько секунд.
unreachable = Сервер недоступен. Проверьте соединение; страница повторяет попытки сама.
