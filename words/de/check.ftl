### Signatures that the reader’s browser has checked.

holds = Unterschrift von Ihrem Browser geprüft
holds-how = Die Adresse dieser Seite nennt die Gründungsurkunde der Sitzung, diese nennt für jede Delegation einen Schlüssel, und damit ist der untenstehende Text unterschrieben. Ob es die richtige Gründungsurkunde ist, kann nur sagen, wer Ihnen den Link gegeben hat.
fails = Die Unterschrift ist nicht gültig
fails-how = Ihr Browser konnte die Unterschrift nicht auf die Gründungsurkunde zurückführen, die die Adresse dieser Seite nennt. Halten Sie diesen Text nicht für den der Delegation.
source = Der Text, wie er unterschrieben wurde
