"""Training of what the repository ships as data: the encoder's adapter and the mark restorer.

Needs the ``train`` extra and an index built on this machine; nothing here is imported by the
bot or by a build.
"""
