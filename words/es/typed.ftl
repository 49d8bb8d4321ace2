### Lines that are seen while they are typed.

typed-live = Escribir en directo
typed-live-note = Todas las personas de la sala ven cada letra mientras usted escribe, antes de enviar.
typed-ended = Ha comenzado otra parte: ya nadie ve lo que usted escribe. Vuelva a activarlo si debe verse.
typed-now = Se está escribiendo
typed-kept = Lo que se escribe y lo último escrito
typed-kept-empty = En esta parte aún no se ha escrito nada.
typed-more = { $count ->
    [one] Otra persona está escribiendo.
   *[other] Otras { $count } personas están escribiendo.
}
