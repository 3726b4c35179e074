"""The word classes and small phrases of which the patterns of this room are made.

``<CALL>`` in a pattern stands for the part of that name; parts stand in parts.  Line
breaks are only for the reader.  A word that is missing here is missing in every
pattern, so this is the place to add one.
"""

from __future__ import annotations

PARTS = {
    # --- what is recorded -----------------------------------------------------------------------
    "KIND": """(?:phone|telephone|voice|video|audio|whole|entire|current|inbound|outbound|incoming|outgoing
        |following|customer|service|support|sales|one on one|little|present|single|ongoing|and|or|live
        |full|zoom|business|client|member|patient|such)""",
    "CALLS": """(?:calls?|lines?|conversations?|sessions?|interactions?|discussions?|chats?|telephone
        |communications?|phone)""",
    # Meetings are recorded on other days too: only "this" or "our" one is meant here.
    "MEETING": """(?:meeting|appointment|interview|visit|consultation|consult|talk|exchange|dialogue
        |encounter|contact|audio|one|hearing|enrollment|verification|screening|assessment|intake|survey
        |transaction|order|application|inquiry|statement)""",
    "THIS": """(?:(?:this|the|our|my|your|these|every|each|any|today|all|both sides of|both ends of
        |all of|(?<!no )parts? of|(?<!no )portions? of|a portion of|some|some of|one of|every one of
        |and every|single|the (?:audio|contents?|sound) (?:of|from|on|for)|all audio (?:of|from|on)
        |audio (?:of|from)) ){1,4}""",
    "OURS": "(?:this|our|today|the current|the following|this entire|this whole|your|this phone)",
    # A plural without "our" or "these" counts only at the head of a clause; see ``told.heads_clause``.
    "BARE": """(?:(?:all |some |most )?(?:(?:phone|telephone|inbound|incoming|outbound|outgoing|customer
        |audio|and|or) ){0,3}(?:calls|lines|conversations|communications|interactions|phones))""",
    "CALL": "(?:<THIS>(?:<KIND> ){0,3}<CALLS>|<OURS> (?:<KIND> ){0,2}<MEETING>)",
    "WHAT": """(?:<CALL>|<BARE>|this (?:coal|col|cal|cole|haul)|your voice|(?:the|this|your|our) audio
        |(?:both|the) voices)""",
    # "calls to this number", "conversations with our agents", "the line you are calling on"
    "WITH": """(?: (?:to|from|with|on|between|made|placed|you are|we are|you make|that|which|including
        |like|in|into|coming|at|through|received|handled|here|about|by)
        (?: (?!(?:is|are|was|were|will|may|might|can|could|has|have|gets?|the one|emergency|police|last|not
        |if|when|never|no)\\b)\\w+){0,7}?
        | today| itself| here| as well| too| as usual| right now| now)?""",
    "SAID": """(?:(?:everything|anything|what|whatever|all|every word|each word)(?: that| of what| of it)?
        (?: (?:you|we|i|either of us|anyone|gets?|is|are|being|and|both|may|will|talk about|discuss(?:ed)?
        |says?|said|tell me|tell us|spoken|share|have to say)){1,5})""",
    "SAIDHERE": "(?: (?:here|today|now|with me|on (?:this|the|our) (?:call|line|phone)|during this call))?",
    "US": """(?:you and i|both of us|both parties|all parties|everyone(?: on (?:this|the) (?:call|line))?
        |we both|we|you|us|i)""",
    # --- how it is done -------------------------------------------------------------------------
    # Words between "is" and "recorded" that leave the sense as it is.
    "EVER": """(?: (?!(?:not|never|no|nothing|nobody|none|about|the|a|an|i|you|we|they|he|she|it|that|this
        |which|who|when|if|was|were|important|from|of|why|how|where|longer|stopped|been asked|being asked
        |over|out|off|able|unable|transferred|answered|told|rarely|hardly|allowed|permitted)\\b)\\w+){0,7}?""",
    "BE": """(?:is|are|am|gets?|getting|being|be|will|shall|must|may|might|could|can|should|has been|have been
        |continues? to|remains?|is to|goes|go|keeps? being)""",
    "DONE": """(?:(?:audio |video |voice |tape |digitally )?(?:recorded|taped|audiotaped|videotaped
        |recording taped)
        |monitored|listened in on|(?:going )?on (?:audio )?tape
        |captured(?= (?:on|in|for|and|by|digitally)\\b|$)
        |(?:record(?:er|ing|s)?|recording it|report it|reported|recorded it)(?= for (?:quality|training)))""",
    # Weaker words, which need the audio or a purpose beside them.
    "KEPT": "(?:saved|stored|kept|archived|retained|captured|preserved|logged|held)",
    "TAPED": "(?:recorded|recording|record|recordings|taped|taping|tape|tapes)",
    "RECORD": "(?:record|records|recording|tape|tapes|taping|audio record|videotape|videotaping)",
    # What may be the object of "record" when this call is meant, or was misheard.
    "IT": """(?:<CALL>|(?:phone |telephone )?(?:calls|conversations)|you|us|each other|everyone|everybody
        |both of us
        |everything|it all|all of (?:it|this|them)|<SAID>|the (?:audio|sound) of <CALL>
        |(?:this|these|them|it)(?= (?:for|to|so|today|now|and|as we|if|with|on our|on my|here)\\b|$)
        |this (?:cost|coal|col|cal|cole|core|crawl|haul))""",
    "QUALITY": """(?:quality|training|coaching|compliance|security|your protection|our protection
        |(?:our|your) (?:mutual )?(?:protection|records?|safety|benefit)|accuracy|safety|regulatory|legal
        |verification|evaluation|review|customer service|record keeping|research|documentation)""",
    # --- who does it ----------------------------------------------------------------------------
    "HOUSE": """(?:(?:our|the|my|this) (?:(?:phone|telephone|company|computer|call|new|automated|recording
        |whole|automatic|ai|voice|office|service|our|customer) ){0,2}(?:system|systems|software|company|bank
        |office|clinic|team|phones|platform|department|supervisor|manager|line|center|provider|business
        |firm|agency|assistant|phone lines?|supervisors|managers))""",
    "WE": "(?:we|i|someone|somebody|a supervisor|supervisors|managers|a manager|<HOUSE>)",
    "MIGHT": """(?: (?:am|are|is|will|shall|may|might|can|could|be|do|does|did just|always|also|sometimes
        |would|like|love|to|want|have|has|need|going|must|should|now|currently|just|routinely|happen|started|begun
        |start|starting|begin|beginning|about|typically|usually|generally|regularly|automatically|both
        |audio|all|got|wish|or|and|monitor|monitoring|keep|occasionally|randomly|periodically|digitally
        |reserve the right|still|actually|in fact|often|normally|required|legally|obligated|hereby|listen
        |listening in|listening|in|continue|continuing|supposed|planning|plan|back|again|here|at times
        |from time to time|possibly|review|store|go ahead|ahead|go|use|able|make it a (?:practice|habit|point)
        |a|policy|it|quietly|been))""",
    # --- agreement ------------------------------------------------------------------------------
    "FINE": "(?:ok|all right|fine|acceptable|good|cool|agreeable)",
    "AGREE": """(?:consent|consenting|agree|agreeing|agreement|acknowledge|acknowledging|accept|accepting
        |permission|comfortable|ok|fine|all right|authorize|authorizing|allow|approve|approval|good|cool
        |willing|authorization|happy|content)""",
    "TO": """(?: (?:to|for|with|if|us|me|we|i|be|being|that|having|have|has|this|the|our|my|is|are|it|may|him
        |get|getting|call|a|any|of|being|us to|to us|staying|on|going))""",
    # --- machines -------------------------------------------------------------------------------
    "REAL": "(?:(?:real|actual|live|living|human|genuine|true|breathing|physical|flesh and blood|and|or) )",
    "PERSON": "(?:human being|human|person|man|woman|lady|guy|individual|somebody|someone)",
    "MACHINE": """(?:ai|artificial intelligence|language model|chat ?bot|voice ?bot|robot|bot|machine|computer
        |program|automated(?: system)?|software|virtual (?:assistant|agent))""",
}
"""Every part by its name."""
