"""Signing in by a code sent to the phone: rate-limited, locked after wrong tries, and the same answer for every phone."""

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from jiuyi.domains.identity import events, models, rules
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.words import (
    Certainty,
    FamilyAccounts,
    LoginAnswer,
    LoginCodes,
    LoginLocked,
    TooManyCodes,
    WrongCode,
)
from jiuyi.foundation import journal, notices, rulebook, vault
from jiuyi.foundation.access import Actor, ActorKind, system
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop

LOGIN_TEMPLATE = "identity.login_code"
_TEXT = gettext_noop("【就医】登录验证码{code}，{minutes}分钟内有效。工作人员不会向您索要验证码，请勿转告他人。")
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def request_login_code(*, phone: str, device: str, now: datetime) -> None:
    """Send a six-digit code to a phone, and say nothing about whether it went out or whether the phone is known.

    Within a phone's limits (one a minute, five an hour; not while locked) a code goes out; beyond them nothing does, with the
    same answer. Refuses identity.phone_not_taken, and identity.too_many_codes to a device that asks too often.
    Source: rule DS-8.
    """
    number = rules.parse_phone(phone)
    phone_hash, device_hash = ciphers.phone_hash(number), ciphers.device_hash(device)
    limits = rulebook.rule(LoginCodes, scope_id=None, at=now).parameters
    with transaction.atomic():
        guard = _guards(phone_hash, device_hash)
        sent = models.LoginCode.objects.filter(phone_hash=phone_hash)
        asked = models.LoginAttempt.objects.filter(device_hash=device_hash, kind=models.LoginAttempt.REQUESTED, at__gt=now - _HOUR)
        answer = rules.answer_request(
            locked=guard.locked_until is not None and now < guard.locked_until,
            last_minute=sent.filter(sent_at__gt=now - _MINUTE).count(),
            last_hour=sent.filter(sent_at__gt=now - _HOUR).count(),
            device_last_hour=asked.count(),
            limits=limits,
        )
        if answer is LoginAnswer.DEVICE_WAITS:
            oldest = asked.order_by("at").values_list("at", flat=True)[0]
            raise TooManyCodes(minutes=rules.minutes_left(oldest + _HOUR, now))
        _note(models.LoginAttempt.REQUESTED, phone_hash, device_hash, now)
        if answer is LoginAnswer.SEND:
            _send_code(number, phone_hash, now=now, limits=limits)


def sign_in_with_code(*, phone: str, code: str, device: str, now: datetime) -> UUID:
    """The account of a phone whose newest code was typed; the first sign-in opens it. A code opens once.

    Wrong, used, too old, never sent: identity.wrong_code in every case. The fifth wrong one in a row, and everything for 15 minutes
    after it: identity.login_locked. A device that guessed for many phones is locked out too. A phone idle for longer than
    ``idle_days`` may have a new owner: its verified links drop to claimed.
    Must not be called inside a transaction: a refused try has to be counted.
    Source: rules DS-8, ID-15.
    """
    number = rules.parse_phone(phone)
    with transaction.atomic(durable=True):
        outcome = _try_code(number, code, device, now)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def _try_code(number: str, code: str, device: str, now: datetime) -> UUID | Refusal:
    phone_hash, device_hash = ciphers.phone_hash(number), ciphers.device_hash(device)
    limits = rulebook.rule(LoginCodes, scope_id=None, at=now).parameters
    guard = _guards(phone_hash, device_hash)
    guesses = models.LoginAttempt.objects.filter(device_hash=device_hash, kind=models.LoginAttempt.WRONG, at__gt=now - _HOUR)
    if guesses.count() >= limits.wrong_codes_per_hour_and_device:
        oldest = guesses.order_by("at").values_list("at", flat=True)[0]
        return LoginLocked(minutes=rules.minutes_left(oldest + _HOUR, now))
    newest = models.LoginCode.objects.filter(phone_hash=phone_hash).order_by("-sent_at", "-id").first()
    typed = ciphers.code_hash(number, "".join(unicodedata.normalize("NFKC", code).split()))
    answer = rules.answer_code(
        locked_until=guard.locked_until,
        wrong_before=guard.wrong_codes,
        matches=_matches(newest, typed, now),
        now=now,
        limits=limits,
    )
    if answer is LoginAnswer.LOCKED and guard.locked_until is not None:
        _note(models.LoginAttempt.LOCKED, phone_hash, device_hash, now)
        return LoginLocked(minutes=rules.minutes_left(guard.locked_until, now))
    if answer is LoginAnswer.OPEN and newest is not None:
        newest.used_at = now
        newest.save(update_fields=["used_at"])
        _reset(guard, wrong_codes=0, locked_until=None)
        _note(models.LoginAttempt.RIGHT, phone_hash, device_hash, now)
        return _open_account(number, phone_hash, now)
    _note(models.LoginAttempt.WRONG, phone_hash, device_hash, now)
    if newest is not None:
        newest.attempts += 1
        newest.save(update_fields=["attempts"])
    if answer is LoginAnswer.LOCK:
        return _lock(guard, phone_hash, now=now, limits=limits)
    _reset(guard, wrong_codes=guard.wrong_codes + 1, locked_until=None)
    return WrongCode()


def _matches(newest: models.LoginCode | None, typed: bytes, now: datetime) -> bool:
    stored = bytes(newest.code_hash) if newest is not None else bytes(len(typed))
    equal = hmac.compare_digest(stored, typed)
    return newest is not None and equal and newest.used_at is None and newest.sent_at <= now < newest.expires_at


def _send_code(number: str, phone_hash: bytes, *, now: datetime, limits: LoginCodes) -> None:
    code = f"{secrets.randbelow(10**6):06d}"
    row = models.LoginCode.objects.create(
        phone_hash=phone_hash,
        code_hash=ciphers.code_hash(number, code),
        sent_at=now,
        expires_at=now + timedelta(minutes=limits.valid_minutes),
    )
    notices.post(
        channel=notices.Channel.SMS,
        template=LOGIN_TEMPLATE,
        text=gettext(_TEXT).format(code=code, minutes=limits.valid_minutes),
        address=notices.seal_address(number),
        address_hint=rules.masked_phone(number),
        person_id=None,
        dedupe_key=f"login-code:{row.id}",
        now=now,
        secret=True,
        valid_until=row.expires_at,
    )


def _guards(phone_hash: bytes, device_hash: bytes) -> models.LoginGuard:
    """Lock the device, then the phone, always in this order; returns the phone's row."""
    models.LoginGuard.objects.bulk_create([models.LoginGuard(key=key) for key in sorted({device_hash, phone_hash})], ignore_conflicts=True)
    models.LoginGuard.objects.select_for_update().get(key=device_hash)
    return models.LoginGuard.objects.select_for_update().get(key=phone_hash)


def _reset(guard: models.LoginGuard, *, wrong_codes: int, locked_until: datetime | None) -> None:
    guard.wrong_codes, guard.locked_until = wrong_codes, locked_until
    guard.save(update_fields=["wrong_codes", "locked_until"])


def _lock(guard: models.LoginGuard, phone_hash: bytes, *, now: datetime, limits: LoginCodes) -> Refusal:
    until = now + timedelta(minutes=limits.lock_minutes)
    _reset(guard, wrong_codes=0, locked_until=until)
    models.LoginCode.objects.filter(phone_hash=phone_hash, used_at__isnull=True).update(used_at=now)
    journal.record(events.LoginWasLocked(until=until), actor=system("login"), now=now)
    return LoginLocked(minutes=limits.lock_minutes)


def _note(kind: str, phone_hash: bytes, device_hash: bytes, now: datetime) -> None:
    models.LoginAttempt.objects.create(kind=kind, phone_hash=phone_hash, device_hash=device_hash, at=now)


def _open_account(number: str, phone_hash: bytes, now: datetime) -> UUID:
    account = models.Account.objects.select_for_update().filter(phone_hash=phone_hash).first()
    if account is None:
        wrapped_key = vault.new_data_key()
        account = models.Account.objects.create(
            id=new_id(),
            phone_encrypted=vault.encrypt(wrapped_key, number, purpose=ciphers.PHONE),
            phone_hash=phone_hash,
            phone_hint=number[-4:],
            wrapped_key=wrapped_key,
            created_at=now,
            last_seen_at=now,
        )
        journal.record(events.AccountOpened(account_id=account.id), actor=_holder(account), now=now)
    else:
        _lower_links_if_idle(account, now)
        account.last_seen_at = now
        account.save(update_fields=["last_seen_at"])
    journal.record(events.AccountSignedIn(account_id=account.id), actor=_holder(account), now=now)
    return account.id


def _lower_links_if_idle(account: models.Account, now: datetime) -> None:
    limits = rulebook.rule(FamilyAccounts, scope_id=None, at=now).parameters
    if not rules.is_idle(account.last_seen_at, now, idle_days=limits.idle_days):
        return
    for link in models.AccountLink.objects.filter(account=account, level=Certainty.VERIFIED, ended_at__isnull=True):
        link.level = Certainty.CLAIMED
        link.save(update_fields=["level"])
        journal.record(
            events.LinkLowered(account_id=account.id, link_id=link.id, person_id=link.person_id),
            actor=system("login"),
            now=now,
        )


def _holder(account: models.Account) -> Actor:
    return Actor(ActorKind.PATIENT, account.id)
