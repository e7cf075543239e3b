"""Refuse forms that another site sends. Sign-in has no CSRF token yet, so the origin decides."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from oms.errors import Forbidden
from oms.settings import settings


def same_origin(request: Request) -> None:
    """Let a POST through only if the browser says that it comes from our own page.

    Browsers send `Origin` with every POST (Fetch standard, "append a request Origin header");
    behind a proxy that changes `Host`, `public_url` is our own origin as well.
    """
    origin = request.headers.get("origin", "")
    public = urlsplit(settings().public_url)
    ours = {request.headers.get("host", ""), public.netloc}
    if origin and urlsplit(origin).netloc in ours:
        return
    raise Forbidden(
        "this form was not sent from Tributary's own page",
        field="Origin",
        remedy="open the sign-in page itself and sign in there; behind a proxy,"
        " set TRIBUTARY_PUBLIC_URL to the address that people use",
    )


SameOrigin = Annotated[None, Depends(same_origin)]
