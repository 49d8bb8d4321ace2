### The record, and what the reader’s browser finds in it.

check-record = Comprobar el registro
check-again = Comprobar de nuevo
checking = { $files ->
    [one] Comprobando: un archivo recibido
   *[other] Comprobando: { $files } archivos recibidos
}
record-holds = El registro es íntegro
record-fails = El registro no es válido
checked-here = { $entries ->
    [one] Comprobado aquí, por su navegador: una entrada, con cada firma y cada regla de la reunión.
   *[other] Comprobado aquí, por su navegador: { $entries } entradas, con cada firma y cada regla de la reunión.
}
record-cosigned = Refrendado hasta el final por { $names }.
record-covered = Refrendado por { $names } en las primeras { $covered } de { $entries } entradas. Lo posterior lleva la firma de quienes lo escribieron y la de esta casa.
record-recordings = Las grabaciones todavía no se han comprobado.
check-recordings = Comprobar también las grabaciones ({ $size })
checking-recordings = Comprobando las grabaciones
checked-bytes = { $done } de { $all }
stop-check = Detener
check-stopped = Detenido: las grabaciones no se han comprobado hasta el final.
recordings-hold = Cada grabación es la que el registro nombra.
recordings-part = Parte { $part }. Imágenes y sonidos tal como los firmaron sus remitentes: { $matched }. Firmados por nadie: { $unsigned }. En contradicción con lo firmado: { $contradicted }. Sonidos que faltan: { $missing }.
record-how = El programa que ha comprobado lo ha enviado esta casa. Quien prefiera no fiarse comprueba con el suyo:
record-unreachable = No se ha podido comprobar el registro, porque no se ha podido leer entero:
problem-entry = Entrada { $entry }
