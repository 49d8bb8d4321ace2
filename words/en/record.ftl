### The record, and what the reader’s browser finds in it.

check-record = Check the record
check-again = Check again
checking = { $files ->
    [one] Checking: one file fetched
   *[other] Checking: { $files } files fetched
}
record-holds = The record holds
record-fails = The record does not hold
checked-here = { $entries ->
    [one] Checked here, by your browser: one entry, with every signature and every rule of the meeting.
   *[other] Checked here, by your browser: { $entries } entries, with every signature and every rule of the meeting.
}
record-cosigned = Countersigned to its end by { $names }.
record-covered = Countersigned by { $names } as far as the first { $covered } of { $entries } entries. What came later bears the signatures of those who wrote it, and the house’s.
record-uncosigned = No member has countersigned it yet.
record-recordings = The recordings were not looked at here; the program below looks at each of their frames.
record-how = This house has sent the program that checked. Whoever would rather not rely on that checks with their own:
record-unreachable = The record could not be checked, because not all of it could be read:
problem-entry = Entry { $entry }
