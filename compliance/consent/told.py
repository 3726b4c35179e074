"""How notice of recording is given, asked for as permission, and only seems to be given."""

from __future__ import annotations

from compliance.consent.wording import pattern, patterns, words

_STEMS = (
    "record|recod|tap(?:e|ing)|audiotape|videotap|monitor|captur|listen|report|sav|stor|kept|archiv|retain|logg"
    "|held|keep"
)

NOTICES = patterns(
    _STEMS,
    # "this call is being recorded", "calls to this number may be monitored or recorded"
    r"\b<WHAT><WITH> (?:<BE>)<EVER> <DONE>\b",
    r"""\b<WHAT><WITH> <BE>(?: be)?(?: \w+){0,2} (?:subject to|selected for|chosen for)(?:
    [ ](?!not)\w+){0,3} <TAPED>\b""",
    r"\b<WHAT><WITH> <BE>(?: be)?(?: \w+){0,2} subject to(?: \w+){0,3} monitoring\b",
    r"\b<WHAT><WITH> (?:is|are|will be) (?:now )?(?:being )?(?:on|under|in) (?:a )?recording\b",
    # The weaker words: with the audio, or for quality.
    r"""\b(?:the|this|our|your|all|an?|copy of)(?: copy of)?(?: the| this| our)? (?:audio|recording
    |sound)(?: record| copy| recording)?(?: (?:of|from|on|for) (?:<CALL>|it|this))?
    (?: <BE>)+<EVER> <KEPT>\b""",
    r"\b<CALL> audio (?:<BE>)<EVER> <KEPT>\b",
    r"\b<CALL><WITH> <BE><EVER> <KEPT>(?: \w+){0,3} for (?:our |your )?<QUALITY>\b",
    r"""\b<WE><MIGHT>{0,8} (?:save|saves|keep|keeps|store|stores|retain|archive)(?: an?| the)? (?:audio
    |sound)(?: copy| file| log)? (?:of|from) (?:<CALL>|everything|it)\b""",
    # "we record our calls", "I am going to be recording us"; to monitor a line is another thing
    r"""\b<WE><MIGHT>{0,8} (?:<RECORD>|monitors?(?= (?:and|or|our|all|these|this|every)))(?: (?:and|or)
    (?: \w+){0,2}? (?:record|monitor|tape|monitoring|recording|transcribe|transcribing|store|review|save))?
    (?: and)? (?!(?:this|the|your|our) (?:phone )?lines? for (?!quality|training))<IT>(?<! record)\b""",
    r"""\b(?:i|we) (?:am|are)(?: (?:now|also|currently|going to be|both))* recording(?= (?:today|now
    |again|right now)|$)""",
    r"""\b<WE><MIGHT>{0,8} (?:record|recording)(?=$|(?: (?:these|all|today|now|again|here|this end))?
    (?: for (?:our |your )?<QUALITY>\b))""",
    r"\b(?:policy|practice|required|procedure)(?: \w+){0,2} (?:is )?to record <IT>\b",
    # "you are being recorded", "everything you say is taped"
    r"""\b(?:<US>|<SAID><SAIDHERE>) <BE><EVER> (?:recorded|taped|audiotaped|videotaped|on tape|captured
    (?= on))\b(?! (?:as|in|on|for|under|by|from) (?!(?:quality|training|this|a recorded|security|our
    |the rest|compliance|tape|the call)\b))""",
    r"""\b(?:everything|it all|all of (?:it|this)) (?:is|will be|gets)(?: being| all)? (?:recorded
    |taped)\b(?! (?:as|in|under)\b)""",
    r"""\b(?:this|it|these|this one) (?:is|are|will|may|might|could|gets)(?: (?:all|also|now|be|being
    |going|to|monitored|or|and|always|of course))*(?: being| be| all| going to be) (?:recorded
    |taped)\b""",
    r"""\b(?:it|this|this one|these|they) (?:is|are)(?: (?:all|always|both|indeed))? (?:recorded|taped)
    (?=$| (?:this|too|here|for|so|and|like|just)\b)""",
    # "on a recorded line", "this is a recorded call"
    r"""\b(?:on|over|from|is|be|with|using|via|are|through|reached|have|hi|hello|phone|through to
    |remain on|at)(?: (?:a|an|our|the|my|this|all|all on|on a))+ (?:(?:recorded|monitored|taped
    |recording|secure) (?:and )?)*(?:recorded|monitored|taped|recording)(?: and \w+)? (?:(?:phone
    |telephone|video|audio|voice|company|business) )?(?:lines?|calls?|conversations?|session|channel
    |number)\b""",
    r"""^(?:(?:hi|hello|hey|ok|so|just|and|thanks|again) )*(?:recorded|monitored)(?: and \w+)? (?:phone
    [ ]|telephone )?(?:line|call)\b(?! (?:is|was|closed))""",
    r"\b(?:are|is|lines|calls)(?: all)? (?:recorded|monitored) (?:lines|calls|conversations)\b",
    # "a recording of this call is being made", "recording is on", "there is a tape running"
    r"""\brecording of <THIS>(?:<KIND> )?<CALLS> (?:is|will|may)(?: now| be| being)* (?:made|taken|kept
    |stored|created|saved|retained|held)\b""",
    r"""\b(?:recording|record) (?:is|will be|may be)?(?: ?being)? ?(?:made|taken|kept) of (?:<CALL>|it
    |this|everything)\b""",
    r"\baudio record of <CALL> (?:is|will|may)(?: be| being)* (?:made|kept|stored)\b",
    r"\bthere (?:is|will be) (?:a|an)(?: audio)? (?:recording|tape)(?: being (?:made|kept))? of <CALL>\b",
    r"""\b<WE>(?: \w+){0,3}? (?:keep|make|take|create|making|keeping|taking|creating|retain|retaining
    |store)s? (?:a |an |audio |the |voice )*recordings? of <IT>\b""",
    r"""\b(?:(?:call|voice|audio|the|a|call center) )*recording (?:is |will be |has been |system is
    [ ]|function is )?(?:now |currently |already )?(?:turned |switched |back )*(?:on|running|active
    |in progress|under way|underway|enabled|live|activated|in effect|in place|in use|happening
    |taking place)\b(?! the \w+ plan)""",
    r"""\brecording (?:has (?:now |just )?(?:started|begun|resumed|restarted)|(?:will|is going to)
    [ ](?:start|begin)|starts|begins|resumes|(?:is )?(?:now )?(?:starting|beginning|resuming))\b""",
    r"""\b(?:tape|recorder|recording|recording device) (?:is )?(?:now |still |already )?(?:running
    |rolling|going)\b""",
    r"""\b(?:tape|recorder) (?:is )?(?:now |still )?(?:turned |switched |back )?on(?= (?:and|so|for|now
    |this|during|here)\b|$)""",
    r"""\bi (?:have |just |am |will |have just )*(?:turned|turn|turning|switched|switch|switching|started
    |start|starting|hit|hitting|pressed|press|push|pushed|going to start|put|got|resume|resumed
    |resuming) (?:on |back on )?(?:the |my |this |our |a )?(?:call |voice |audio )?(?:record|recorder
    |recording)\b(?: button)?(?: back)?(?: on)?(?! over)""",
    r"""\b(?:let me|going to|will|have to|need to) (?:just |now |go ahead and )?(?:start|turn on|resume
    |begin|switch on) (?:the |my |this |our )?(?:recording|recorder)\b""",
    # "someone may be listening in"
    r"\b(?:may|might|could|will|sometimes)(?: \w+){0,2}? listen(?:ing|s)? in(?: (?:on|to) (?:<CALL>|us))?\b",
    r"\b<CALL> <BE><EVER> listened to\b",
    # "by staying on the line you consent to being recorded"
    r"""\b(?:you (?:also |hereby |are )*|means |constitutes? |you have |is )(?:your )?(?:<AGREE>
    |giving your <AGREE>|give (?:us )?your <AGREE>)(?: to| for| that)(?: (?:be|being|us|our|the|this
    |<CALL>|have|having|is|are|may be|you|it|we|any|will be|a))*? <TAPED>\b(?: of (?:it|<CALL>))?""",
    r"""^(?:hello |hi )?(?:is |are |being )*(?:recorded|monitored)(?: (?:and|or) (?:recorded
    |monitored))? for (?:quality|training)\b""",
)

ASKS = patterns(
    "record|tap(?:e|ing)|consent|monitor",
    # "do you mind if I record this?"
    r"""(?:\b(?:do|would) you |^)mind (?:if |me |us |that |my |our )?(?:we |i )?(?:
    (?!you)\w+ ){0,2}?<TAPED>(?: <IT>| this)?(?= |$)""",
    r"""\b(?:is|would|will) (?:it|that|this) (?:be )?(?:<FINE>|a problem|possible)(?: with you)? (?:if
    |for|that|to)(?:(?: (?:we|i|us|me|to|this|it|is|be|was|were|just|gets?))* <TAPED>(?: <IT>| this)?
    | <CALL>(?: (?:is|be|being|to|gets|were|was))+ <TAPED>)""",
    r"^(?:(?:so|and|now|ok|all right|first) )*<FINE>(?: with you)? if (?:i|we) <TAPED>(?: <IT>)?",
    r"""\b(?:is|are|would) (?:the |a |this )?(?:recording|taping)(?: <IT>| of <CALL>)?(?: be)? <FINE>
    (?: with| by)? you\b""",
    # "may I record this?"
    r"""\b(?:may|can|could|shall|might) (?:i|we) (?:please |also |just |go ahead and |start )?(?:record
    |recording|tape) (?:<IT>|this)(?! from)""",
    r"\b(?:let|allow|permit) (?:me|us)(?: to)? (?:record|tape) (?:<IT>|this)",
    # "are you comfortable with being recorded?"
    r"""\b(?:do|are|would|will|have|is|could|can) (?:you|i|we|it)(?: \w+){0,4}? <AGREE><TO>* <TAPED>\b
    (?: of)?(?: <IT>| this)?""",
    r"""\bif you(?: (?:are|do|would))?(?: (?:also|be|give your|give))? <AGREE><TO>* <TAPED>\b(?: of)?
    (?: <IT>| this)?""",
    r"""\b(?:ask|asking|get|need|have|with|like|want|requesting|request|seeking|give|given|giving|grant
    |obtain|is)(?: (?:for|me|us|you|to have|to get|i))* (?:your )?(?:verbal |express |explicit )?
    (?:permission|consent|ok|approval|authorization)(?: (?:to|for|before|in order|i|we|will|would|can
    |could|like|am|are|going))*(?: (?:be|being|us|me|the|this))* <TAPED>\b(?: of)?(?: <IT>| this)?""",
    r"""\b(?:any|an|no) (?:objections?|problem|issue|concerns?)(?: (?:to|with|if))(?: (?:my|me|us|our|i
    |we|be|being|the|this|call|having|is))* <TAPED>\b(?: <IT>| of <CALL>)?""",
    r"""\b(?:do|would) you (?:object|mind|have any|have a)(?: \w+){0,4} (?:to|if|with)(?: (?:my|me|us|our
    |i|we|be|being|the|this|having))* <TAPED>\b(?: <IT>)?""",
    r"""\b(?:how do you feel about|would it bother you(?: if)?|would you (?:allow|let|permit)(?: me| us)?
    (?: to)?|are you willing to)(?: (?:i|we|us|me|be|being|have|this|call|the))* <TAPED>\b(?: <IT>
    | this)?""",
    r"\bif (?:it|that) is <FINE>(?: (?:with|by) you)? (?:i|we)(?: \w+){0,4} <TAPED>\b(?: <IT>)?",
    r"\bif you do not mind (?:i|we)(?: \w+){0,5} <TAPED>\b(?: <IT>)?",
)
"""A request for permission: after it, the answer decides."""

ASKS_NOT = pattern(
    r"""\b(?:record|recording|recorded|taping) (?:your|the|my|a|an) (?!(?:phone |whole |entire |voice )*
    (?:calls?|conversations?|session|line|interaction|discussion|chat|voice|meeting|audio)\b)\w+"""
)
"""It is a reading, an answer or a message that is to be put down."""

LINES = ("on ", "over ", "from ", "is ", "be ", "with ", "are ", "reached ", "through ", "have ", "at ")
"""How a match begins that is of a recorded line: a verb before it is no question."""
PLURAL = pattern(r"^<BARE>\b")
"""Calls in general, of which only the head of a clause makes ours."""
CLAUSE = words(
    """that know aware advised note and but so because since as where you please hello calling purposes
    training assurance reasons assistant reminder fyi informed understand advise notified hi hey quality
    protection security service your"""
)
"""Words after which a clause may begin."""

INVERTED = pattern(r"\b(?<!chances )(?:is|are|was|were|will|does|did|had|has|have|can|could|should|am) $")
"""A verb before its subject: a question, not a statement."""
NOT_BEFORE = pattern(
    r"""(?:\b(?:if|whether|when|unless|until|in case|suppose|supposing|imagine|pretend|assuming|wish|hope
    |why|once)|\b(?:not|never|doubt|without|nobody|no one|none|none of|no (?:part|portion
    |aspect)s? of|few|neither|neither of|hardly|stop|stopped)(?: \w+)?|\b(?:not sure|do not know
    |do not think|do not believe|no idea|to check|wondering|asked|asking|not say|not tell you
    |find out|can not confirm)(?: \w+){0,2}|\bif you (?:would )?(?:want|like|prefer|need|ever)
    (?: \w+){0,2}|\b(?:he|she|they|you|who|wife|husband|somebody|someone|officer|dispatcher|policy
    |law|website|people|customers|doctor|lawyer)(?: \w+)? (?:told|said|says|say|mentioned|claims?
    |thinks?|thought|heard|asked|knows|knew|think)(?: you| him| her| me| us| them)?(?: that)?|\b
    (?:told|said|says|mentioned)(?: you| him| her) that|\b(?:last|previous|earlier|prior|other
    |another|next|yesterday|those|customers know that)) $"""
)
"""What stands before: a doubt, a condition, another call, another's words."""
NOT_AFTER = pattern(
    r""" (?:in|on|under|to|against|into|as|with)(?: \w+){0,3}? (?:account|file|system|notes?|profile
    |ledger|books?|county|complaint|ticket|history|registry|case|bill|statement|payment|the chart)\b
    | as an?\b| as (?!we|you|always|usual|part|required|well|of|i)\w+| (?:last|yesterday|earlier|back
    |previously)\b| by (?:the|your) (?:police|county|caller|fire|alarm|patient|customer)\b| (?:until
    |unless|only)\b| only (?:if|with|when)\b| without\b| (?:and )?(?:but |though )?not (?:this|ours)
    |,? but (?:this|ours|mine)(?: \w+){0,2} not\b"""
)
"""What stands after: it is put down somewhere, not recorded."""
NOT_WITHIN = pattern(
    r"""\b(?:last|yesterday|tomorrow|next (?:week|month|time|year)|previous|you had|you made|we had|next
    |earlier)\b"""
)
"""What stands within: another day's call."""
AFTER_TONE = pattern(r"\b(?:after the (?:tone|beep)|leave (?:a|your) (?:message|name))\b")
"""Somebody is asked to leave a message, which is what will be recorded."""

LEAD = words(
    """
    please note that just so you know be aware advised i should have mentioned mention fair warning to
    let want need inform remind reminder as a quick heads up for your quality and training purposes
    protection security also before we go on start begin get started do must am are would like tell
    everything some or of there is all the
    """
)
"""Words that lead up to a notice, taken into its span."""
TAIL = words(
    """
    for quality assurance control training purposes purpose and or monitored recorded recording customer
    service improvement our your the records compliance security protection safety reasons benefit
    everybody everyone kept with chart to improve help us serve you better so we have a record of
    payment by an ai analyzed reviewed transcribed may be will processed used in court as evidence on
    this line call it today system provider monitoring stored
    """
)
"""Words of the purpose given, taken into its span."""
BODY = words(
    """
    i we you us me my our your ours it its that this these the a an of on in to for from by with at and
    or so as is are am be being been was will would shall may might could can gets getting get going
    have has has do does not all every each any some both everything anything what whatever call calls
    line lines conversation conversations chat talk session phone telephone audio voice tape taped
    taping recorded record recording recordings recorder monitored monitor monitoring listening listen
    saved stored kept archived retained captured keep keeping save store capture file say said tell ok
    mind permission consent agree if here now today there also always automatically currently still just
    like love need want make made making taken taking running rolling going start started starting on
    off side sides ends end part parts copy made while as well fair
    """
)
"""Words of which a notice itself is made, where no pattern says how far it reaches."""
COURT = pattern(r"\b(?:used?|evidence|admissible)\b(?: \w+){0,5} (?:court|legal proceedings?|lawsuit)\b")
"""That the recording may be used in court."""
