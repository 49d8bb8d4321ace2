### The record, and what the reader’s browser finds in it.

check-record = Проверить журнал
check-again = Проверить ещё раз
checking = { $files ->
    [one] Проверка: получен { $files } файл
    [few] Проверка: получено { $files } файла
   *[other] Проверка: получено { $files } файлов
}
record-holds = Журнал подлинный
record-fails = Журнал не прошёл проверку
checked-here = { $entries ->
    [one] Проверено здесь, вашим браузером: { $entries } запись, с каждой подписью и каждым правилом встречи.
    [few] Проверено здесь, вашим браузером: { $entries } записи, с каждой подписью и каждым правилом встречи.
   *[other] Проверено здесь, вашим браузером: { $entries } записей, с каждой подписью и каждым правилом встречи.
}
record-cosigned = Заверен до конца: { $names }.
record-covered = Заверили { $names }: первые { $covered } из { $entries } записей. То, что появилось позже, подписано авторами и этим домом.
record-recordings = Видеозаписи ещё не проверены.
check-recordings = Проверить и видеозаписи ({ $size })
checking-recordings = Проверка видеозаписей
checked-bytes = { $done } из { $all }
stop-check = Остановить
check-stopped = Остановлено: видеозаписи проверены не до конца.
recordings-hold = Каждая видеозапись — та, которую называет журнал.
recordings-part = Часть { $part }. Кадры и звуки такие, как их подписали отправители: { $matched }. Никем не подписаны: { $unsigned }. Противоречат подписанному: { $contradicted }. Недостающие звуки: { $missing }.
record-how = Проверявшую программу прислал этот дом. Кто не хочет на это полагаться, проверяет собственной:
record-unreachable = Проверить журнал не удалось: прочитать его целиком не получилось.
problem-entry = Запись { $entry }
