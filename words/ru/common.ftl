### What every page says.

name = incamera
lamp-waiting = Ожидание
lamp-convened = Ещё не начато
lamp-closed = Закрыто
lamp-closing = Закрывается
lamp-open = Открыто
lamp-held = Приостановлено
lamp-adjourned = Завершено
tab = { $word } · { $title }
agenda = Повестка дня
item = { $number }. { $title }
item-public = открытое заседание
item-closed = закрытое заседание
item-closed-ground = закрытое заседание: { $ground }
delegations = Делегации
unknown-meeting = По этому адресу нет заседания. Проверьте, полностью ли скопирована ссылка.
language = Язык этой страницы
seconds = { $seconds } с
minutes = { $minutes } мин
hours = { $hours } ч { $minutes } мин
pair = { $first }, { $second }
