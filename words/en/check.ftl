### Signatures that the reader’s browser has checked.

holds = Signature checked by your browser
holds-how = The address of this page names the meeting’s founding document, that names a key for each delegation, and with it the text below was signed. Whether the founding document is the right one, only whoever gave you the link can say.
fails = The signature does not hold
fails-how = Your browser could not follow the signature to the founding document that the address of this page names. Do not take this text for the delegation’s.
source = The text as it was signed
