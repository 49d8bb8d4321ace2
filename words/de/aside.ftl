aside = Meine Delegation
aside-note = Das liest nur Ihre Delegation. Für die anderen ist erkennbar, dass etwas gesagt wurde, nicht aber was.
aside-write = Nur an Ihre Delegation schreiben
say-aside = Nur an Ihre Delegation, von { $name }: { $text }
