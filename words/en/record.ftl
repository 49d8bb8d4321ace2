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
record-recordings = The recordings have not been checked yet.
check-recordings = Check the recordings too ({ $size })
checking-recordings = Checking the recordings
checked-bytes = { $done } of { $all }
stop-check = Stop
check-stopped = Stopped: the recordings were not checked to the end.
recordings-hold = Every recording is the one that the record names.
recordings-part = Part { $part }. Frames as their senders have signed them: { $matched }. Signed by nobody: { $unsigned }. Contradicting what was signed: { $contradicted }. Missing sound: { $missing }.
record-how = This house has sent the program that checked. Whoever would rather not rely on that checks with their own:
record-unreachable = The record could not be checked, because not all of it could be read:
problem-entry = Entry { $entry }
