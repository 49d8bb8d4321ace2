### Documents that members offer one another.

documents = Documents
documents-note = Only those in the room get these, in open parts too. The house keeps them sealed until the meeting ends. You see what is offered while you are here.
documents-none = Nothing has been offered yet.
document-offer = Offer a file…
document-drop = Or drop it here. At most 10 MB.
document-part-closed = Closed part { $number }
document-part-open = Open part { $number }: the public does not get these
document-what = { $size }, { $type }
document-mine = From you
document-from = From { $name }, { $delegation }
document-fetch = Get
document-fetch-what = Get { $file }
document-save = Save to this device
document-show = Show
document-withdraw = Take back
document-withdraw-what = Take { $file } back
document-waiting = On its way to the others…
document-withdrawn = Taken back.
document-lost = This device has no key to it any more. Ask for it to be offered again.
document-under-way = On its way
document-failed = This did not work. Please try again.
document-dismiss = All right
say-document = { $name } offers a document: { $file }
