"""How notice of recording is given, asked for as permission, and only seems to be given."""

from __future__ import annotations

from compliance.consent.wording import pattern, words

NOTICES = tuple(
    pattern(text)
    for text in (
        # "this call is being recorded", "calls to this number may be monitored or recorded"
        r"""\b<WHAT><WITH> (?:is|are|am|will|may|might|could|can|gets?|being|(?:has|have) been|shall
        |must)<EVER> <DONE>\b""",
        r"""\b<WHAT><WITH> (?:is|are|may be|will be|can be) subject to(?: (?!not)\w+){0,3} (?:recording
        |recorded|monitoring)\b""",
        r"\b<WHAT><WITH> (?:is|are|will be) (?:now )?(?:being )?(?:on|under|in) (?:a )?recording\b",
        # "we record our calls", "I am going to be recording us"; to monitor a line is another thing
        r"""\b(?:we|i|(?:our|the) (?:system|software|company|bank|office|clinic|team))(?: (?:am|are|is|will
        |may|might|can|could|be|do|does|always|also|sometimes|would|like|love|to|want|have|has|need
        |going|must|should|now|currently|just|routinely|happen|started|begun|about|typically|usually
        |generally|regularly|automatically|both|audio|all|got|wish|or|and|monitor|monitoring|keep)){0,8}
        [ ](?:records?|recording|tapes?|taping|monitors?(?= (?:and|or|our|all|these|this|every)))(?:
        [ ](?:and|or) (?:record|monitor|tape|monitoring|recording|transcribe))? (?!(?:this|the|your
        |our) (?:phone )?lines? for (?!quality|training))<IT>\b""",
        r"\b(?:i|we) (?:am|are)(?: (?:now|also|currently|going to be))* recording$",
        # "you are being recorded", "everything you say is taped"
        r"""\b(?:you|we|both of us|everyone|us|(?:everything|anything|what|all) (?:that )?(?:you|we) (?:say
        |discuss|talk about)(?: (?:here|today|on this call))?) (?:are|is|am|will|may|might|could
        |can)<EVER> (?:recorded|taped)\b(?! (?:as|in|on|for) (?!(?:quality|training|this|a recorded
        |security|our)\b))""",
        r"""\b(?:this|it) (?:is|will|may|might|could)(?: (?:all|also|now|be|being|going|to|monitored|or
        |and))*(?: being| be| all| going to be) (?:recorded|taped)\b""",
        # "on a recorded line", "this is a recorded call"
        r"""\b(?:on|over|from|is|be|with) (?:a|an|our|the|my) (?:(?:recorded|monitored|taped|recording)
        (?: and )?)+ (?:phone |telephone )?(?:line|call|conversation|session)\b""",
        # "a recording of this call is being made", "recording is on", "there is a tape running"
        r"\brecording of <THIS><CALL> (?:is|will|may)(?: be| being)* (?:made|taken|kept|stored|created)\b",
        r"\brecording (?:is|will be|may be)(?: being)? (?:made|taken|kept) of <THIS><CALL>\b",
        r"""\b(?:we|i)(?: \w+){0,2} (?:keep|make|take|create|making|keeping|taking) (?:a |an
        [ ]|audio )*recordings? of <THIS><CALL>\b""",
        r"""\brecording (?:is|will be) (?:now )?(?:on|running|active|in progress|under way|underway
        |enabled)\b""",
        r"""\brecording (?:has (?:now )?(?:started|begun)|(?:will|is going to) (?:start|begin)|starts
        |begins)\b""",
        r"\b(?:tape|recorder|recording) (?:is )?(?:running|rolling|going)\b",
        r"\b(?:tape|recorder) (?:is )?(?:turned |switched )?on$",
        # "by staying on the line you consent to being recorded"
        r"""\b(?:you (?:also )?(?:are )?|means )(?:<AGREE>|give your <AGREE>) (?:to|for|that)(?: (?:be
        |being|us|our|the|this|<THIS><CALL>|have|having|is|may be))*? <TAPED>\b(?: of (?:it
        |<THIS><CALL>))?""",
        r"""^(?:hello |hi )?(?:is |are |being )*(?:recorded|monitored)(?: (?:and|or) (?:recorded
        |monitored))? for (?:quality|training)\b""",
    )
)

ASKS = pattern(
    r"""\b(?:do|would) you mind (?:if |me |us |that )?(?:we |i )?(?:\w+ ){0,2}?<TAPED> (?:<IT>|this)
    |\b(?:is|would|will) (?:it|that|this) (?:be )?<FINE>(?: with you)? (?:if|for|that|to)(?:(?: (?:we|i
    |us|me|to))* <TAPED> (?:<IT>|this)| <THIS><CALL>(?: (?:is|be|being|to|gets|were|was))+ <TAPED>)
    |\b(?:may|can|could|shall) (?:i|we) (?:please |also |just )?(?:record|tape) (?:<IT>|this)(?! from)
    |\b(?:do|are|would|will|have|is|could|can) (?:you|i|we|it)(?: \w+){0,4}? <AGREE>(?: (?:to|for|with
    |if|us|me|we|i|be|being|that|having|<THIS><CALL>|this|the|our|my|is))* <TAPED>\b(?: of)?(?: <IT>
    | this)?
    |\b(?:ask|asking|get|need|have)(?: for)? your (?:permission|consent|ok) (?:to|for)(?: (?:be|being
    |us|me|the))* <TAPED>\b(?: of)?(?: <IT>| this)?"""
)
"""A request for permission: after it, the answer decides."""

WANTS = pattern(r"\b(?:would (?:like|love)|want|wish) to\b")
"""A wish to record, which is a request too."""
PERHAPS = pattern(
    r"""\b(?:may|might|could|can|sometimes|occasionally|randomly|potentially|subject)\b
    |^(?:some|parts?|portions)\b"""
)
"""The call *may* be recorded."""

PLURAL = pattern(r"^<BARE>\b")
"""Calls in general, of which only the head of a clause makes ours."""
CLAUSE = words(
    """that know aware advised note and but so because since as where you please hello calling purposes
    training assurance reasons assistant"""
)
"""Words after which a clause may begin."""

INVERTED = pattern(r"\b(?:is|are|was|were|will|does|did|had) $")
"""A verb before its subject: a question, not a statement."""
NOT_BEFORE = pattern(
    r"""(?:\b(?:if|whether|when|unless|until|in case)|\b(?:not|never|doubt|without|nobody|none|none of
    |few)(?: \w+)?|\b(?:not sure|do not know|do not think|do not believe|no idea|to check|wondering
    |asked|asking)(?: \w+){0,2}|\bif you (?:would )?(?:want|like|prefer)(?: \w+){0,2}|\b(?:told|said
    |says|mentioned)(?: you| him| her)? that|\b(?:last|previous|earlier|prior|other|another|next
    |emergency|customers know that)) $"""
)
"""What stands before: a doubt, a condition, another call, another's words."""
NOT_AFTER = pattern(
    r""" (?:in|on|under|to|against|into|as|with)(?: \w+){0,3}? (?:account|file|system|notes?|profile|ledger
    |books?|county|complaint|ticket|history|registry|case|bill|statement|payment|the chart)\b| as an?\b
    | (?:last|yesterday|earlier|back)\b| by (?:the|your) (?:police|county|caller)\b"""
)
"""What stands after: it is put down somewhere, not recorded."""

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
COURT = pattern(r"\b(?:used?|evidence|admissible)\b(?: \w+){0,5} (?:court|legal proceedings?|lawsuit)\b")
"""That the recording may be used in court."""
