### Lines that are seen while they are typed.

typed-live = Frappe en direct
typed-live-note = Toutes les personnes dans la salle voient chaque lettre pendant que vous tapez, avant l’envoi.
typed-ended = Une autre partie a commencé : plus personne ne voit ce que vous tapez. Réactivez ceci si cela doit se voir.
typed-now = En cours de frappe
typed-kept = Ce qui s’écrit et vient d’être écrit
typed-kept-empty = Rien n’a encore été écrit dans cette partie.
typed-more = { $count ->
    [one] Une autre personne tape.
   *[other] { $count } autres personnes tapent.
}
