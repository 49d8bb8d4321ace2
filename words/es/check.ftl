### Signatures that the reader’s browser has checked.

holds = Firma comprobada por su navegador
holds-how = La dirección de esta página designa el acta constitutiva de la reunión, esta designa una clave para cada delegación, y con ella está firmado el texto que sigue. Si es el acta constitutiva correcta, solo puede decirlo quien le dio el enlace.
fails = La firma no es válida
fails-how = Su navegador no pudo vincular la firma al acta constitutiva que designa la dirección de esta página. No tenga este texto por el de la delegación.
source = El texto tal como se firmó
