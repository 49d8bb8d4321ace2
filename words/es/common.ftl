### What every page says.

name = incamera
lamp-waiting = En espera
lamp-convened = Aún no iniciada
lamp-closed = A puerta cerrada
lamp-closing = Pasa a puerta cerrada
lamp-open = Pública
lamp-held = Detenida
lamp-adjourned = Levantada
tab = { $word } · { $title }
agenda = Orden del día
item = { $number }. { $title }
item-public = en público
item-closed = a puerta cerrada
item-closed-ground = a puerta cerrada: { $ground }
delegations = Delegaciones
unknown-meeting = No hay ninguna reunión en esta dirección. Compruebe que el enlace se copió entero.
language = Idioma de esta página
seconds = { $seconds } s
minutes = { $minutes } min
hours = { $hours } h { $minutes } min
pair = { $first }, { $second }
