### La consola de un intérprete.

booth = Cabina
outgoing = Interpreto a
outgoing-none = Dejar la cabina
sit-first = Elija el idioma al que interpreta. Mientras no tenga el micrófono, nadie le oye.
clock = Hora
shift = ⇧ { $key }
on-air = En el aire
on-air-silent = Su micrófono está apagado: el canal está en silencio.
on-air-held = En este momento no se envía nada: el piloto dice por qué.
coughing = En silencio mientras mantenga la tecla.
on-air-other = { $name } está en el aire
on-air-nobody = Nadie interpreta ahora a este idioma: { $language }
listeners = { $count ->
    [one] { $count } persona escucha
   *[other] { $count } personas escuchan
}
meter-out = Lo que usted envía
air-on = Tomar el micrófono
air-off = Dejar el micrófono
cough = Tos: mantener
turn-alone = Nadie más en la cabina
turn-nobody = Nada que pasar
turn-offer = Ofrecer el micrófono
turn-unoffer = Retirar la oferta
turn-give = Pasar el micrófono a { $name }
turn-ask = Pedir el micrófono a { $name }
turn-unask = Retirar la petición
turn-accept = Relevar a { $name }
slower = Demasiado rápido
help = Pedir ayuda
partners = En su cabina
partner-hears = { $name } oye: { $source }
partner-none = No hay nadie más en la cabina.
incoming = Lo que usted oye
hears = Usted oye: { $source }
source-nobody = nadie ahora
ready = Para oír después
take = Oír: { $source }
volume = Volumen
bass = Graves
treble = Agudos
meter-in = Lo que usted oye
quality-nothing = No llega sonido
quality-silent = Nadie habla
quality-good = Sonido: bueno
quality-uneven = Sonido: irregular
quality-poor = Sonido: malo
quality-distorted = Sonido: distorsionado, micrófono muy alto
quality-quiet = Sonido: muy bajo, micrófono lejos o muy bajo
quality-narrow = Sonido: cortado por encima de 5 kHz, como por teléfono
limiter = Un limitador protege sus oídos: no pasa nada más fuerte que 6 decibelios por debajo del máximo. Ajuste sus auriculares para que la voz resulte cómoda.
notes = Notas de la cabina
notes-note = Las ven quienes están en esta cabina.
notes-write = Escribir a su cabina
