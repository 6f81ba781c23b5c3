"""Pages under a WSGI server (production runs them so, behind nginx; live streams and the gate stay on ASGI)."""

import sys

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from jiuyi.foundation import key_check  # noqa: E402  # needs the applications

key_check.at_start(sys.exit)
