"""How people agree, refuse and object, how an agent says that it stopped, or that it is a machine."""

from __future__ import annotations

from compliance.consent.wording import pattern

_MACHINE = r"""(?:(?:(?:fully|friendly|new|own) )?(?:automated|virtual|digital|artificial|ai|computer
    |computerized
    |robotic|synthetic|machine|voice)(?: (?:powered|driven|based|generated|intelligence|ai|voice|phone
    |customer|care|service|virtual|digital))* (?:assistant|agent|system|receptionist|attendant|bot
    |program|representative|rep|helper|operator|caller|call|voice|concierge|model)(?! manager| line
    | number)|ai(?! (?:\w+er|company|consultant|expert|student|startup|team|product|tool|scientist
    |specialist)\b)|artificial intelligence|chat ?bot|robot|bot|voicebot|(?:machine|computer
    (?: program)?)(?! (?:problem|that|error|issue|glitch|trouble|\w+ing)\b))"""
_NAME = r"(?: (?!(?:not|no|in|at|on|with|from|to|a|an|the|where|why|how|when|what|for|my|\w+ing)\b)\w+){0,2}"
AI = pattern(
    rf"""\b(?:i am|this is|it is|my name is|you are (?:speaking|talking|chatting|connected)(?: now)? (?:with
    |to)|you have reached|(?:call|line) is (?:being )?(?:handled|made|placed|answered) by|\w+ here)
    (?: (?:just|actually|only|really|in fact|still))?{_NAME}(?: and i am)?(?: just)? (?:an?|the|your
    |our|(?:in|and)(?= ai(?:$| (?:the|your|our|an?|agent|assistant)\b)))
    (?: \w+(?= (?:ai|virtual|automated|digital)))? {_MACHINE}\b(?: not an? (?:real |actual
    [ ]|live )?(?:person|human))?
    |\b(?:i am|this is|you are) not (?:speaking (?:with|to) |talking to )?(?:an? )?(?:real |actual
    [ ]|live )?(?:human being|human|person)\b
    |\bvoice (?:that )?(?:you (?:are hearing|hear) )?is (?:computer|ai|artificially|machine)
    [ ](?:generated|made)\b
    |\bthis is (?:a|an) (?:computer|ai|machine) generated voice\b
    |\b(?:i am|(?:speaking|talking) (?:with|to)) (?:ai|artificial intelligence)\b"""
)
"""The agent says that it is a machine."""

_ME = r"""(?:(?:me|us|this|it|that|anything|(?:my|our|the|this) (?:voice|call|conversation|phone call)
    |what i (?:say|am saying))(?! (?:as|under|in|on) (?:an?|my|the)\b))"""
OBJECTIONS = tuple(
    pattern(text)
    for text in (
        # "please do not record this", "you could not record me"
        rf"""\b(?:please )?(?:(?:i )?(?:do|can|could|would)(?: you)?(?: please)? not|not to|never)
        [ ](?:you )?(?:please )?(?:record|tape) {_ME}(?! as\b)""",
        # "I do not want to be recorded", "I never agreed to be recorded"
        r"""\b(?:i|you|we) (?:really |just )?(?:(?:do|did|will|would|can|have|am|had|was) not|never)(?:
        [ ](?:really|feel|be|quite|at all))* (?:(?:want|like)(?! (?:the recording|(?:that|the
        |this) record)$)|wish|consent|consented|agree|agreed|permit|allow|accept|comfortable|ok
        |all right|fine|(?:give|gave|given|have)(?: (?:you|my|your|any))* (?:permission|consent))(?:
        [ ](?:you|my|to|with|being|be|this|that|it|call|conversation|any|having|me|for|us|anyone|our|of
        |the))* <TAPED>\b(?! of| you|er| player| as an?\b)""",
        r"\b(?:not want|rather not|not like|not wish) to be on (?:the|a|this|your) (?:recording|tape)\b",
        # "I would rather not be recorded", "I prefer that you did not record this"
        r"""\b(?:i|we) (?:would |do )?(?:rather|prefer)(?: (?:that|if|it|to|you|we|this|call|do|did|were
        |was|are|is))* not(?: (?:to|be|being|have|do|this|it|call))* <TAPED>\b""",
        r"""\b(?<!not )(?<!never )(?:object|refuse|decline) (?:to )?(?:(?:be|being|the|this|call|having|me
        |any|you|a) )*<TAPED>\b""",
        # "stop recording", "turn that recorder off", "without recording"
        r"""(?:^(?:(?:no|wait|hey|please|ok|then|just|and|so|well|actually|sorry) )*|\b(?:please|you|to|and
        |then|must|just) )(?<!not )(?<!it to )(?:stop|quit|cease|end|pause)(?: the| this| that| me
        | your)? (?:recording|taping)\b(?! (?:on my|after|when|at|the|my)\b)(?: me| this| us)?""",
        r"""\b(?:turn|switch|shut)(?: (?:the|that|this|your|off|it))* (?:recording|recorder|tape
        |tape recorder)\b(?: off)?""",
        r"""\bopt out of (?:(?:the|this|being|your) )*<TAPED>\b
        |\b(?:not|never) (?:talk|talking|speak|continue|go on|say|proceed|answer)(?: \w+){0,4} (?:if
        |while|when)(?: \w+){0,4} <TAPED>\b""",
        r"\b(?:delete|erase) (?:the|this|that|your) (?:recording|tape)(?= and| now| right|$)",
        r"\b(?:do|talk|continue|go on|speak)(?: \w+){0,3} without (?:the |any |being |a )?<TAPED>\b",
        r"^(?:no|not|please no) (?:recording|taping)\b",
        r"""\b(?:want|like|need) (?:the|this|that|your) recording (?:to be )?(?:stopped|off|turned off
        |ended)\b""",
    )
)
"""The caller does not want to be recorded."""

STOPPED = pattern(
    r"""\b(?:turned|stopped|stopping|turning|paused|pausing|switched|disabled|shut|ended)(?: \w+){0,3}?
    [ ](?:recording|recorder|off)\b(?: off)?
    |\brecording (?:is|has been|was) (?:now )?(?:off|stopped|paused|turned off)\b"""
)
"""The agent says that the recording is off."""
STOPPED_NOT = pattern(r"\b(?:can not|could not|not able|unable|will not|not|never)\b")

OFFERS = pattern(
    r"""\b(?:is|are|would|will) (?:that|this|it|you) (?:be )?(?:<FINE>|agreeable)\b
    |\bdo you (?:consent|agree|mind|object|accept)\b
    |\b(?:do|can|may) (?:i|we) have your (?:consent|permission|ok)\b
    |\bis (?:ok|all right|fine) (?:with|by) you\b
    |\b(?:ok|all right) with you\b
    |\bmay (?:i|we) go on\b
    |^(?:ok|all right)$"""
)
"""Upon a notice, a question whether that is all right."""

MIND = pattern(r"\b(?:do|would) you (?:mind|object)\b")
"""A question to which no means yes."""
BARE = frozenset({"no", "nope", "nah", "yes", "yeah", "yep", "yup"})

UNSURE = pattern(
    r"""^(?:\w+ ){0,3}?(?:i guess|i suppose|if (?:you|i) (?:have|must|need)|not sure|i do not know|maybe
    |hold on|wait|what do you mean|why)\b"""
)
NO = pattern(
    r"""^(?:(?:well|actually|sorry|oh|hi|hello) )*(?:no|nope|nah)\b(?! (?:that is|it is|problem|worries
    |i do not mind|not at all|go ahead|of course|objection|i am (?:ok|fine)|not a problem))
    |\b(?:rather|prefer) (?:you |that you |i )?(?:not|did not|would not)\b
    |\bnot (?:ok|all right|fine|comfortable)\b
    |\bdo not (?:consent|agree|want|record)\b
    |\babsolutely not\b
    |\bi (?:do )?(?:object|mind)\b
    |\bplease do not\b"""
)
YES = pattern(
    r"""\b(?:yes|yeah|yep|yup|sure|of course|go ahead|absolutely|certainly|definitely|fine|ok|all right
    |i consent|i agree|i do not mind|not at all|no problem|no objection|no worries|sounds good
    |that works|go for it|please do|i do|right|uh huh|you may|you can|not a problem)\b(?: (?:yes|yeah
    |sure|that is|it is|i am|totally|perfectly|fine|ok|all right|with|me|go|ahead|please|course|of|i|do
    |consent|agree|no|problem|good|by|to|that|not|mind))*"""
)
