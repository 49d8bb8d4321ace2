### Around a link that is a secret.

copy = Copy link
copied = Copied
show = Show
hide = Hide
of-link = { $word }: { $link }
copy-failed = Copying is not allowed here. Show the link and copy it by hand.
