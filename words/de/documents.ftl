### Documents that members offer one another.

documents = Dokumente
documents-note = Nur wer im Raum ist, erhält sie, auch in öffentlichen Teilen. Das Haus bewahrt sie versiegelt auf, bis die Sitzung endet. Sie sehen, was angeboten wird, solange Sie hier sind.
documents-none = Noch wurde nichts angeboten.
document-offer = Datei anbieten…
document-drop = Oder hier ablegen. Höchstens 10 MB.
document-part-closed = Nicht öffentlicher Teil { $number }
document-part-open = Öffentlicher Teil { $number }: die Öffentlichkeit erhält sie nicht
document-what = { $size }, { $type }
document-mine = Von Ihnen
document-from = Von { $name }, { $delegation }
document-fetch = Abrufen
document-fetch-what = { $file } abrufen
document-save = Auf diesem Gerät speichern
document-show = Zeigen
document-withdraw = Zurücknehmen
document-withdraw-what = { $file } zurücknehmen
document-waiting = Unterwegs zu den anderen…
document-withdrawn = Zurückgenommen.
document-lost = Dieses Gerät hat keinen Schlüssel mehr dazu. Bitten Sie darum, dass es noch einmal angeboten wird.
document-under-way = Unterwegs
document-failed = Das ist nicht gelungen. Bitte versuchen Sie es noch einmal.
document-dismiss = In Ordnung
say-document = { $name } bietet ein Dokument an: { $file }
