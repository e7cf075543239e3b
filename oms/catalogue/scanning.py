"""What a scanner may make of one barcode."""


def forms(code: str) -> list[str]:
    """The ways in which one article number is written.

    Some scanners read a UPC-A (12 digits) as an EAN-13 with a leading zero, some the other way
    round; GS1 defines both as the same GTIN.
    """
    if not code.isdecimal():
        return [code]
    bare = code.lstrip("0")
    return [code, *(bare.zfill(length) for length in (8, 12, 13, 14) if len(bare) <= length)]
