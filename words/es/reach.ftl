### Whether the server can be reached, on the pages with secrets.

restart-socket = El servidor se reinicia. Esta página vuelve por sí sola, por lo general en segundos.
unreachable = No se puede acceder al servidor. Compruebe su conexión; la página vuelve a intentarlo por sí sola.
