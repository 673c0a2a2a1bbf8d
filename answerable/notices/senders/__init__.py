"""The ways a notice leaves, each in its own module, all behind one small interface.

    outcome = wecom.send(config, words, wire, now=now)     # -> Taken | Refused | Unsure

- A service's own error code decides, not the HTTP status: WeCom, DingTalk and Feishu answer 200 with an error inside.
- Unsure is what is neither: the service fell silent after it had the message. That one is never sent again.
- The words are the same for everybody and every event (`rules.WORDS`): no names, no numbers, nothing of a case.

`mail` is a conversation of its own (it has one moment of doubt, and the outbox writes in the middle of it).
"""
