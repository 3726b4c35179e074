"""How consent is asked upon a notice, how people agree, and how an agent owns to recording."""

from __future__ import annotations

from compliance.consent.wording import pattern, patterns

OFFERS = pattern(
    r"""\b(?:is|are|would|will) (?:that|this|it|you) (?:be )?(?:(?:all )?<FINE>|agreeable|a problem
    |an issue)\b|\bdo (?:you|we|i) (?:consent|agree|mind|object|accept|approve|have (?:your|a yes|it
    |any|a problem))\b|\bwould you (?:mind|object|agree|have any|have a)\b|\b(?:do|can|may|could
    |will) (?:i|we|you) (?:have|get|give) (?:us |me |it |your )?(?:your )?(?:consent|permission|ok)\b
    |\b(?:will|would|do) you give (?:it|us|me|your)\b|\bis (?:ok|all right|fine) (?:with|by) you\b|\b
    (?:ok|all right|good|cool) with (?:you|that|this)\b|\bmay (?:i|we) (?:go on|proceed|continue)\b
    |\b(?:shall|can|could|may) (?:i|we)\b$|\b(?:any|an|no) (?:objections?|problems?|issues?
    |concerns?)\b|\bplease (?:say|state|tell|confirm)\b(?: \w+){0,6} (?:agree|consent|yes)
    |\bwhat do you say\b|\b(?:say|yes or) (?:yes|no)\b|\bdo you\b$|\bif you agree\b|(?:^|\b)(?:ok
    |all right|right)$"""
)
"""Upon a notice, a question whether that is all right."""

TURNED = pattern(
    r"""\b(?:mind|object|objections?|bother|opposed|concerns?)\b
    |\bwould you (?:rather|prefer)\b(?: \w+){0,4} not\b
    |\b(?:a|any|an|the|some) (?:problem|issue)s?\b|\bproblem (?:for|with)\b"""
)
"""A question to which no means yes."""
AGREES = pattern(
    r"""\b(?:yes|yeah|yep|yup|sure|of course|go (?:right )?ahead|absolutely|certainly|definitely|fine|ok
    |all right|i consent|i agree|i do not mind|not at all|no|nope|none|no problem|no objections?
    |no worries|sounds good|that works|go for it|please do|i do|right|uh huh|you may|you can
    |not a problem|by all means|be my guest)\b(?: (?:yes|yeah|sure|that is|it is|i am|totally
    |perfectly|fine|ok|all right|with|me|go|ahead|please|course|of|i|do|consent|agree|no|problem|good
    |by|to|that|not|mind|at|all|right|whatsoever|objection|you|may|can))*"""
)
"""The words that agree, once a reply was found to agree: only they are kept from being cut."""

WONDERS = patterns(
    "record|tap|monitor|listen",
    r"""\b(?:is|are|am|will|do|does|was) (?:this|the|my|our|your|you|i|we|it|these|that|they|somebody|someone
    |anybody|anyone|all|y'all|yall)(?: (?!(?:last|yesterday|earlier|for me|a|message)\b)\w+){0,5}?
    [ ](?:recorded|recording|taped|taping|record|tape|monitored|monitoring|on tape|listening)\b""",
    r"""\b(?:you|yall)(?: all| guys| people)?(?: are)? (?:recording|taping) (?:this|me|us|the call|our)\b""",
    r"""\b(?:this|the|my|our)(?: (?:call|line|conversation|phone|thing))? is(?: (?:being|getting|all))*
    [ ](?:recorded|taped|monitored)(?= right| is it not| correct| is not it|$)""",
)
"""A caller asks whether the call is recorded."""
AFFIRMS = pattern(
    r"""^(?:(?:oh|um|well|so|ok|hi|sir|actually) )*(?:yes|yeah|yep|yup|it is|we are|we do|i am|i do
    |they are|correct|that is (?:right|correct)|right|absolutely|of course(?! not)|certainly(?! not)
    |always|sure is|we sure do|indeed|uh huh|all of them(?: are)?|everything is|every call is
    |it sure is)\b(?:(?: sir| madam)? (?:it is|we are|we do|they are|i am|i do|all of them are|always
    |for (?:quality|training)(?: and training)?))?(?! not\b)"""
)
"""The agent says that it is."""
PERHAPS = pattern(
    r"""^(?:(?:oh|um|well|so|yes) )*(?:it (?:may|might|could)(?: very well)? be|we (?:may|might)(?: be)?
    |sometimes|possibly|it is possible)\b"""
)
"""The agent says that it may be."""

TRANSFERS = patterns(
    "transfer|put|connect|bring|conferenc|add|hand|joining|taking over|patch|supervisor|colleague",
    r"""\b(?:transferring|transfer|connecting|connect|patching|patch|switching) (?:you|your call
    |this call)(?: (?:over|through|now|back))*\b(?= (?:to|with|through|over|into|in)\b|$)""",
    r"\b(?:put|putting) you (?:through|on with|over) ?(?:to|with)?\b",
    r"""\b(?:bring|bringing|conference|conferencing|add|adding|get|getting|have)(?: (?:in|on))? (?:my|our
    |the|a)(?: \w+)? (?:supervisor|manager|colleague|specialist|coworker|interpreter|lead|adjuster
    |nurse|doctor|technician)(?: (?:in|on|to))*\b(?= (?:the|this|our) (?:call|line)|$)""",
    r"\b(?:hand|handing) you (?:over|off)\b",
)
"""The agent passes the caller on, or brings somebody in: whoever comes has heard no notice yet."""
TRANSFERS_NOT = pattern(
    r"""\b(?:can not|could not|not able|unable|will not|not|if|would you like me to|want me to|before i
    |should i|shall i)(?: \w+){0,3} $"""
)
"""What stands before: it was not done, or only offered."""
