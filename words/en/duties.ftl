### What a meeting owes the public by its founding document.

duties = What the meeting owes the public
duty-reports = It reports before it ends: it is adjourned in public and nowhere else.
duty-pauses = It pauses while the public cannot hear it: in an open part nothing is sent until the public can.
