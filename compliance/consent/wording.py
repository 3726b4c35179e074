"""The patterns by which talk about recording is recognised, over the plain words of ``sentences``.

Built from small parts so that each can be read.  Every pattern has its cases and
near misses in the tests; a change without one is a guess.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CALL = (
    r"(?:(?:phone|telephone|voice|video|whole|entire|current|incoming|outgoing|inbound|outbound"
    r"|customer) )*"
    r"(?:calls?|lines?|conversations?|session|interaction|discussion|chat|telephone)"
)
_DET = (
    r"(?:(?:this|the|our|your|these|every|each|any|today|both sides of|all of|all|some|part of|parts of"
    r"|my|his|her|their|of) )+"
)
_OWN = r"(?:(?:this|the|our|your|these|every|each|any|today|both sides of|all of|all|parts? of) )+"
_DONE = r"(?:recorded|taped|monitored)"
_AUX = r"(?:is|are|am|will|may|might|could|can|gets?|being|has been|have been|shall|must)"
_ADVERB = (
    r"(?:be|being|been|always|also|now|currently|sometimes|occasionally|all|routinely|often|automatically"
    r"|going to|about to|to|may|or|and|both|monitored|recorded|reviewed|just|getting|get|digitally|audio"
    r"|tape"
    r"|presently|typically|usually|generally|regularly|randomly|in fact|actually|still|potentially|have"
    r"|has)"
)
_MODIFIER = (
    r"(?: (?:with (?:me|us|you)|on this (?:line|number)|to this (?:line|number)|to us|between us|today"
    r"|itself"
    r"|(?:that )?(?:you|we) are (?:on|having)))?"
)
_BARE = (
    r"(?:^|(?<=\bthat )|(?<=\bknow )|(?<=\baware )|(?<=\badvised )|(?<=\bnote )|(?<=\band )|(?<=\bbut )"
    r"|(?<=\bso )|(?<=\bbecause )|(?<=\bsince )|(?<=\bas )|(?<=\bwhere )|(?<=\breminder )|(?<=\bpurposes )"
    r"|(?<=\btraining )|(?<=\bassurance )|(?<=\breasons )|(?<=\byou )|(?<=\bplease )|(?<=\bremember ))"
    r"(?:phone |telephone )?(?:calls|lines|conversations)"
)
_SUBJECT = rf"(?:(?:{_OWN}{_CALL})|(?:{_BARE}))"
_WE = r"\b(?:we|i|(?:our|the) (?:system|software|company|bank|office|clinic|team))"
_WILL = (
    r"(?: (?:am|are|is|will|may|might|can|could|be|do|does|always|also|sometimes|would|like|love|to|want"
    r"|have|has"
    r"|need|going|must|should|now|currently|just|routinely|happen|started|begun|about|typically|usually"
    r"|generally|regularly|automatically|both|audio|all|gotta|got|wish|or|and|monitor|monitoring|keep))*"
)
_RECORD = r"(?:record|records|recording|tape|tapes|taping|monitor|monitors|monitoring)"
_THIS = (
    rf"(?:{_OWN}{_CALL}|(?:phone |telephone )?(?:calls|conversations)|you|us|what (?:you|we) say"
    r"|this(?= (?:for|to|so|today|now|and)|$))"
)
_AGREE = r"(?:consent|consenting|agree|agreeing|acknowledge|accept|permission|comfortable|ok|fine|all right)"

NOTICES = tuple(
    re.compile(pattern)
    for pattern in (
        # "this call is being recorded", "calls on this line may be monitored or recorded"
        rf"\b{_SUBJECT}{_MODIFIER} {_AUX}(?: {_ADVERB}){{0,8}} {_DONE}\b",
        rf"\b{_SUBJECT}{_MODIFIER} (?:is|are|may be|will be|can be) subject to (?:\w+ (?:and"
        r"|or) )?(?:being )?"
        r"(?:recording|recorded|monitoring)(?: (?:and|or) (?:recording|recorded|monitoring))?\b",
        rf"\b{_SUBJECT}{_MODIFIER} (?:is|are|will be) (?:now )?(?:being )?(?:on|under"
        r"|in) (?:a )?recording\b",
        # "we record our calls", "I am going to be recording us"
        rf"{_WE}{_WILL} {_RECORD}(?: (?:and|or) {_RECORD})? {_THIS}\b",
        # "you are being recorded", "everything you say is taped"
        r"\b(?:you|we|(?:everything|anything|what|all) (?:that )?(?:you|we) (?:say|discuss|talk about)"
        rf"(?: (?:here|today|on this call))?) (?:are|is|am|will|may|might|could|can)(?: {_ADVERB}){{0,6}} "
        r"(?:recorded|taped)\b(?! (?:as|in|on|for) (?!(?:quality|training|this|a recorded|security"
        r"|our)\b))",
        r"\b(?:this|it) (?:is|will|may|might|could)(?: (?:all|also|now|be|being|going|to|monitored|or"
        r"|and))*"
        r"(?: being| be| all| going to be) (?:recorded|taped)\b",
        # "on a recorded line"
        r"\b(?:on|over|from|is|with) (?:a|an|our|the|my) (?:(?:recorded|monitored|taped"
        r"|recording)(?: and )?)+ "
        r"(?:phone |telephone )?(?:line|call|conversation|session)\b",
        # "a recording of this call is being made", "recording is on", "there is a tape running"
        rf"\brecording of {_OWN}{_CALL} (?:is|will|may)(?: be| being)* (?:made|taken|kept|stored"
        r"|created)\b",
        r"\brecording (?:is|will be) (?:now )?(?:on|running|active|in progress|under way|underway"
        r"|enabled)\b",
        r"\brecording (?:has (?:now )?(?:started|begun)|(?:will|is going to) (?:start|begin)|starts"
        r"|begins)\b",
        r"\b(?:tape|recorder|recording) (?:is )?(?:running|rolling|going)\b",
        # "by staying on the line you consent to being recorded"
        rf"\byou (?:also )?(?:{_AGREE}|give your {_AGREE}) (?:to|for|that) (?:be |being |us |our |the "
        rf"|this |{_OWN}"
        rf"{_CALL} |have |having |is |may be )*(?:recorded|recording|taped|taping|record)\b(?: of (?:it"
        rf"|{_OWN}{_CALL}))?",
        rf"\b(?:the|our|this|to) recording of (?:it|{_OWN}{_CALL}) (?:is|by) (?:agreed|continuing)\b",
        r"^(?:is |are |being )*(?:recorded|monitored)(?: (?:and|or) (?:recorded"
        r"|monitored))? for (?:quality|training)\b",
    )
)

ASKS = re.compile(
    r"\b(?:do|would) you mind (?:if |me |us |that )?(?:we |i )?(?:\w+ ){0,2}?(?:record|recording|tape"
    r"|taping)"
    rf" (?:{_THIS}|this)"
    r"|\b(?:is|would|will) (?:it|that|this) (?:be )?(?:ok|all right|fine|acceptable|good)(?: with you)? "
    rf"(?:if|for|that|to) (?:(?:we|i|us|me|to) )*(?:record|recorded|tape|recording) (?:{_THIS}|this)"
    rf"|\b(?:may|can|could|shall) (?:i|we) (?:please |also |just )?(?:record|tape) (?:{_THIS}"
    r"|this)(?! from)"
    rf"|\b(?:do|are|would|will|have|is|could|can) (?:you|i|we|it)(?: \w+){{0,4}}? {_AGREE}"
    rf"(?: (?:to|for|with|if|us|me|we|i|be|being|that|having|{_OWN}{_CALL}|this|the|our|my|is))* "
    rf"(?:record|recorded|recording|taping|taped)\b(?: of)?(?: {_THIS}| this)?"
)
"""A request for permission: after it, the answer decides."""

WANTS = re.compile(r"\b(?:would (?:like|love)|want|wish) to\b")
PERHAPS = re.compile(r"\b(?:may|might|could|can|sometimes|occasionally|randomly|potentially|subject)\b")

INVERTED = re.compile(r"\b(?:is|are|was|were|will|does|did|had) $")
"""A verb before its subject: a question, not a statement."""
NOT_A_NOTICE_BEFORE = re.compile(
    r"(?:\b(?:if|whether|when|unless|until|in case)"
    r"|\b(?:not|never|doubt|without)(?: \w+)?"
    r"|\b(?:not sure|do not know|do not think|do not believe|no idea|to check|wondering|asked"
    r"|asking)(?: \w+){0,2}"
    r"|\bif you (?:would )?(?:want|like|prefer)(?: \w+){0,2}"
    r"|\b(?:last|previous|earlier|prior|other|another|next|emergency)) $"
)
"""What stands before: a doubt, a condition, another call."""
NOT_A_NOTICE_AFTER = re.compile(
    r" (?:in|on|under|to|against|into|as|with)(?: \w+){0,3}? "
    r"(?:account|file|system|notes?|profile|ledger|books?|county|complaint|ticket|history|registry|case"
    r"|payment)\b"
    r"| as an?\b| (?:last|yesterday|earlier|back)\b| by (?:the|your) (?:police|county|caller)\b"
)
"""What stands after: it is put down somewhere, not recorded."""

LEAD = _words("""
please note that just so you know be aware advised i should have mentioned mention fair warning to let
want need inform remind reminder as a quick heads up for your quality and training purposes protection
security also before we go on start begin get started do must am are would like tell everything some or
of there is all the
""")
TAIL = _words("""
for quality assurance control training purposes purpose and or monitored recorded recording customer
service improvement our your the records compliance security protection safety reasons benefit everybody
everyone kept with chart to improve help us serve you better so we have a record of payment by an ai
analyzed reviewed transcribed may be will processed used in court as evidence on this line call it today
system provider monitoring stored
""")

_MACHINE = (
    r"(?:(?:(?:fully|friendly|new|own) )?(?:automated|virtual|digital|artificial|ai|computer|computerized"
    r"|robotic"
    r"|synthetic|machine|voice|artificial intelligence)"
    r"(?: (?:powered|driven|based|generated|intelligence|ai|voice|phone|customer|care|service|virtual"
    r"|digital))* "
    r"(?:assistant|agent|system|receptionist|attendant|bot|program|representative|rep|helper|operator"
    r"|caller|call"
    r"|voice|concierge|model|service agent)(?! manager| line| number)"
    r"|ai(?! (?:\w+er|company|consultant|expert|student|startup|team|product|tool|scientist|specialist)\b)"
    r"|artificial intelligence|chat ?bot|robot|bot|voicebot|machine|computer(?: program)?)"
)
_NAME = r"(?: (?!(?:not|no|in|at|on|with|from|to|a|an|the|where|why|how|when|what|for|my|\w+ing)\b)\w+){0,2}"
AI = re.compile(
    r"\b(?:i am|this is|it is|my name is|you are (?:speaking|talking|chatting|connected)(?: now)? (?:with"
    r"|to)"
    r"|you have reached|(?:call|line) is (?:being )?(?:handled|made|placed|answered) by)"
    rf"(?: (?:just|actually|only|really|in fact|still))?{_NAME}(?: and i am)?(?: just)? (?:an?|the|your"
    rf"|our) {_MACHINE}\b"
    r"(?:,? not an? (?:real |actual |live )?(?:person|human))?"
    r"|\b(?:i am|this is|you are) not (?:speaking (?:with|to) |talking to )?(?:an? )?(?:real |actual "
    r"|live )?"
    r"(?:human being|human|person)\b"
    r"|\bvoice (?:that )?(?:you (?:are hearing|hear) )?is (?:computer|ai|artificially"
    r"|machine) (?:generated|made)\b"
    r"|\bi am ai\b|\b(?:are|is) (?:speaking|talking) (?:with|to) (?:artificial intelligence|ai)\b"
    r"|\byou are (?:speaking|talking) (?:with|to) (?:artificial intelligence|ai)\b"
)
"""The agent says that it is a machine."""

_ME = (
    r"(?:(?:me|us|this|it|that|anything|(?:my|our|the|this) (?:voice|call|conversation|phone call)"
    r"|what i (?:say|am saying))(?! (?:as|under|in|on) (?:an?|my|the)\b))"
)
OBJECTIONS = re.compile(
    # "please do not record this", "you could not record me"
    rf"\b(?:please )?(?:(?:i )?(?:do|did|can|could|would) not|not to|never) (?:you )?(?:please )?(?:record"
    rf"|tape) {_ME}(?=$| (?!as\b))"
    # "I do not want to be recorded", "I never agreed to be recorded", "you do not have my permission"
    r"|\b(?:i|you|we) (?:really )?(?:do|did|will|would|can|never|have|am|had)(?: not| never)? ?(?:want"
    r"|wish|like|consent"
    r"|consented|agree|agreed|give|gave|given|have|permit|allow|accept|comfortable|ok|all right|fine)"
    r"(?: (?:you|my|your|permission|consent|to|with|being|be|this|that|it|call|conversation|the|any|of"
    r"|having|me|for|us"
    r"|anyone))* (?:recorded|recording|record|taped|taping|tape)\b(?! of| you|er| player)"
    r"|\b(?:i|we) (?:would |do )?(?:rather|prefer|prefer it)(?: (?:that|if|to|you|we|this|call|it|do|did"
    r"|were|was|are|is))*"
    r" not(?: (?:to|be|being|have|do|record))* (?:recorded|recording|record|taped|tape|record)\b"
    r"|\b(?:i|we) (?:would |do )?(?:rather|prefer)(?: (?:that|if|to|you|we|this|call|it))* (?:did|do|was"
    r"|were|is|are) not"
    r"(?: be)? (?:recorded|record|recording|taped|tape)\b"
    r"|\b(?:i |we )?(?:object|refuse|decline) (?:to )?(?:be |being |the |this |call |having |me |any |you "
    r"|a )*"
    r"(?:recorded|recording|taped|taping)\b"
    # "stop recording", "turn that recorder off", "without recording"
    r"|(?:^(?:(?:no|wait|hey|please|ok|then|just|and|so|well|actually|sorry) )*|\b(?:please|you|to|and"
    r"|then|must|just) )"
    r"(?<!not )(?:stop|quit|cease|end|pause)(?: the| this| that| me| your)? (?:recording|taping)\b"
    r"(?! (?:on my|after|when|at)\b)(?: me| this| us)?(?: please)?"
    r"|\b(?:turn|switch|shut)(?: (?:the|that|this|your|off|it))* (?:recording|recorder|tape"
    r"|tape recorder)\b(?: off)?"
    r"|\b(?:do|talk|continue|go on|speak)(?: \w+){0,3} without (?:the |any |being |a )?(?:recording"
    r"|recorded|record)\b"
    r"|^(?:no|not|please no) (?:recording|taping)\b|\b(?:want|like|need) (?:the|this|that"
    r"|your) recording (?:to be )?"
    r"(?:stopped|off|turned off|ended)\b"
)
"""The caller does not want to be recorded."""

STOPPED = re.compile(
    r"\b(?:turned|stopped|stopping|turning|paused|pausing|switched|disabled|shut|ended)(?: \w+){0,3}? "
    r"(?:recording|recorder|off)\b(?: off)?|\brecording (?:is|has been|was) (?:now )?(?:off|stopped|paused"
    r"|turned off)\b"
)
"""The agent says that the recording is off."""
STOPPED_NOT = re.compile(r"\b(?:can not|could not|not able|unable|will not|not|never)\b")

OFFERS = re.compile(
    r"\b(?:is|are|would|will) (?:that|this|it|you) (?:be )?(?:ok|all right|fine|acceptable|agreeable"
    r"|good)\b"
    r"|\bdo you (?:consent|agree|mind|object|accept)\b|\b(?:do|can|may) (?:i|we) have your (?:consent"
    r"|permission|ok)\b"
    r"|\bis (?:that )?(?:ok|all right|fine) (?:with|by) you\b|\b(?:ok|all right) with you\b|\bmay (?:i"
    r"|we) go on\b"
    r"|^(?:ok|all right)$"
)
"""Upon a notice, a question whether that is all right."""

UNSURE = re.compile(
    r"^(?:\w+ ){0,3}?(?:i guess|i suppose|if (?:you|i) (?:have|must|need)|not sure|i do not know|maybe"
    r"|hold on|wait"
    r"|what do you mean|why)\b"
)
NO = re.compile(
    r"^(?:(?:well|actually|sorry|oh|hi|hello) )*(?:no|nope|nah)\b(?! (?:that is|it is|problem|worries"
    r"|i do not mind|not at all"
    r"|go ahead|of course|objection|i am (?:ok|fine)|not a problem))(?! ?$ ok)"
    r"|\b(?:rather|prefer) (?:you |that you |i )?(?:not|did not|would not)\b|\bnot (?:ok|all right|fine"
    r"|comfortable)\b"
    r"|\bdo not (?:consent|agree|want|record)\b|\babsolutely not\b|\bi (?:do )?(?:object|mind)\b"
    r"|\bplease do not\b"
)
YES = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|of course|go ahead|absolutely|certainly|definitely|fine|ok|all right"
    r"|i consent|i agree"
    r"|i do not mind|not at all|no problem|no objection|no worries|sounds good|that works|go for it"
    r"|please do|i do|right"
    r"|uh huh|you may|you can|not a problem)\b"
    r"(?: (?:yes|yeah|sure|that is|it is|i am|totally|perfectly|fine|ok|all right|with|me|go|ahead|please"
    r"|course|of|i|do"
    r"|consent|agree|no|problem|good|by|to|that|not|mind))*"
)

COURT = re.compile(r"\b(?:used?|evidence|admissible)\b(?: \w+){0,5} (?:court|legal proceedings?|lawsuit)\b")
"""That the recording may be used in court."""
