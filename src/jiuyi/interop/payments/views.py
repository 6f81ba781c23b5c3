"""The simulated cashier, and the door for call-backs."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import PaymentStatus
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import audit, clock
from jiuyi.interop.payments import callbacks, simulated
from jiuyi.interop.payments.simulated import Misdeed
from jiuyi.kernel.refusals import Refusal

SIGNATURE_HEADER = "X-Jiuyi-Signature"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cashier(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Where the payer pays. Whoever holds the link may pay; it shows amount and institution, no name and no department."""
    if not settings.DEMO:
        raise Http404
    payment = bills.facts_payment(payment_id)
    back = simulated.way_back(request.GET.get("back", "")) or "/"
    context: dict[str, Any] = {
        "payment": payment,
        "institution_name": organizations.organization(payment.organization_id).name,
        "back_url": back,
        "home_url": back,
        "misdeeds": [misdeed for misdeed in Misdeed if misdeed is not Misdeed.NONE],
        "is_open": payment.status is PaymentStatus.CREATED,
        "is_paid": payment.status is PaymentStatus.SETTLED,
        "is_returned": payment.status is PaymentStatus.REFUNDED,
        "now": clock.now(),
    }
    if request.method != "POST":
        return render(request, "payments/cashier.html", context)
    act = request.POST.get("act", "")
    if act == "fail":
        return render(request, "payments/cashier.html", context | {"failed": True})
    if act not in {misdeed.value for misdeed in Misdeed}:
        return render(request, "payments/cashier.html", context, status=422)
    refusals = simulated.pay(payment_id, payment.amount_fen, misdeed=Misdeed(act), now=clock.now())
    if refusals:
        return render(request, "payments/cashier.html", context | {"refused": refusals}, status=422)
    return redirect(back)


@csrf_exempt
@require_POST
def callback(request: HttpRequest) -> JsonResponse:
    """The channel says that money has arrived. 200 once it is booked (also when it was booked before), otherwise try again.

    Outside the demo nobody pays through this channel, so that nobody is listened to.
    """
    if not settings.DEMO:
        raise Http404
    now = clock.now()
    try:
        callbacks.receive(request.body, request.headers.get(SIGNATURE_HEADER, ""), now=now)
    except Refusal as refusal:
        named = callbacks.payment_named(request.body)
        audit.refused(None, act="payments:callback", object_id=named, code=refusal.code, now=now)
        return JsonResponse({"result": "refused", "code": refusal.code}, status=refusal.status)
    return JsonResponse({"result": "ok"})
