aside = My delegation
aside-note = Only your delegation reads this. The others can tell that something was said, and not what.
aside-write = Write to your delegation alone
say-aside = To your delegation alone, from { $name }: { $text }
