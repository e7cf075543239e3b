"""What every channel must do, asked of any of them: ours, and those that a package brings.

`oms channels verify CODE` asks it of a configured channel, our tests ask it of every adapter. It is
asked against a local double that plays the other side, never against a real shop.
"""
