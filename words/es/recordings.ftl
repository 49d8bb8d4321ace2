### Recordings, on the public page.

recordings = Grabación de lo que fue público
part = Punto { $number } del orden del día: { $title }
of-part = Parte pública
when = { $day }, { $start }, { $length }
gap = Esta grabación no llega al final de la parte: la grabadora se detuvo antes.
late = Esta grabación comienza { $late } después del inicio de la parte.
play = Reproducir
pause = Pausa
position = Posición
time = { $at } de { $length }
of = Grabación de { $name }, { $delegation }
unknown-person = Persona desconocida
no-picture = Solo sonido
files = Archivos
file = { $name }: WebM, { $size }
sealed = Todo tal como se selló, con las claves reveladas: { $size }
hash = SHA-256 { $hash }
how = Un archivo por cada persona vista u oída, tal como lo codificó su propio dispositivo. Aquí se reproducen juntos.
screen = Pantalla
