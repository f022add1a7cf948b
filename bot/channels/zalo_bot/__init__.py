"""The Zalo Bot Platform as a channel: plain text out; text, pictures and recordings in."""
