### The convener’s own page.

title = Anunciar la reunión
intro = Lo que usted anuncia se firma con su clave y figura en el programa, en el calendario y en el canal de noticias. Un cambio es una nueva versión; las anteriores siguen visibles.
reading = Leyendo la reunión…
no-fragment = Falta la parte del enlace que sigue al signo #. Abra de nuevo, entero, el enlace de quien convoca: al volver a cargar esta página se pierde.
unreachable = No se puede acceder al servidor. Compruebe su conexión e inténtelo de nuevo.
over = La reunión se ha levantado. Ya no hay nada que anunciar.
first = Anunciar
again = Anunciar el cambio
busy = Firmando…
done = Anunciado.
so-far = Anunciado hasta ahora
begins = Comienza: { $day }, { $time }
version = Versión { $number }, anunciada el { $day }, { $time }
go-public = Abrir la página pública
