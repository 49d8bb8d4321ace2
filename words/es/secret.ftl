### Around a link that is a secret.

copy = Copiar enlace
copied = Copiado
show = Mostrar
hide = Ocultar
of-link = { $word }: { $link }
copy-failed = Aquí no se permite copiar. Muestre el enlace y cópielo a mano.
