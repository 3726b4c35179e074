"""Words that mean much the same where recording, machines and calls are talked of, under one name.

What was learnt of "taped" holds for "recorded" too: the weigher looks at these kinds
beside the words themselves.  A word is of one kind at most.
"""

from __future__ import annotations

_KINDS = {
    "RECORDED": "recorded taped recoded audiotaped videotaped",
    "RECORD": "record tape records tapes",
    "RECORDING": "recording taping recordings",
    "MONITOR": "monitored monitoring monitor listening listen",
    "KEPT": """saved stored kept archived retained captured preserved logged keep save store capture retain
        keeping saving storing held""",
    "AUDIO": "audio sound",
    "CALL": """call calls line lines conversation conversations chat talk session interaction interactions
        discussion phone telephone lime coal""",
    "MEETING": "meeting appointment interview visit consultation",
    "THIS": "this our these today here",
    "ALL": "all every each any some everything whatever anything",
    "A": "a an",
    "YOU": "you your yours yall",
    "WE": "we i us my me mine",
    "OTHERS": """he she they him her them his their police doctor wife husband lady brother son daughter boss
        dispatcher lawyer bank company""",
    "IS": "is are am be being gets getting get",
    "WAS": "was were had did used",
    "MAY": "may might could maybe can sometimes occasionally possibly potentially",
    "WILL": "will going shall",
    "HAVE": "have has been",
    "NOT": "not never no nobody none nothing without nor neither",
    "IF": "if whether unless until suppose hope",
    "WHAT": "what who why when where how which",
    "QUALITY": "quality training compliance purposes protection assurance security accuracy safety",
    "BOOK": "account file notes chart ledger statement form bill county payment order vote deed reading",
    "DAY": """last yesterday monday tuesday wednesday thursday friday saturday sunday previous earlier next
        ago tomorrow week month year night""",
    "AGREE": """permission consent ok right fine mind agree objection object agreeing consenting comfortable
        allow problem willing""",
    "MUSIC": """album song band show studio music vinyl player label movie video camera message greeting
        voicemail""",
    "MEDICAL": "medical heart pressure blood baby court",
    "STOP": """stop stopped stopping quit cease ceased seize seized end ended ending pause paused pausing
        halt kill killed cut shut turn turned turning switch switched disable disabled disabling erase delete
        deleted suspended discontinued terminated unplug unplugged""",
    "OFF": "off down out",
    "WANT": "want wish like prefer rather love need",
    "PERSON": """person human people man woman girl guy gentleman somebody someone anybody anyone body soul
        beings""",
    "REAL": "real live alive actual living breathing life genuine flesh",
    "MACHINE": """robot bot bots robots machine computer computers ai program software chatbot voicebot
        algorithm robocall machines computerized""",
    "AUTOMATED": """automated automatic virtual digital artificial synthetic electronic conversational
        artificially generated""",
    "HELPER": """assistant agent receptionist attendant representative operator concierge helper caller system
        voice model""",
    "LIST": "list lists database registry",
    "NUMBER": "number name numbers information",
    "CONTACT": """contact contacted contacting texting text phoning ringing ring dial dialing reach bother bug
        harass solicit soliciting""",
    "CALLING": "calling called",
    "AGAIN": "again anymore more ever further longer future",
    "TIME": "before after noon morning late between during",
}
KINDS = {word: kind for kind, listed in _KINDS.items() for word in listed.split()}


def kind_of(word: str) -> str:
    """The kind of a word; ``N`` for what has digits; the word itself where it is of none."""
    return KINDS.get(word) or ("N" if any(char.isdigit() for char in word) else word)
