"""Every address of the house and what each kind of visitor gets there: the table of ``test_every_address.py``.

A new address needs one line in ``TABLE``. The answers stand in the order of ``VISITORS``; whatever an address names (a
person, a booking, a visit …) belongs to a patient and to a hospital department that these visitors do not treat:

- anonymous  nobody is signed in
- patient    another account, which has nothing to do with the person
- clerk      at the window of the very hospital
- doctor     of another hospital
- admin, security, auditor    the three officers, of the whole consortium

An answer is a status, or where a redirect leads: ``phone`` (the patients' sign-in), ``door`` (the staff's sign-in), ``on``
(elsewhere in the house). One answer alone is everybody's. An address that is read and written has a line for GET and one for
POST, with an empty form.
"""

from typing import Any

VISITORS = ("anonymous", "patient", "clerk", "doctor", "admin", "security", "auditor")
TABLE = """
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   health                               200       200       200       200       200       200       200
POST  set_language                         on        on        on        on        on        on        on
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   patient:home                         200       200       200       200       200       200       200
GET   patient:steps                        204       200       204       204       204       204       204
GET   patient:experts                      200       200       200       200       200       200       200
GET   patient:book_expert                  phone     404       phone     phone     phone     phone     phone
GET   patient:sign_in                      200       200       200       200       200       200       200
POST  patient:sign_in                      422       422       422       422       422       422       422
GET   patient:code                         phone     phone     phone     phone     phone     phone     phone
POST  patient:code                         phone     phone     phone     phone     phone     phone     phone
POST  patient:sign_out                     on        on        on        on        on        on        on
GET   patient:people                       phone     200       phone     phone     phone     phone     phone
GET   patient:add_person                   phone     200       phone     phone     phone     phone     phone
POST  patient:add_person                   phone     422       phone     phone     phone     phone     phone
POST  patient:remove_person                phone     404       phone     phone     phone     phone     phone
GET   patient:timeline                     phone     404       phone     phone     phone     phone     phone
GET   patient:book_who                     phone     on        phone     phone     phone     phone     phone
GET   patient:book_safety                  phone     404       phone     phone     phone     phone     phone
POST  patient:book_safety                  phone     404       phone     phone     phone     phone     phone
GET   patient:book_emergency               phone     404       phone     phone     phone     phone     phone
GET   patient:book_hospital                phone     404       phone     phone     phone     phone     phone
GET   patient:book_department              phone     404       phone     phone     phone     phone     phone
GET   patient:book_doctor                  phone     404       phone     phone     phone     phone     phone
GET   patient:book_time                    phone     404       phone     phone     phone     phone     phone
GET   patient:book_check                   phone     404       phone     phone     phone     phone     phone
POST  patient:book_check                   phone     404       phone     phone     phone     phone     phone
GET   patient:release                      phone     404       phone     phone     phone     phone     phone
POST  patient:release                      phone     404       phone     phone     phone     phone     phone
POST  patient:claim_without_gate           404
GET   patient:appointments                 phone     200       phone     phone     phone     phone     phone
GET   patient:appointment                  phone     404       phone     phone     phone     phone     phone
GET   patient:pay_appointment              phone     404       phone     phone     phone     phone     phone
POST  patient:pay_appointment              phone     404       phone     phone     phone     phone     phone
GET   patient:appeal                       phone     404       phone     phone     phone     phone     phone
POST  patient:appeal                       phone     404       phone     phone     phone     phone     phone
GET   patient:cancel                       phone     404       phone     phone     phone     phone     phone
POST  patient:cancel                       phone     404       phone     phone     phone     phone     phone
GET   patient:wait_join                    phone     404       phone     phone     phone     phone     phone
POST  patient:wait_join                    phone     404       phone     phone     phone     phone     phone
GET   patient:waiting                      phone     200       phone     phone     phone     phone     phone
GET   patient:wait_entry                   phone     404       phone     phone     phone     phone     phone
POST  patient:wait_leave                   phone     404       phone     phone     phone     phone     phone
GET   patient:offer                        phone     404       phone     phone     phone     phone     phone
POST  patient:offer                        phone     404       phone     phone     phone     phone     phone
POST  patient:decline_offer                phone     404       phone     phone     phone     phone     phone
GET   patient:move                         phone     404       phone     phone     phone     phone     phone
GET   patient:move_check                   phone     404       phone     phone     phone     phone     phone
POST  patient:move_check                   phone     404       phone     phone     phone     phone     phone
GET   patient:bill                         phone     404       phone     phone     phone     phone     phone
POST  patient:bill                         phone     404       phone     phone     phone     phone     phone
GET   patient:visit                        phone     404       phone     phone     phone     phone     phone
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   clerk:home                           door      door      200       403       403       403       403
POST  clerk:home                           door      door      200       403       403       403       403
POST  clerk:institution                    door      door      403       403       403       403       403
GET   clerk:today                          door      door      200       403       403       403       403
GET   operator:waiting                     door      door      403       403       403       403       403
POST  operator:answer_waiting              door      door      403       403       403       403       403
GET   clerk:waiting                        door      door      200       403       403       403       403
POST  clerk:answer_waiting                 door      door      404       403       403       403       403
GET   clerk:register                       door      door      200       403       403       403       403
POST  clerk:register                       door      door      422       403       403       403       403
GET   clerk:person                         door      door      200       403       403       403       403
POST  clerk:verify                         door      door      422       403       403       403       403
GET   clerk:book                           door      door      200       403       403       403       403
POST  clerk:book                           door      door      422       403       403       403       403
POST  clerk:pay_orders                     door      door      422       403       403       403       403
GET   clerk:appointment                    door      door      200       403       403       403       403
GET   clerk:move                           door      door      200       403       403       403       403
POST  clerk:move                           door      door      422       403       403       403       403
GET   clerk:transfer                       door      door      200       403       403       403       403
POST  clerk:transfer                       door      door      422       403       403       403       403
GET   clerk:come_back                      door      door      200       403       403       403       403
POST  clerk:come_back                      door      door      422       403       403       403       403
POST  clerk:cash                           door      door      422       403       403       403       403
POST  clerk:check_in                       door      door      422       403       403       403       403
POST  clerk:cancel                         door      door      422       403       403       403       403
GET   clerk:slip                           door      door      200       403       403       403       403
POST  clerk:pay_out                        door      door      on        403       403       403       403
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   kiosk:start                          403       403       403       403       403       403       403
GET   kiosk:voucher                        403       403       403       403       403       403       403
POST  kiosk:voucher                        403       403       403       403       403       403       403
GET   kiosk:last_four                      403       403       403       403       403       403       403
POST  kiosk:last_four                      403       403       403       403       403       403       403
GET   kiosk:card                           403       403       403       403       403       403       403
POST  kiosk:card                           403       403       403       403       403       403       403
GET   kiosk:choose                         403       403       403       403       403       403       403
POST  kiosk:choose                         403       403       403       403       403       403       403
GET   kiosk:payer                          403       403       403       403       403       403       403
POST  kiosk:payer                          403       403       403       403       403       403       403
GET   kiosk:ticket                         403       403       403       403       403       403       403
GET   kiosk:slip                           403       403       403       403       403       403       403
GET   kiosk:book                           403       403       403       403       403       403       403
POST  kiosk:book                           403       403       403       403       403       403       403
GET   kiosk:book_department                403       403       403       403       403       403       403
GET   kiosk:book_time                      403       403       403       403       403       403       403
POST  kiosk:book_time                      403       403       403       403       403       403       403
GET   kiosk:book_check                     403       403       403       403       403       403       403
POST  kiosk:book_check                     403       403       403       403       403       403       403
GET   kiosk:booked                         403       403       403       403       403       403       403
GET   kiosk:booked_slip                    403       403       403       403       403       403       403
GET   kiosk:enrol                          door      door      200       403       200       403       403
POST  kiosk:enrol                          door      door      200       403       200       403       403
POST  kiosk:enrol_demo                     on        on        on        on        on        on        on
POST  kiosk:revoke                         403       403       on        403       on        403       403
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   wall:chooser                         200       200       200       200       200       200       200
GET   wall:wall                            200       200       200       200       200       200       200
GET   wall:board                           200       200       200       200       200       200       200
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   doctor:room                          door      door      403       200       403       403       403
GET   doctor:waiting                       door      door      403       200       403       403       403
POST  doctor:place                         door      door      403       on        403       403       403
POST  doctor:call_next                     door      door      403       on        403       403       403
POST  doctor:call_again                    door      door      403       403       403       403       403
POST  doctor:pass_over                     door      door      403       403       403       403       403
POST  doctor:start                         door      door      403       403       403       403       403
GET   doctor:visit                         door      door      403       403       403       403       403
POST  doctor:not_this_person               door      door      403       403       403       403       403
POST  doctor:finish                        door      door      403       403       403       403       403
POST  doctor:leave                         door      door      403       403       403       403       403
POST  doctor:allergies                     door      door      403       403       403       403       403
POST  doctor:flag                          door      door      403       403       403       403       403
POST  doctor:draft                         door      door      403       403       403       403       403
POST  doctor:save                          door      door      403       403       403       403       403
POST  doctor:sign                          door      door      403       403       403       403       403
POST  doctor:addendum                      door      door      403       403       403       403       403
POST  doctor:find                          door      door      403       403       403       403       403
GET   doctor:hits                          door      door      403       200       403       403       403
POST  doctor:diagnosis                     door      door      403       403       403       403       403
POST  doctor:primary                       door      door      403       403       403       403       403
POST  doctor:remove_diagnosis              door      door      403       403       403       403       403
POST  doctor:lab                           door      door      403       403       403       403       403
POST  doctor:choose_drug                   door      door      403       403       403       403       403
POST  doctor:drug                          door      door      403       403       403       403       403
GET   doctor:orders                        door      door      403       403       403       403       403
POST  doctor:ask_revoke                    door      door      403       403       403       403       403
GET   doctor:revoke                        door      door      403       403       403       403       403
POST  doctor:revoke                        door      door      403       403       403       403       403
GET   doctor:pay_here                      door      door      403       403       403       403       403
POST  doctor:pay_here                      door      door      403       403       403       403       403
GET   doctor:pay_state                     door      door      403       403       403       403       403
GET   doctor:book_return                   door      door      403       403       403       403       403
POST  doctor:book_return                   door      door      403       403       403       403       403
GET   doctor:book_elsewhere                door      door      403       403       403       403       403
POST  doctor:book_elsewhere                door      door      403       403       403       403       403
GET   doctor:extra                         door      door      403       403       403       403       403
POST  doctor:extra                         door      door      403       403       403       403       403
GET   doctor:send_on                       door      door      403       403       403       403       403
POST  doctor:send_on                       door      door      403       403       403       403       403
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   conduct:appeals                      door      door      403       403       403       403       403
GET   conduct:appeal                       door      door      403       403       403       403       403
POST  conduct:appeal                       door      door      403       403       403       403       403
GET   conduct:cases                        door      door      403       403       403       403       403
GET   conduct:case                         door      door      403       403       403       403       403
POST  conduct:case                         door      door      403       403       403       403       403
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   secretary:week                       door      door      403       403       200       403       403
GET   secretary:one_off                    door      door      403       403       200       403       403
POST  secretary:one_off                    door      door      403       403       422       403       403
GET   secretary:session                    door      door      403       403       200       403       403
POST  secretary:details                    door      door      403       403       422       403       403
GET   secretary:capacity                   door      door      403       403       200       403       403
POST  secretary:capacity                   door      door      403       403       422       403       403
GET   secretary:demand                     door      door      403       403       200       403       403
GET   secretary:forecast                   door      door      403       403       200       403       403
POST  secretary:decide                     door      door      403       403       422       403       403
GET   secretary:templates                  door      door      403       403       200       403       403
GET   secretary:add_template               door      door      403       403       200       403       403
POST  secretary:add_template               door      door      403       403       422       403       403
GET   secretary:template                   door      door      403       403       200       403       403
POST  secretary:template                   door      door      403       403       422       403       403
POST  secretary:end_template               door      door      403       403       on        403       403
GET   secretary:away                       door      door      403       403       200       403       403
POST  secretary:away                       door      door      403       403       422       403       403
POST  secretary:end_away                   door      door      403       403       on        403       403
GET   secretary:calendar                   door      door      403       403       200       403       403
POST  secretary:calendar                   door      door      403       403       422       403       403
GET   secretary:generate                   door      door      403       403       200       403       403
POST  secretary:generate                   door      door      403       403       422       403       403
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   admin:home                           door      door      403       403       on        on        on
GET   admin:rules                          door      door      403       403       200       403       200
GET   admin:rule                           door      door      403       403       200       403       200
POST  admin:rule                           door      door      403       403       422       403       422
GET   admin:outbox                         200       200       200       200       200       200       200
POST  admin:called                         door      door      403       403       on        403       403
GET   admin:accounts                       door      door      403       403       200       200       403
GET   admin:create_account                 door      door      403       403       200       403       403
POST  admin:create_account                 door      door      403       403       200       403       403
GET   admin:account                        door      door      403       403       200       200       403
POST  admin:assign                         door      door      403       403       403       422       403
POST  admin:end_role                       door      door      403       403       403       on        403
POST  admin:set_password                   door      door      403       403       422       403       403
POST  admin:clear_second_factor            door      door      403       403       403       on        403
GET   admin:audit                          door      door      403       403       403       403       200
GET   admin:operations                     door      door      403       403       200       200       200
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   staff_home                           door      door      on        on        200       on        on
GET   staff_second_factor                  on        on        200       200       200       200       200
GET   account_login                        200       200       on        on        on        on        on
POST  account_login                        200       200       on        on        on        on        on
GET   account_logout                       on        on        200       200       200       200       200
POST  account_logout                       on        on        on        on        on        on        on
GET   account_inactive                     200       200       200       200       200       200       200
GET   account_reauthenticate               door      door      200       200       200       200       200
POST  account_reauthenticate               door      door      200       200       200       200       200
GET   account_change_password              door      door      200       200       200       200       200
POST  account_change_password              door      door      200       200       200       200       200
GET   mfa_index                            door      door      200       200       200       200       200
GET   mfa_authenticate                     door      door      on        on        on        on        on
POST  mfa_authenticate                     door      door      on        on        on        on        on
GET   mfa_reauthenticate                   door      door      on        on        on        on        on
POST  mfa_reauthenticate                   door      door      on        on        on        on        on
GET   mfa_activate_totp                    door      door      200       200       200       200       200
POST  mfa_activate_totp                    door      door      200       200       200       200       200
GET   mfa_deactivate_totp                  door      door      404       404       404       404       404
POST  mfa_deactivate_totp                  door      door      404       404       404       404       404
GET   mfa_view_recovery_codes              door      door      404       404       404       404       404
GET   mfa_generate_recovery_codes          door      door      200       200       200       200       200
POST  mfa_generate_recovery_codes          door      door      200       200       200       200       200
GET   mfa_list_webauthn                    door      door      200       200       200       200       200
GET   mfa_add_webauthn                     door      door      200       200       200       200       200
GET   mfa_login_webauthn                   door      door      on        on        on        on        on
GET   mfa_reauthenticate_webauthn          door      door      on        on        on        on        on
GET   mfa_edit_webauthn                    door      door      404       404       404       404       404
POST  mfa_edit_webauthn                    door      door      404       404       404       404       404
GET   mfa_remove_webauthn                  door      door      404       404       404       404       404
POST  mfa_remove_webauthn                  door      door      404       404       404       404       404
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   kit:gallery                          200       200       200       200       200       200       200
POST  kit:mode                             on        on        on        on        on        on        on
POST  kit:language                         on        on        on        on        on        on        on
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   payments:cashier                     200       200       200       200       200       200       200
POST  payments:cashier                     422       422       422       422       422       422       422
POST  payments:callback                    403       403       403       403       403       403       403
# Doors for programmes: whoever is signed in to a page is nobody here
GET   api:openapi-json                     200
GET   api:openapi-view                     200
POST  api:request_code                     422
POST  api:sign_in                          422
POST  api:sign_out                         401
GET   api:red_flags                        200
GET   api:hospitals                        200
GET   api:departments                      200
GET   api:doctors                          200
GET   api:sessions                         200
GET   api:windows                          200
GET   api:quote                            422
GET   api:people                           401
POST  api:book                             401
GET   api:bookings                         401
GET   api:booking                          401
POST  api:cancel                           401
POST  api:pay                              401
GET   api:api-root                         404
GET   partner:openapi-json                 200
GET   partner:openapi-view                 200
PUT   partner:hold                         401
GET   partner:booking                      401
POST  partner:confirm                      401
POST  partner:cancel                       401
GET   partner:reconcile                    401
GET   partner:api-root                     404
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   operator:home                        door      door      403       403       403       403       403
POST  operator:home                        door      door      403       403       403       403       403
GET   operator:register                    door      door      403       403       403       403       403
POST  operator:register                    door      door      403       403       403       403       403
GET   operator:caller                      door      door      403       403       403       403       403
POST  operator:caller                      door      door      403       403       403       403       403
POST  operator:wait                        door      door      403       403       403       403       403
POST  operator:draw                        door      door      403       403       403       403       403
POST  operator:cancel                      door      door      403       403       403       403       403
GET   village:home                         door      door      403       403       403       403       403
POST  village:home                         door      door      403       403       403       403       403
GET   village:trip                         door      door      403       403       403       403       403
POST  village:trip                         door      door      403       403       403       403       403
POST  village:add                          door      door      403       403       403       403       403
POST  village:drop                         door      door      403       403       403       403       403
POST  village:book                         door      door      403       403       403       403       403
GET   village:sheet                        door      door      403       403       403       403       403
#                                          anonymous patient   clerk     doctor    admin     security  auditor
POST  api:reschedule                       401       401       401       401       401       401       401
#                                          anonymous patient   clerk     doctor    admin     security  auditor
GET   patient:change                       phone     404       phone     phone     phone     phone     phone
POST  patient:change                       phone     404       phone     phone     phone     phone     phone
GET   patient:change_move                  phone     404       phone     phone     phone     phone     phone
POST  patient:change_move                  phone     404       phone     phone     phone     phone     phone
GET   daily:home                           door      door      403       403       200       403       403
GET   daily:session                        door      door      403       403       200       403       403
POST  daily:session                        door      door      403       403       422       403       403
GET   daily:change                         door      door      403       403       200       403       403
GET   daily:calls                          door      door      200       403       403       403       403
GET   daily:call                           door      door      200       403       403       403       403
POST  daily:call                           door      door      422       403       403       403       403
GET   daily:refunds                        door      door      200       403       403       403       403
POST  daily:retry_refund                   door      door      422       403       403       403       403
"""
# What an address names besides ``things()`` of the test: by the name of its parameter, or for one address alone.
WORDS: dict[str, Any] = {"mode": "team", "rule_id": "AP-11", "kind": "pregnancy"}
WORDS_OF: dict[str, dict[str, Any]] = {"doctor:hits": {"kind": "dx"}}
# Here whoever is signed in is not who acts (a machine does), so that a refusal is nobody's.
NOBODYS = ("kiosk:", "payments:callback", "patient:claim_without_gate", "api:", "partner:")
# What is sent where an empty form would be nothing to refuse.
_NOTE = {"note_sent": "1", "complaint": "咽痛"}
SENT: dict[str, dict[str, str]] = {
    "doctor:draft": _NOTE,
    "doctor:save": _NOTE,
    "doctor:sign": _NOTE,
    "doctor:leave": _NOTE | {"to": "room"},
    "doctor:flag": {"answer": "none"},
    "doctor:find": _NOTE | {"dx": "高血压"},
    "doctor:choose_drug": _NOTE,
    "doctor:ask_revoke": _NOTE,
}
