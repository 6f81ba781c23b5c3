"""Pages under a WSGI server (production runs them so, behind nginx; live streams and the gate stay on ASGI)."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
