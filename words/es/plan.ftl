### The fields in which a meeting is announced.

start = Comienzo
zone = En su zona horaria, { $zone }. Cada lector lo ve en la suya.
length = Duración prevista
length-none = sin indicar
place = Dónde o por qué medio
place-hint = Por ejemplo: por vídeo. Puede quedar vacío.
embargo = No darla a conocer antes de cierto momento
embargo-hint = Hasta entonces la reunión no figura en ningún programa ni canal, y su página no dice nada. Las delegaciones entran como siempre. Si abre sus puertas antes, se da a conocer desde ese momento.
from = Se da a conocer desde
wrong-start = Elija día y hora.
wrong-past = Esto está en el pasado, o a más de un año.
wrong-long = Esto es demasiado largo. Acórtelo un poco.
wrong-embargo = Elija un momento anterior al comienzo de la reunión.
