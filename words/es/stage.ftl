### Picture and sound on the public page.

part-open = En público
watch-again = El navegador pide un clic antes de reproducir sonido.
starting = Conectando imagen y sonido…
nobody-seen = Sin imagen en este momento.
sound-on = Activar el sonido
sound-off = Quitar el sonido
picture-of = Imagen de { $name }, { $delegation }
unknown-person = Persona desconocida
nothing-comes = No llega imagen en este momento.
blocked = Su red no deja pasar ni imagen ni sonido: bloquea UDP, y este servidor no tiene un repetidor que lo evite. Pruebe otra red. Esta página sigue intentándolo.
blocked-relay = Su red no deja pasar ni imagen ni sonido: bloquea UDP, y tampoco se puede acceder al repetidor de este servidor. Pruebe otra red. Esta página sigue intentándolo.
lost-media = La imagen y el sonido están interrumpidos. Vuelven por sí solos.
