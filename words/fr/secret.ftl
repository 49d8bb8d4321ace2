### Around a link that is a secret.

copy = Copier le lien
copied = Copié
show = Afficher
hide = Masquer
of-link = { $word } : { $link }
copy-failed = La copie n’est pas autorisée ici. Affichez le lien et copiez-le à la main.
