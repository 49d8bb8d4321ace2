### An interpreter's desk.

booth = Booth
outgoing = I interpret into
outgoing-none = Leave the booth
sit-first = Choose the language into which you interpret. Until you have the microphone, nobody hears you.
clock = Time of day
shift = ⇧ { $key }
on-air = On air
on-air-silent = Your microphone is off: the channel is silent.
on-air-held = Nothing is sent just now: the lamp says why.
coughing = Silent while you hold the key.
on-air-other = { $name } is on air
on-air-nobody = Nobody interprets into { $language } now
listeners = { $count ->
    [one] { $count } listener
   *[other] { $count } listeners
}
meter-out = What you send
air-on = Go on air
air-off = Go off air
cough = Cough: hold
turn-alone = No partner in the booth
turn-nobody = Nothing to hand over
turn-offer = Offer the microphone
turn-unoffer = Withdraw the offer
turn-give = Hand over to { $name }
turn-ask = Ask { $name } for the microphone
turn-unask = Withdraw the request
turn-accept = Take over from { $name }
slower = Too fast
help = Call for help
partners = In your booth
partner-hears = { $name } hears: { $source }
partner-none = You are alone in the booth.
incoming = What you hear
hears = You hear: { $source }
source-nobody = nobody now
ready = To hear next
take = Hear { $source }
volume = Volume
bass = Bass
treble = Treble
meter-in = What you hear
quality-nothing = No sound comes
quality-silent = Nobody speaks
quality-good = Sound: good
quality-uneven = Sound: uneven
quality-poor = Sound: poor
quality-distorted = Sound: distorted, microphone set too loud
quality-quiet = Sound: too quiet, microphone too far or too low
quality-narrow = Sound: cut off above 5 kHz, as by telephone
limiter = A limiter protects your ears: nothing louder than 6 decibels below full scale passes. Set your headset so that speech is comfortable.
notes = Notes in the booth
notes-note = Shown to those who sit in this booth.
notes-write = Write to your booth
