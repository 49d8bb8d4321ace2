### Around a link that is a secret.

copy = Скопировать ссылку
copied = Скопировано
show = Показать
hide = Скрыть
of-link = { $word }: { $link }
copy-failed = Копирование здесь не разрешено. Покажите ссылку и скопируйте её вручную.
