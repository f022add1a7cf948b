"""Telegram: updates by long polling or webhook, messages and files by the Bot API.

``channel`` puts the parts together, ``reading`` is what an update means, ``sending`` what a message
becomes, ``group`` the counsellors' side, ``setup`` what an operator checks and sets.
"""
