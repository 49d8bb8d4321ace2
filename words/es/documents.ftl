### Documents that members offer one another.

documents = Documentos
documents-note = Solo los reciben quienes están en la sala, también en las partes públicas. La casa los guarda sellados hasta que termina la reunión. Usted ve lo que se ofrece mientras está aquí.
documents-none = Todavía no se ha ofrecido nada.
document-offer = Ofrecer un archivo…
document-drop = O suéltelo aquí. Como máximo 10 MB.
document-part-closed = Parte a puerta cerrada { $number }
document-part-open = Parte pública { $number }: el público no los recibe
document-what = { $size }, { $type }
document-mine = De usted
document-from = De { $name }, { $delegation }
document-fetch = Obtener
document-fetch-what = Obtener { $file }
document-save = Guardar en este dispositivo
document-show = Mostrar
document-withdraw = Retirar
document-withdraw-what = Retirar { $file }
document-waiting = De camino a los demás…
document-withdrawn = Retirado.
document-lost = Este dispositivo ya no tiene la clave. Pida que se ofrezca de nuevo.
document-under-way = De camino
document-failed = No ha funcionado. Inténtelo de nuevo.
document-dismiss = De acuerdo
say-document = { $name } ofrece un documento: { $file }
