### Picture and sound on the public page.

part-open = En público
watch-again = El navegador pide un clic antes de reproducir sonido.
starting = Conectando imagen y sonido…
nobody-seen = Sin imagen en este momento.
sound-on = Activar el sonido
sound-off = Quitar el sonido
picture-of = Imagen de { $name }, { $delegation }
unknown-person = Persona desconocida
verified = verificado
verified-hint = Lo que se muestra aquí es lo que se envió: lleva la firma de quien lo envía.
gap = laguna
gap-hint = Algo de lo mostrado aquí no lo firmó quien lo envía, o algo que se envió no llegó.
nothing-comes = No llega imagen en este momento.
full = Este servidor está lleno: atiende a tantas personas como puede. Esta página sigue intentándolo.
blocked = Su red no deja pasar ni imagen ni sonido: bloquea UDP, y este servidor no tiene un repetidor que lo evite. Pruebe otra red. Esta página sigue intentándolo.
blocked-relay = Su red no deja pasar ni imagen ni sonido: bloquea UDP, y tampoco se puede acceder al repetidor de este servidor. Pruebe otra red. Esta página sigue intentándolo.
lost-media = La imagen y el sonido están interrumpidos. Vuelven por sí solos.
screen = Pantalla
screen-of = Pantalla de { $name }, { $delegation }
