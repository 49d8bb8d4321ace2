### Picture and sound on the public page.

part-open = Öffentlich
watch-again = Der Browser verlangt einen Klick, bevor er Ton abspielt.
starting = Bild und Ton werden verbunden…
nobody-seen = Im Augenblick kein Bild.
sound-on = Ton einschalten
sound-off = Ton ausschalten
picture-of = Bild von { $name }, { $delegation }
unknown-person = Unbekannte Person
verified = geprüft
verified-hint = Was hier gezeigt wird, ist das, was gesendet wurde: Der Absender hat es unterschrieben.
gap = Lücke
gap-hint = Etwas, das hier gezeigt wurde, hat der Absender nicht unterschrieben, oder etwas Gesendetes kam nicht an.
nothing-comes = Im Augenblick kommt kein Bild an.
full = Dieses Haus ist voll: Es trägt so viele Menschen, wie es kann. Diese Seite versucht es weiter.
blocked = Ihr Netz lässt weder Bild noch Ton durch: Es sperrt UDP, und dieses Haus hat keine Vermittlung, die das umgeht. Versuchen Sie ein anderes Netz. Diese Seite versucht es weiter.
blocked-relay = Ihr Netz lässt weder Bild noch Ton durch: Es sperrt UDP, und auch die Vermittlung dieses Hauses ist nicht erreichbar. Versuchen Sie ein anderes Netz. Diese Seite versucht es weiter.
lost-media = Bild und Ton sind unterbrochen. Sie kommen von selbst zurück.
screen = Bildschirm
screen-of = Bildschirm von { $name }, { $delegation }
