aside = Ma délégation
aside-note = Seule votre délégation lit ceci. Les autres peuvent savoir que quelque chose a été dit, mais pas quoi.
aside-write = Écrire à votre délégation seule
say-aside = À votre délégation seule, de { $name } : { $text }
